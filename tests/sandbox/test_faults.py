"""Troubles of AWS, switched on and off while it runs."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from sandbox.aws import SandboxAws
from sandbox.faults import FaultSettings
from sandbox.sts.enforcing import ANOTHER_ACCOUNT
from tests.sandbox_callers import (
    DENIED,
    NAME,
    RIGHT,
    ROLE_ARN,
    TENANT,
    WRONG,
    Tenant,
    Vendor,
    client,
    control,
    eventually,
    refusal,
)

pytestmark = pytest.mark.clocked


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("throttle", (400, "Throttling")),
        ("error_500", (500, "InternalFailure")),
        ("expired_token", (403, "ExpiredToken")),
        ("region_disabled", (403, "RegionDisabledException")),
        ("unknown_token", (403, "InvalidClientTokenId")),
        ("request_invalid", (400, "ValidationError")),
        ("unheard_of", (400, "SandboxNovelty")),
    ],
)
def test_a_fault_lasts_for_as_many_calls_as_asked(
    aws: SandboxAws, vendor: Vendor, fault: str, answer: tuple[int, str]
) -> None:
    control(aws, "faults", method="POST", body={fault: True, "calls": 2})

    assert [vendor.refusal()[:2] for _ in range(3)] == [answer, answer, DENIED[:2]]


def test_a_slow_sts_answers_late(aws: SandboxAws, vendor: Vendor) -> None:
    control(aws, "faults", method="POST", body={"slow_seconds": 0.3})
    begun = time.monotonic()

    assert vendor.refusal() == DENIED
    assert time.monotonic() - begun >= 0.3


def test_a_hanging_sts_keeps_nobody_else_waiting(aws: SandboxAws, tenant: Tenant) -> None:
    control(aws, "faults", method="POST", body={"hang": True})
    hung = Vendor(aws, read_timeout=20)
    answers: list[tuple[int, str, str]] = []
    waiting = [threading.Thread(target=lambda: answers.append(hung.refusal())) for _ in range(40)]
    for thread in waiting:
        thread.start()
    eventually(lambda: aws.faults.hanging >= 10)  # boto3 itself opens ten connections at a time

    begun = time.monotonic()
    tenant.create()
    tenant.finish()
    assert tenant.has_role()
    assert time.monotonic() - begun < 3
    assert not answers

    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: not tenant.has_role())
    control(aws, "faults", method="DELETE")
    for thread in waiting:
        thread.join(timeout=10)
    assert answers == [DENIED] * 40


def test_a_caller_that_gives_up_is_let_go(aws: SandboxAws) -> None:
    aws.faults.switch(FaultSettings(hang=True))
    with pytest.raises(ReadTimeoutError):
        Vendor(aws, read_timeout=0.3).assume()

    eventually(lambda: aws.faults.hanging == 0)


def test_a_role_may_be_gone_for_iam_while_sts_still_lets_us_in(aws: SandboxAws, tenant: Tenant, vendor: Vendor) -> None:
    tenant.create()
    tenant.finish()
    aws.faults.switch(FaultSettings(no_such_entity=True, services=("iam",)))
    iam = client("iam", vendor.assume(), aws)

    assert refusal(lambda: iam.get_role(RoleName=NAME))[:2] == (404, "NoSuchEntity")


def test_a_cut_line_gives_no_answer_at_all(aws: SandboxAws) -> None:
    aws.faults.switch(FaultSettings(cut=True, calls=1))
    with pytest.raises(ConnectionClosedError):
        Vendor(aws).assume()

    assert Vendor(aws).refusal() == DENIED


def test_a_misnamed_role_answers_as_another_accounts_and_no_other_role_does(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.create()
    tenant.finish()

    def account() -> str:
        asked = vendor.sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="worker", ExternalId=RIGHT)
        return str(asked["AssumedRoleUser"]["Arn"]).split(":")[4]

    control(aws, "faults", method="POST", body={"misnamed_role": f"{ROLE_ARN}-2"})
    assert account() == TENANT
    control(aws, "faults", method="POST", body={"misnamed_role": ROLE_ARN})
    assert account() == ANOTHER_ACCOUNT
    assert vendor.refusal(WRONG) == DENIED


@pytest.mark.parametrize(
    "body", [{"hangs": True}, {"hang": "yes"}, {"misnamed_role": 1}, {"calls": 0}, {"slow_seconds": -1}, []]
)
def test_a_fault_that_means_nothing_is_refused(aws: SandboxAws, body: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(aws, "faults", method="POST", body=body)

    assert caught.value.code == 400
    assert aws.faults.settings == FaultSettings()


def test_a_fault_of_one_action_leaves_the_others_alone(aws: SandboxAws, vendor: Vendor) -> None:
    control(aws, "faults", method="POST", body={"region_disabled": True, "action": "AssumeRole"})

    assert vendor.refusal()[:2] == (403, "RegionDisabledException")
    assert vendor.sts.get_caller_identity()["Account"]
