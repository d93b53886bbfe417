"""Troubles of AWS, switched on and off while it runs."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from sandbox.aws import SandboxAws
from sandbox.faults import FaultSettings
from tests.contract.sandbox_aws.callers import (
    DENIED,
    NAME,
    Tenant,
    Vendor,
    control,
    eventually,
)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("throttle", (400, "Throttling")),
        ("error_500", (500, "InternalFailure")),
        ("expired_token", (403, "ExpiredToken")),
        ("region_disabled", (403, "RegionDisabledException")),
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


@pytest.mark.parametrize("body", [{"hangs": True}, {"hang": "yes"}, {"calls": 0}, {"slow_seconds": -1}, []])
def test_a_fault_that_means_nothing_is_refused(aws: SandboxAws, body: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(aws, "faults", method="POST", body=body)

    assert caught.value.code == 400
    assert aws.faults.settings == FaultSettings()
