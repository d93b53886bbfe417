"""What follows from a round, with no store, no AWS and no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.hint import Hint
from onboarding.ground.status import Status
from onboarding.ground.wording import NOTHING
from onboarding.model import Connection
from onboarding.schedule import DOUBT_PAUSE, LOST_AFTER_ROUNDS, PROOF_PAUSE, TROUBLE_PAUSE
from onboarding.settling import Conclusion, Facts, Settled, settle
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, ROLE, a_connection, a_verification

AT = NOON + timedelta(minutes=1)
UNFINISHED = (CheckResult("stack_is_complete", Verdict.INCONCLUSIVE, NOTHING, "stack_in_progress"),)


def settled(before: Connection, conclusion: Conclusion, finding: str = "", **values: Any) -> Settled:
    works = EXTERNAL_ID if conclusion is Conclusion.PASSED else None
    facts = Facts(ROLE, values.pop("external_id", works), values.pop("results", ()), conclusion, finding, **values)
    return settle(before, facts, at=AT, jitter=0.5)


def test_a_proof_connects_binds_what_worked_and_is_repeated_in_a_day():
    before = a_connection(Status.WAITING, finding_code="not_answering", attempts=7)

    found = settled(before, Conclusion.PASSED)

    assert (found.kind, found.is_kept) == ("connection.connected", True)
    after = found.connection
    assert (after.status, after.role_arn, after.account_id) == (Status.CONNECTED, ROLE, ACCOUNT)
    assert (after.bound_external_id, after.finding_code, after.attempts) == (EXTERNAL_ID, None, 0)
    assert (after.role_seen_at, after.connected_at, after.check_at) == (AT, AT, AT + PROOF_PAUSE)


def test_a_proof_of_what_was_proved_is_kept_and_changes_no_date():
    found = settled(a_connection(Status.CONNECTED), Conclusion.PASSED)

    assert (found.kind, found.is_kept) == ("connection.verified", True)
    assert (found.connection.role_seen_at, found.connection.connected_at) == (NOON, NOON)


def test_a_proof_with_a_check_unanswered_is_repeated_soon_and_then_less_often():
    first = settled(a_connection(Status.WAITING), Conclusion.PASSED, results=UNFINISHED)
    last = a_verification(results=UNFINISHED, finished_at=AT - timedelta(minutes=10))
    later = settled(a_connection(Status.CONNECTED), Conclusion.PASSED, results=UNFINISHED, last=last)

    assert first.connection.check_at == AT + DOUBT_PAUSE
    assert later.connection.check_at == AT + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("status", "kind", "falls_to"),
    [
        (Status.WAITING, "connection.rejected", Status.REJECTED),
        (Status.REJECTED, "connection.checked", Status.REJECTED),
        (Status.CONNECTED, "connection.weakened", Status.DEGRADED),
        (Status.DEGRADED, "connection.checked", Status.DEGRADED),
    ],
)
def test_a_refusal_counts_at_once(status, kind, falls_to):
    found = settled(a_connection(status), Conclusion.REFUSED, "trust_is_loose", external_id=EXTERNAL_ID)

    assert (found.kind, found.is_kept) == (kind, True)
    assert (found.connection.status, found.connection.finding_code) == (falls_to, "trust_is_loose")


@pytest.mark.parametrize("conclusion", [Conclusion.NOT_YET, Conclusion.INCONCLUSIVE])
def test_what_nobody_can_see_the_difference_of_is_not_kept(conclusion):
    before = a_connection(Status.WAITING, finding_code="not_answering")

    found = settled(before, conclusion, "not_answering")

    assert not found.is_kept
    assert found.connection == replace(before, attempts=1, check_at=found.connection.check_at)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.DEGRADED])
def test_silence_does_not_take_a_refusal_back(status):
    before = a_connection(status, finding_code="trust_is_loose")

    assert settled(before, Conclusion.INCONCLUSIVE, "aws_throttled").connection.finding_code == "trust_is_loose"


def test_a_connected_role_is_lost_after_three_silent_rounds_and_not_sooner():
    for attempts in range(LOST_AFTER_ROUNDS):
        found = settled(a_connection(Status.CONNECTED, attempts=attempts), Conclusion.NOT_YET, "not_answering")
        is_lost = attempts == LOST_AFTER_ROUNDS - 1
        assert found.connection.status is (Status.DEGRADED if is_lost else Status.CONNECTED)
        assert found.connection.finding_code == ("role_lost" if is_lost else None)
        assert is_lost or found.connection.check_at == AT + DOUBT_PAUSE


def test_an_outage_is_not_counted_against_a_connected_role():
    found = settled(a_connection(Status.CONNECTED, attempts=2), Conclusion.INCONCLUSIVE, "aws_timed_out")

    assert (found.connection.status, found.connection.attempts) == (Status.CONNECTED, 2)


@pytest.mark.parametrize(
    ("finding", "seconds"), [("not_answering", 1), ("aws_throttled", TROUBLE_PAUSE.total_seconds())]
)
def test_while_somebody_watches_it_is_asked_again_at_once_unless_that_adds_to_the_trouble(finding, seconds):
    found = settled(a_connection(Status.WAITING, watched_at=AT), Conclusion.INCONCLUSIVE, finding)

    assert found.connection.check_at == AT + timedelta(seconds=seconds)


def test_what_aws_hints_at_is_kept_when_it_changes_and_not_again():
    waiting = a_connection(Status.WAITING, finding_code="not_answering")

    first = settled(waiting, Conclusion.NOT_YET, "not_answering", hint=Hint.TRUST)
    again = settled(first.connection, Conclusion.NOT_YET, "not_answering", hint=Hint.TRUST)
    bare = settled(first.connection, Conclusion.NOT_YET, "not_answering")

    assert (first.connection.refusal_hint, first.is_kept) == (Hint.TRUST, True)
    assert not again.is_kept
    assert (bare.connection.refusal_hint, bare.is_kept) == (None, True)


def test_nothing_is_said_of_a_connected_role_before_it_is_lost():
    doubted = settled(a_connection(Status.CONNECTED), Conclusion.NOT_YET, "not_answering", hint=Hint.ORGANIZATION)

    assert not doubted.is_kept
    assert doubted.connection.refusal_hint is None


def test_a_proof_ends_every_suspicion():
    suspected = a_connection(Status.WAITING, refusal_hint=Hint.ORGANIZATION, trust_fine_at=NOON, trust_shut_at=NOON)

    after = settled(suspected, Conclusion.PASSED).connection

    assert (after.refusal_hint, after.trust_fine_at, after.trust_shut_at) == (None, None, None)
