"""Who must act, by what AWS answers: every case that was collected, and what a sentence of AWS's can hint at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aws.answers import read_answer
from aws.hints import hint_in
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.hint import Hint

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "diagnosis.jsonl").read_text().splitlines()
]
ASKED = (
    "User: arn:aws:sts::999988887777:assumed-role/northwind-rolecall/i-1 is not authorized to perform: sts:AssumeRole "
    "on resource: arn:aws:iam::111122223333:role/northwind-7kq2m9xd"
)


# The cases of publishing name what must be repaired in place of who does it.
@pytest.mark.parametrize("case", [c for c in CASES if c["expected"]], ids=lambda case: case["name"])
def test_each_case_is_blamed_on_whom_aws_documents(case):
    code, who = read_answer(case["input"])

    assert who == case["expected"]
    assert code in CATALOGUE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case_has_a_finding(case):
    assert read_answer(case["input"])[0] in CATALOGUE


@pytest.mark.parametrize("raw", [None, [], "", 7, {}, {"Error": "AccessDenied"}, {"raised": 7}, {"Error": None}])
def test_what_is_no_answer_is_refused(raw):
    with pytest.raises(ValueError, match="An answer has"):
        read_answer(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"Error": {}},
        {"Error": {"Code": None, "Message": None}},
        {"Error": {"Code": ["x"], "Message": {"a": 1}}, "ResponseMetadata": {"HTTPStatusCode": "503"}},
        {"Error": {"Code": "x"}, "ResponseMetadata": 7},
        {"raised": "NoSuchThing"},
        {"raised": "logging"},
        {"raised": "__builtins__"},
    ],
)
def test_an_answer_that_nobody_knows_is_ours_to_look_into(raw):
    assert read_answer(raw) == ("aws_unknown_answer", "vendor")


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("", None),
        (" because no identity-based policy allows the sts:AssumeRole action", Hint.OURS),
        (" because no session policy allows the sts:AssumeRole action", Hint.OURS),
        (" because no permissions boundary allows the sts:AssumeRole action", Hint.OURS),
        (" because no service control policy allows the sts:AssumeRole action", Hint.OURS),
        (" because no VPC endpoint policy allows the sts:AssumeRole action", Hint.OURS),
        (" because no role trust policy allows the sts:AssumeRole action", Hint.TRUST),
        (" because no resource-based policy allows the sts:AssumeRole action", Hint.TRUST),
        (" because no resource control policy allows the sts:AssumeRole action", Hint.ORGANIZATION),
        (" with an explicit deny in an identity-based policy: arn:aws:iam::999988887777:policy/x", Hint.OURS),
        (" with an explicit deny in a permissions boundary", Hint.OURS),
        (" with an explicit deny in a VPC endpoint policy", Hint.OURS),
        (" with an explicit deny in a role trust policy", Hint.TRUST),
        (" with an explicit deny in a resource-based policy", Hint.TRUST),
        (" with an explicit deny in a resource control policy", Hint.ORGANIZATION),
        (" with an explicit deny in the resource-based policy", Hint.TRUST),
        (" with an explicit deny in the role trust policy", Hint.TRUST),
        (" due to an explicit deny in a service control policy", Hint.OURS),
        (" because of an explicit deny in the resource control policy", Hint.ORGANIZATION),
        ("-with-an-explicit-deny-in-the-trust-policy", None),
        (" with an explicit deny", None),
        (" with an explicit deny in a policy of a kind that is new", None),
        # A tenant chooses the role's name and path, which hold no blanks.
        ("-because-no-identity-based-policy-allows", None),
        (" " * 5_000 + " because no identity-based policy allows", None),
    ],
)
def test_a_hint_is_read_only_where_aws_gives_its_reason(reason, hint):
    assert hint_in(ASKED + reason) is hint


@pytest.mark.parametrize(
    "raw",
    [
        *(
            {"Error": {"Code": code, "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": status}}
            for code, status in (
                ("RequestTimeout", 400),
                ("RequestTimeoutException", 408),
                ("RequestAbortedException", 400),
                ("TransactionInProgressException", 400),
                ("ProvisionedThroughputExceededException", 400),
                ("429", 429),
                ("Surprise", 429),
                ("408", 408),
            )
        ),
        *(
            {"raised": name}
            for name in ("IncompleteReadError", "ResponseStreamingError", "FlexibleChecksumError", "ReadTimeoutError")
        ),
    ],
)
def test_what_passes_by_itself_is_nobodys(raw):
    assert read_answer(raw)[1] == "nobody"


@pytest.mark.parametrize("code", ["Throttling", "ExpiredToken", "Surprise"])
def test_only_a_refusal_has_a_hint(code):
    reason = " because no role trust policy allows the sts:AssumeRole action"

    assert read_answer({"Error": {"Code": code, "Message": ASKED + reason}})[1] != "tenant"
