"""Whatever answers in AWS's place, such as a proxy: nothing is kept longer than AWS makes it, and nothing raises."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.self_report import LONGEST_NAME, MOST_LISTED, MOST_POLICIES, read_role
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import judge
from tests.builders import EXTERNAL_ID, ROLE
from tests.deployed import a_policy, a_probe, a_stack, an_agreement

HUGE = "9" * 1_000_000
STACK = a_stack(ROLE)


class Reader:
    """aws.session_clients.Reader, with answers given by name of the call."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[str] = []
        usual = {
            "get_caller_identity": {"Account": HUGE, "Arn": f"arn:aws:sts::{HUGE}:assumed-role/{HUGE}/{HUGE}"},
            "get_role": {"Role": {"AssumeRolePolicyDocument": HUGE, "PermissionsBoundary": _boundary(HUGE)}},
            "list_role_policies": {"PolicyNames": [f"{n}{HUGE[:9_000]}" for n in range(1_000)]},
            "list_attached_role_policies": {"AttachedPolicies": [{"PolicyArn": HUGE[:9_000]}] * 1_000},
            "get_role_policy": {"PolicyDocument": a_policy(ROLE, EXTERNAL_ID, STACK)},
            "describe_stacks": {"Stacks": [_stack(HUGE)]},
        }
        self._answers = usual | answers
        self.sts = self.iam = SimpleNamespace(**{name: self._call(name) for name in usual})

    def cloudformation(self, region: str) -> Any:
        return self.iam

    def stack_regions(self, partition: str) -> frozenset[str]:
        return frozenset({"us-east-1"})

    def _call(self, name: str) -> Any:
        def call(**_: Any) -> Any:
            self.asked.append(name)
            if isinstance(self._answers[name], Exception):
                raise self._answers[name]
            return {**self._answers[name], "ResponseMetadata": {"RequestId": HUGE}}

        return call


def _boundary(arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryArn": arn}


def _stack(text: str) -> dict[str, Any]:
    outputs = [{"OutputKey": key, "OutputValue": text} for key in ("TemplateVersion", "RoleArn", *map(str, range(999)))]
    return {"StackId": text, "StackName": text, "StackStatus": text, "Outputs": outputs}


def test_what_is_kept_of_huge_answers_is_small_and_can_be_judged():
    reader = Reader()
    report = read_role(reader, ROLE)

    assert reader.asked.count("get_role_policy") == MOST_POLICIES
    assert len(report.inline_policies) <= MOST_LISTED
    assert len(report.attached_policies) == MOST_LISTED
    texts = [*report.inline_policies, *report.attached_policies, report.boundary_arn, *report.request_ids.values()]
    texts += [getattr(part, f.name) for part in (report.identity, report.stack) for f in fields(part)]
    assert max(map(len, texts)) <= LONGEST_NAME

    results = judge(_probe(report), an_agreement())
    assert len(json.dumps([[*map(str, r.evidence), r.sentence] for r in results])) < 200_000


@pytest.mark.parametrize("depth", [900, 100_000])
def test_nested_however_deeply_a_policy_raises_nothing(depth):
    nested: Any = {}
    for _ in range(depth):
        nested = {"a": nested}
    answers = {
        "get_role_policy": {"PolicyDocument": nested},
        "get_role": {"Role": {"AssumeRolePolicyDocument": nested}},
    }
    as_text = {"get_role": {"Role": {"AssumeRolePolicyDocument": '{"a":' * 10_000}}}

    for report in (read_role(Reader(**answers), ROLE), read_role(Reader(**as_text), ROLE)):
        assert judge(_probe(report), an_agreement())
    while nested:
        nested = nested.pop("a")


@pytest.mark.parametrize("error", [RecursionError(), ValueError("Invalid timestamp"), KeyError("x")], ids=repr)
def test_an_answer_that_boto3_cannot_read_is_a_fault_of_the_service(error):
    report = read_role(Reader(get_role=error), ROLE)

    assert report.outcomes["iam:GetRole"] is Outcome.SERVICE_ERROR


def test_of_an_error_only_its_code_is_kept_and_no_more_of_that_than_aws_has():
    error = ClientError({"Error": {"Code": HUGE, "Message": HUGE}, "ResponseMetadata": {"RequestId": HUGE}}, "GetRole")
    report = read_role(Reader(get_role=error), ROLE)

    assert len(report.raw_codes["iam:GetRole"]) + len(report.request_ids["iam:GetRole"]) < 300


def _probe(report: Any) -> Any:
    refused = dict.fromkeys((Asked.NONE, Asked.WRONG, Asked.WRONG_CASE), Outcome.REFUSED)
    probe = a_probe({Asked.RIGHT: Outcome.ASSUMED, **refused, Asked.RIGHT_AGAIN: Outcome.ASSUMED})
    return replace(probe, self_report=report)
