"""What public templates and bug reports really have: each trust policy is judged as AWS's documentation says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from config import PROJECT
from onboarding.ground.arn import parse_role_arn
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.judgement import TrustVerdict, judge_trust

CASES = [json.loads(line) for line in (PROJECT / "tests/cases/trust.jsonl").read_text("utf-8").splitlines()]
EXPECTED = ExpectedTrust.of(
    parse_role_arn("arn:aws:iam::999988887777:role/northwind-rolecall"),
    "northwind-7kq2m9xd-0123456789abcdef0123456789abcdef",
)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def judged(policy):
    return judge_trust(policy, EXPECTED, now=NOW)


def stating(name):
    """Return the cases that state this answer, with it. One that aws_takes_it leaves out is a policy that AWS takes."""
    return [
        pytest.param(case["input"], case["expected"][name], id=case["name"])
        for case in CASES
        if case["expected"][name] is not None
    ]


@pytest.mark.parametrize(("policy", "is_taken"), stating("aws_takes_it"))
def test_only_what_aws_refuses_to_store_is_said_to_be_refused(policy, is_taken):
    assert (judged(policy).verdict is not TrustVerdict.REFUSED_BY_AWS) is is_taken


@pytest.mark.parametrize(("policy", "lets_us_in"), stating("lets_us_in"))
def test_whether_it_lets_us_in(policy, lets_us_in):
    assert judged(policy).lets_us_in is lets_us_in


@pytest.mark.parametrize(("policy", "is_loose"), stating("loose"))
def test_whether_it_lets_in_anybody_else(policy, is_loose):
    found = judged(policy)

    assert found.is_loose is is_loose
    assert bool(found.witnesses) is is_loose


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case_has_the_verdict_that_its_answers_make(case):
    found = judged(case["input"])
    verdicts = [
        (TrustVerdict.REFUSED_BY_AWS, case["expected"]["aws_takes_it"] is False),
        (TrustVerdict.LOOSE, found.is_loose is True),
        (TrustVerdict.SHUT, found.lets_us_in is False),
        (TrustVerdict.DEPENDS, found.lets_us_in is None or found.is_loose is None),
        (TrustVerdict.EXACT, True),
    ]

    assert found.verdict is next(verdict for verdict, holds in verdicts if holds)
    assert found.sentences or found.verdict is TrustVerdict.EXACT


def test_a_policy_longer_than_aws_stores_is_one_that_it_refuses():
    statement = CASES[0]["input"]["Statement"][0]
    found = judged({"Version": "2012-10-17", "Statement": [{**statement, "Sid": "A" * 9_000}]})

    assert (found.verdict, found.lets_us_in, found.is_loose) == (TrustVerdict.REFUSED_BY_AWS, False, False)


def test_what_aws_would_not_take_is_said_with_its_statement():
    [case] = [case["input"] for case in CASES if case["name"] == "duplicate-sid"]

    assert judged(case).sentences == (
        "Statement 1: Two statements have the Sid “A”; AWS would not take this policy.",
        "Statement 2: Two statements have the Sid “A”; AWS would not take this policy.",
    )
