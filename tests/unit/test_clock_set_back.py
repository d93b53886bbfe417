"""A clock that is set back leaves times in the future. Nothing waits for them, and the next round puts them right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.check_result import Verdict
from onboarding.ground.status import Status
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import judge
from onboarding.questioning import LONGEST_QUESTIONING, probe_role
from onboarding.schedule import CLOCKS_DIFFER_BY, WATCHING_ENDS_AFTER, is_touched, is_watched, is_worker_alive
from tests.builders import EXTERNAL_ID, NOON, ROLE, ROLE_ARN, an_event
from tests.deployed import a_probe, a_self_report, an_agreement

HOUR = timedelta(hours=1)
YEARS = timedelta(days=2_000)


@pytest.mark.parametrize("is_so", [is_watched, is_touched, is_worker_alive])
def test_what_was_noted_in_the_future_does_not_count_and_a_small_difference_of_clocks_does(is_so):
    assert is_so(NOON, now=NOON)
    assert is_so(NOON + CLOCKS_DIFFER_BY, now=NOON)
    assert not is_so(NOON + HOUR, now=NOON)
    assert not is_so(NOON - HOUR, now=NOON)
    assert not is_so(None, now=NOON)


def test_a_look_is_noted_again_at_once(onboarding, stored, store, clock):
    connection = stored(Status.WAITING, watched_at=NOON + HOUR)
    onboarding.look(connection)

    assert store.get_connection(connection.id).watched_at == clock.now()


@pytest.mark.parametrize("by", [HOUR, YEARS], ids=str)
@pytest.mark.parametrize("status", [Status.WAITING, Status.REJECTED, Status.CONNECTED, Status.DEGRADED])
def test_one_round_puts_the_times_right_that_pauses_are_counted_from(verifier, stored, store, status, by):
    times = dict.fromkeys(("waiting_since", "updated_at", "role_seen_at"), NOON + by)
    connection = stored(status, check_at=NOON + by, watched_at=NOON + by, **times)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event())

    verifier.verify(connection)

    after = store.get_connection(connection.id)
    assert {name: getattr(after, name) for name in times} == dict.fromkeys(times, NOON)
    assert NOON < after.check_at <= NOON + timedelta(minutes=1)


def test_a_wait_that_began_in_the_future_ends_all_the_same(verifier, stored, store, clock):
    connection = stored(Status.WAITING, waiting_since=NOON + YEARS)
    verifier.verify(connection)
    clock.forward(days=WATCHING_ENDS_AFTER.days)

    assert verifier.verify(store.get_connection(connection.id)).status is Status.EXPIRED


def test_a_wait_for_nothing_yet_is_put_off_to_a_time_that_comes(verifier, stored, store):
    connection = stored(Status.WAITING, waiting_since=NOON + YEARS, claimed_role_arn=None, check_at=NOON + YEARS)
    verifier.verify(connection)

    assert store.get_connection(connection.id).check_at == NOON + WATCHING_ENDS_AFTER


def test_a_role_seen_in_the_future_is_not_new_for_that_long():
    refused = dict.fromkeys((Asked.NONE, Asked.WRONG, Asked.WRONG_CASE), Outcome.REFUSED)
    probe = a_probe({Asked.RIGHT: Outcome.ASSUMED, **refused, Asked.RIGHT_AGAIN: Outcome.ASSUMED})
    unread = a_self_report(ROLE, EXTERNAL_ID, trust_policy=None, outcomes={"iam:GetRole": Outcome.REFUSED})

    def trust_seen(at):
        results = judge(replace(probe, self_report=unread, role_seen_at=at), an_agreement())
        return next(r for r in results if r.check == "trust_is_exact")

    assert trust_seen(NOON).verdict is Verdict.INCONCLUSIVE
    assert (trust_seen(NOON + HOUR).verdict, trust_seen(NOON + HOUR).finding_code) == (
        Verdict.FAILED,
        "reading_is_forbidden",
    )


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_in_the_middle_of_a_round_does_not_end_the_round(aws, clock, hours):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.before_answering = lambda call: clock.set(hours=hours)

    last = probed(aws, clock).answers[-1]
    assert (last.asked, last.outcome) == (Asked.RIGHT_AGAIN, Outcome.ASSUMED)


def test_a_clock_that_is_set_back_all_the_time_makes_no_round_longer(aws, clock):
    def answer_slowly(call):
        clock.forward(seconds=5)
        clock.set(seconds=-5)

    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.before_answering = answer_slowly
    began = clock.elapsed()

    assert probed(aws, clock).answers[-1].outcome is Outcome.TIMED_OUT
    assert clock.elapsed() - began == LONGEST_QUESTIONING


def probed(aws, clock):
    """Question the usual role."""
    trusted = an_agreement().trusted_principal
    return probe_role(aws, clock, role_arn=ROLE, trusted=trusted, candidates=[EXTERNAL_ID], session_name="x")
