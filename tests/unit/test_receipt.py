"""The receipt: what it says of a connection that has ended, and of which it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.status import Status
from onboarding.ground.wording import say
from onboarding.receipt import has_receipt, receipt_of
from tests.builders import EXTERNAL_ID, NOON, ROLE, a_connection, a_verification

EVIDENCE = (say("Asked with your external ID: refused."),)
REFUSED = CheckResult(
    "role_is_assumable", Verdict.FAILED, say("No."), "not_answering", EVIDENCE, raw_codes=("AccessDenied",)
)
ANSWERED = CheckResult("role_is_assumable", Verdict.PASSED, say("Yes."))
DELETED = {"stack_deleted_at": NOON + timedelta(hours=1)}


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.DISCONNECTED])
def test_without_an_end_there_is_no_receipt(status):
    assert receipt_of(a_connection(status), a_verification()) is None


def test_a_connection_that_never_was_has_no_receipt():
    assert not has_receipt(a_connection(Status.DISCONNECTED, connected_at=None))


def test_a_deleted_stack_whose_role_aws_refuses_is_proved_gone():
    lost = a_connection(Status.DEGRADED, finding_code="role_lost", **DELETED)

    receipt = receipt_of(lost, a_verification("not_yet", results=(REFUSED,)))

    assert (receipt.account_id, receipt.role_arn, receipt.external_id) == (ROLE.account_id, ROLE, EXTERNAL_ID)
    assert receipt.deleted_at == NOON + timedelta(hours=1)
    assert receipt.refused_at == a_verification().finished_at
    assert (receipt.evidence, receipt.raw_codes) == (EVIDENCE, ("AccessDenied",))
    assert not receipt.is_void


def test_before_aws_has_refused_the_role_nothing_is_called_proved():
    deleted = a_connection(Status.CONNECTED, **DELETED)

    receipt = receipt_of(deleted, a_verification(results=(ANSWERED,)))

    assert (receipt.refused_at, receipt.evidence, receipt.raw_codes) == (None, (), ())


def test_it_stays_after_the_connection_has_ended_and_says_that_the_external_id_is_void():
    gone = a_connection(Status.DISCONNECTED, connected_at=NOON, **DELETED)

    receipt = receipt_of(gone, a_verification("not_yet", results=(REFUSED,)))

    assert (receipt.role_arn, receipt.is_void) == (ROLE, True)
    assert receipt.refused_at is not None


def test_a_role_that_was_lost_without_a_word_from_its_stack_has_one_too():
    receipt = receipt_of(a_connection(Status.DEGRADED, finding_code="role_lost"), None)

    assert (receipt.deleted_at, receipt.refused_at) == (None, None)
