"""What a role told of itself, case by case: the finding that follows, and the words that a tenant reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.self_report import read_role
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.diagnosis.diagnosis import Who
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import judge
from onboarding.proof.self_report import SelfReport
from tests.builders import EXTERNAL_ID, ROLE
from tests.contract.test_bounds_of_answers import Reader
from tests.deployed import QUESTIONS, a_policy, a_probe, a_self_report, a_stack, an_agreement

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "reading.jsonl").read_text().splitlines()]
# The case, the check that it is about, its finding (none: passed), and words of the result or its diagnosis.
EXPECTED = {
    "getrole-denied-by-scp": ("trust_is_exact", "reading_is_forbidden", "again would not help"),
    "describestacks-invalidclienttokenid": ("stack_is_complete", "stack_region_off", "turned off in your"),
    "import-rollback-complete": ("stack_is_complete", "", "is complete"),
    "other-stack-named-in-extra-policy": ("stack_is_complete", "", f"The stack {ROLE.name} is complete"),
}
FORBIDDEN = {
    "trust_policy": None,
    "outcomes": {**dict.fromkeys(QUESTIONS, Outcome.ASSUMED), "iam:GetRole": Outcome.REFUSED},
}
SURE = timedelta(minutes=10)


def results_of(report: SelfReport) -> dict[str, CheckResult]:
    """Judge a role that told this of itself, ten minutes after it first answered."""
    refused = dict.fromkeys((Asked.NONE, Asked.WRONG, Asked.WRONG_CASE), Outcome.REFUSED)
    probe = a_probe({Asked.RIGHT: Outcome.ASSUMED, **refused, Asked.RIGHT_AGAIN: Outcome.ASSUMED})
    probe = replace(probe, self_report=report, role_seen_at=probe.started_at - SURE)
    return {result.check: result for result in judge(probe, an_agreement())}


def told(case: dict[str, Any]) -> SelfReport:
    """What the role of the case told: as published, but for what the case says."""
    said = case["input"]
    if said.get("stack", {}) and said["stack"]["stack"] != ROLE.name:
        return read_with_extra_policy(said["stack"]["stack"])
    values: dict[str, Any] = {name: None for name in ("trust_policy", "stack") if name in said}
    if said.get("stack"):
        values["stack"] = a_stack(ROLE, status=said["stack"]["status"])
    if "outcomes" in said:
        values["outcomes"] = {question: Outcome(outcome) for question, outcome in said["outcomes"].items()}
    return a_self_report(ROLE, EXTERNAL_ID, **values)


def read_with_extra_policy(stack_name: str, **statement: Any) -> SelfReport:
    """Read a role that has a policy about another stack too, which AWS lists first."""
    own = a_stack(ROLE)
    other = replace(own, stack_id=own.stack_id.replace(f"stack/{own.name}/", f"stack/{stack_name}/"), name=stack_name)
    extra = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": other.stack_id, **statement}
    policies = {"a": {"Statement": extra}, "read-only": a_policy(ROLE, EXTERNAL_ID, own)}
    stacks = {
        s.stack_id: {"StackId": s.stack_id, "StackName": s.name, "StackStatus": s.status, "Outputs": outputs}
        for s, outputs in ((own, [{"OutputKey": "RoleArn", "OutputValue": str(ROLE)}]), (other, []))
    }
    reader = Reader(list_role_policies={"PolicyNames": list(policies)})
    reader.iam.get_role_policy = lambda RoleName, PolicyName: {"PolicyDocument": policies[PolicyName]}  # noqa: N803
    reader.iam.describe_stacks = lambda StackName: {"Stacks": [stacks[StackName]]}  # noqa: N803
    return read_role(reader, ROLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_a_role_told_comes_to_the_finding_that_aws_documents(case):
    check, finding, words = EXPECTED[case["name"]]

    result = results_of(told(case))[check]

    assert (result.finding_code, result.verdict) == (finding, Verdict.FAILED if finding else Verdict.PASSED)
    found = CATALOGUE.get(result.finding_code)
    assert words in " ".join([str(result.sentence), *(map(str, (found.tenant, found.remedy)) if found else ())])
    assert found is None or found.who is Who.TENANT


def test_every_case_is_expected():
    assert [case["name"] for case in CASES] == list(EXPECTED)


def test_a_role_whose_own_policy_no_longer_lets_it_read_itself_is_made_again():
    report = a_self_report(ROLE, EXTERNAL_ID, **FORBIDDEN)
    policy = report.inline_policies["read-only"]
    less = [s for s in policy["Statement"] if s["Sid"] != "OwnRole"]
    deny = [*policy["Statement"], {"Effect": "Deny", "Action": "iam:Get*", "Resource": "*"}]

    for statements in (less, deny):
        changed = replace(report, inline_policies={"read-only": {**policy, "Statement": statements}})
        assert results_of(changed)["trust_is_exact"].finding_code == "role_cannot_be_read"


def test_a_stack_alone_that_cannot_be_read_leaves_trust_and_permissions_as_they_were_read():
    outcomes = {**dict.fromkeys(QUESTIONS, Outcome.ASSUMED), "cloudformation:DescribeStacks": Outcome.REFUSED}

    results = results_of(a_self_report(ROLE, EXTERNAL_ID, stack=None, outcomes=outcomes))

    assert {check for check, result in results.items() if result.verdict is not Verdict.PASSED} == {
        "stack_is_complete",
        "template_is_current",
    }
    assert {r.finding_code for r in results.values()} == {"", "stack_cannot_be_read"}


def test_our_own_credentials_are_blamed_where_every_region_refuses_the_session():
    outcomes = dict.fromkeys(QUESTIONS, Outcome.VENDOR_INVALID)

    results = results_of(a_self_report(ROLE, EXTERNAL_ID, stack=None, outcomes=outcomes))

    assert results["stack_is_complete"].finding_code == "vendor_credentials_invalid"


@pytest.mark.parametrize("statement", [{"Sid": "OwnStack", "Effect": "Deny"}, {"Sid": "Stacks"}], ids=str)
def test_only_what_the_role_is_allowed_as_its_own_stack_is_its_stack(statement):
    assert read_with_extra_policy("other", **statement).stack.name == ROLE.name


@pytest.mark.parametrize(
    ("reason", "finding", "words"),
    [
        ("because no permissions boundary allows the iam:GetRole action", "reading_is_forbidden", "boundary"),
        (
            "with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/x",
            "reading_is_forbidden",
            "boundary",
        ),
        ("with an explicit deny in a service control policy", "reading_is_forbidden", "service control policy"),
        ("with an explicit deny in a resource control policy", "reading_is_forbidden", "resource control policy"),
        (
            "because no identity-based policy allows the iam:GetRole action",
            "role_cannot_be_read",
            "although the template",
        ),
        ("with an explicit deny in an identity-based policy", "role_cannot_be_read", "although the template"),
        ("", "role_cannot_be_read", "although the template"),
        ("x" * 1_000_000, "role_cannot_be_read", "although the template"),
    ],
    ids=lambda text: text[:50],
)
def test_where_aws_names_the_policy_that_denied_everything_its_owner_is_named(reason, finding, words):
    message = f"User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: iam:GetRole {reason}"
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "GetRole")
    calls = ("get_role", "list_role_policies", "get_role_policy", "list_attached_role_policies")

    result = results_of(read_role(Reader(**dict.fromkeys(calls, denied)), ROLE))["trust_is_exact"]

    assert result.finding_code == finding
    assert words in result.sentence and "111122223333" not in result.sentence
