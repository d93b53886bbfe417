"""What public templates and bug reports really have: each trust policy is judged as AWS's documentation says."""

from __future__ import annotations

import json

import pytest

from config import PROJECT
from onboarding.policy.document import PolicyDocument, parse_policy
from onboarding.policy.grammar import refused_by_aws

CASES = [json.loads(line) for line in (PROJECT / "tests/cases/trust.jsonl").read_text("utf-8").splitlines()]


def stating(name):
    """Return the cases for which the answer is known."""
    return [pytest.param(case["input"], case["expected"][name], id=case["name"]) for case in CASES]


@pytest.mark.parametrize(("raw", "is_taken"), [case for case in stating("aws_takes_it") if case.values[1] is not None])
def test_only_what_aws_refuses_to_store_is_said_to_be_refused(raw, is_taken):
    policy = parse_policy(raw)

    assert isinstance(policy, PolicyDocument)
    assert (refused_by_aws(policy, is_trust=True) == ()) is is_taken
