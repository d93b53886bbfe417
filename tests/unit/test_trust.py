"""A trust policy lets in us alone, or it is shown who else gets in, or why we do not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onboarding.stack_template.functions import resolve
from onboarding.stack_template.template import bake
from onboarding.stack_template.yaml_text import read_yaml
from onboarding.trust.expected import corrected_policy, corrected_text
from onboarding.trust.judgement import TrustVerdict, judge_trust
from onboarding.trust.slips import how_it_differs
from tests.builders import EXTERNAL_ID, NOON, VENDOR_ACCOUNT
from tests.unit.trust_policies import (
    EXACT,
    EXPECTED,
    JUDGED,
    LOOSE,
    OTHER_ID,
    ROLE,
    SHUT,
    STRANGER,
    aws,
    deny,
    ours,
    policy,
    told,
    with_id,
)

NAMES = [row[0] for row in JUDGED]
TEMPLATE = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()


def judged(document, expected=EXPECTED, **how):
    return judge_trust(document, expected, now=NOON, **how)


@pytest.mark.parametrize("document", [p for _, p in EXACT], ids=[name for name, _ in EXACT])
def test_what_says_the_same_is_exact_and_there_is_nothing_to_say_of_it(document):
    for found in (judged(document), judged(json.dumps(document))):
        assert (found.verdict, found.lets_us_in, found.is_loose) == (TrustVerdict.EXACT, True, False)
        assert found.findings == found.witnesses == ()


@pytest.mark.parametrize(("statements", "verdict", "codes", "who"), [row[1:] for row in JUDGED], ids=NAMES)
def test_a_policy_is_judged_whole_and_shows_who_else_gets_in(statements, verdict, codes, who):
    found = judged(policy(*statements))

    assert found.verdict == verdict
    assert {(f.code, f.severity) for f in found.findings} == set(codes.items())
    assert [told(w) for w in found.witnesses[:1]] == ([who] if who else [])
    assert all(f.sentence.endswith((".", "?")) for f in found.findings)
    assert not any(re.search(r"\{\w+\}", f.sentence) for f in found.findings), "something was not filled in"
    assert not any(" on ." in f.sentence for f in found.findings), "it hangs on something"


@pytest.mark.parametrize(("statements", "verdict"), [row[1:3] for row in JUDGED], ids=NAMES)
def test_the_verdict_follows_from_whether_we_get_in_and_whether_others_do(statements, verdict):
    found = judged(policy(*statements))

    assert found.is_loose is bool(found.witnesses)
    assert verdict == "refused_by_aws" or verdict == (
        "loose" if found.is_loose else {True: "exact", False: "shut", None: "depends"}[found.lets_us_in]
    )
    assert found.lets_us_in is True or any(f.severity is SHUT for f in found.findings), "why not, or why perhaps"


@pytest.mark.parametrize("statements", [row[1] for row in JUDGED], ids=NAMES)
def test_the_path_of_a_finding_leads_into_the_policy(statements):
    document = policy(*statements)

    for finding in judged(document).findings:
        at: Any = document
        for step in finding.path[:-1]:
            at = at[step]
        missing = finding.path[-1:] == ("Principal",) or at == "*"
        assert not finding.path or missing or at[finding.path[-1]] is not None


@pytest.mark.parametrize("document", ["", "{", None, [], {}, {"Statement": ["x"]}, "x" * 100_000])
def test_of_what_cannot_be_read_nobody_can_say_whom_it_lets_in(document):
    found = judged(document)

    assert (found.verdict, found.lets_us_in, found.is_loose) == (TrustVerdict.UNREADABLE, None, None)
    assert [(f.code, f.severity) for f in found.findings] == [("unreadable", LOOSE)]


def test_a_policy_that_aws_would_not_take_lets_in_nobody():
    odd = {"Version": "2012-10-17", "statement": ours()}

    found = judged(odd)

    assert (found.verdict, found.lets_us_in, found.is_loose) == (TrustVerdict.REFUSED_BY_AWS, False, False)


def test_a_policy_that_aws_has_is_never_fine_if_we_thought_that_aws_would_not_take_it():
    tight, wide = ({**ours(**changed), "Conditions": {}} for changed in ({}, {"Condition": None}))

    assert judged(policy(tight), is_stored=True).verdict is TrustVerdict.REFUSED_BY_AWS
    assert judged(policy(wide), is_stored=True).verdict is TrustVerdict.LOOSE


def test_a_trusted_principal_with_a_wildcard_in_its_name_is_never_taken_for_one_role():
    wide = replace(EXPECTED, principal_arn=f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-*")

    assert judged(corrected_policy(wide), wide).verdict is not TrustVerdict.EXACT


def test_a_finding_says_where_it_stands_what_stands_there_and_what_is_needed():
    found = judged(policy(with_id("StringEquals", OTHER_ID))).findings[0]

    assert found.path == ("Statement", 0, "Condition", "StringEquals", "sts:ExternalId")
    assert (found.found, found.needed) == (OTHER_ID, EXTERNAL_ID)
    assert found.statement == 1


def test_the_third_statement_is_called_the_third():
    found = judged(policy(ours(), deny(Principal=aws(STRANGER)), ours(Sid="Odd", Condition=None)))

    assert {f.statement for f in found.findings if f.severity is LOOSE} == {3}
    assert found.sentences == ("Another role of our account gets in without an external ID, by statement 3.",)


def test_thousands_of_findings_are_cut_to_a_page_without_losing_the_worst():
    crowd = [f"{n:012}" for n in range(500)]

    found = judged(policy(ours(Principal=aws("AROAEXAMPLEEXAMPLEEX", *crowd))))

    assert len(found.findings) <= 40
    assert found.verdict is TrustVerdict.SHUT


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_the_corrected_policy_is_what_the_template_makes(partition):
    expected = replace(EXPECTED, partition=partition, principal_arn=ROLE.replace("arn:aws:", f"arn:{partition}:"))
    document = read_yaml(bake(TEMPLATE, account_id=VENDOR_ACCOUNT, principal="role/northwind-rolecall"))
    made = resolve(
        document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"],
        names={"AWS::Partition": partition, "ExternalId": EXTERNAL_ID},
        mappings=document["Mappings"],
    )

    assert corrected_policy(expected) == made
    assert judged(corrected_text(expected), expected).verdict is TrustVerdict.EXACT


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda text: f"{text}\n", "There is a blank before or after it."),
        (lambda text: text[:4] + "\u00a0" + text[4:], "There is a blank or an invisible character in it."),
        (str.upper, "Capital and small letters differ."),
        (lambda text: text[:-2], "It is cut short."),
        (lambda text: f"{text}x", "It has something added at its end."),
        (lambda text: text.replace("7kq", "7kg"), "Look at character 13: “g” stands there instead of “q”."),
        (lambda text: text.replace("wind", "wid"), "Look at character 8: there, something is missing."),
        (lambda text: text.replace("wind", "winnd"), "Look at character 9: there, something is too many."),
        (lambda text: OTHER_ID, ""),
        (lambda text: "", ""),
    ],
)  # fmt: skip
def test_a_slip_is_told_from_another_text(change: Callable[[str], str], hint):
    assert how_it_differs(change(EXTERNAL_ID), EXTERNAL_ID) == hint
