"""The vendor's side of the callback, as the product installs it, takes what tenants' stacks report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aws import callback_stack
from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws
from tests.commands.operator import Operator
from tests.sandbox.callback_callers import NAME, REGION, TOPIC_ARN, CallbackVendor, with_callback
from tests.sandbox_callers import TEMPLATE, Tenant, eventually

BY_HAND = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:*"}]}


@pytest.fixture
def run(aws: SandboxAws, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """The vendor at the command line, where boto3 finds the sandbox."""
    for name, value in {**aws.vendor_credentials(), "AWS_ENDPOINT_URL": aws.url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(callback_stack, "PAUSE_SECONDS", 0.05)
    return Operator({"ROLECALL_TRUSTED_PRINCIPAL_ARN": VENDOR_ROLE_ARN, "ROLECALL_PREFIX": "northwind"})


@pytest.fixture
def installed(run: Operator, aws: SandboxAws) -> Iterator[tuple[CallbackVendor, str]]:
    printed = run("callback", "install", "--region", REGION).stdout
    vendor = CallbackVendor(aws)
    yield vendor, printed
    vendor.delete_stacks(Tenant(aws))
    vendor.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: vendor.sqs.list_queues().get("QueueUrls") is None)


def findings(run: Operator, *, code: int = 0) -> dict[str, dict[str, Any]]:
    printed = run("callback", "status", "--region", REGION, "--json", code=code).stdout
    return {found["name"]: found for found in json.loads(printed)}


def test_each_step_is_told_and_what_was_made_is_found_as_wanted(
    run: Operator, installed: tuple[CallbackVendor, str]
) -> None:
    lines = installed[1].splitlines()

    assert f"{NAME}: CREATE_COMPLETE" in lines and "Subscription: CREATE_COMPLETE" in lines
    assert [found["is_ok"] for found in findings(run).values()] == [True] * 6


def test_installing_again_changes_nothing(run: Operator, installed: tuple[CallbackVendor, str]) -> None:
    assert "Already installed" in run("callback", "install", "--region", REGION).stdout


def test_what_a_tenants_stack_reports_arrives_and_is_answered(
    run: Operator, installed: tuple[CallbackVendor, str], tenant: Tenant
) -> None:
    vendor = installed[0]
    tenant.create(TemplateBody=with_callback(TEMPLATE))

    event = vendor.event()

    assert (event["RequestType"], event["ServiceToken"]) == ("Create", TOPIC_ARN)
    assert vendor.answer(event) == 200
    tenant.finish()


def test_a_policy_that_was_changed_by_hand_is_named(run: Operator, installed: tuple[CallbackVendor, str]) -> None:
    vendor = installed[0]
    vendor.sns.set_topic_attributes(TopicArn=TOPIC_ARN, AttributeName="Policy", AttributeValue=json.dumps(BY_HAND))

    assert "policy" in findings(run, code=1)["topic"]["sentence"]
