"""A stack that reports its own deletion: the role is asked at once, and what AWS answers counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor
from onboarding.proof.answer import Asked, Outcome
from tests.builders import EXTERNAL_ID, NOON, OTHER_ACCOUNT, ROLE, ROLE_ARN, STACK, an_event
from tests.deployed import a_self_report, a_stack
from tests.stack_events import said

MINUTE = timedelta(minutes=1)
NEW_STACK = replace(STACK, unique="made-again")


@pytest.fixture
def proved(verifier, aws, connected):
    """Connected since NOON; the role says that STACK made it."""
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(STACK))))
    return verifier.verify(connected)


@pytest.fixture
def deleted(store, proved, clock):
    """The receiver has noted, ten hours later, that the stack was deleted."""
    clock.forward(hours=10)

    noted = replace(proved, stack_deleted_at=clock.now(), check_at=clock.now())
    return store.commit(proved, noted, an_event("stack.ended", actor=Actor.STACK))


@pytest.fixture
def round_(verifier, store, clock, proved):
    """Turn the clock to the next check and do it, as the worker does; returns the connection as it then is."""

    def do():
        clock.at = max(clock.at, store.get_connection(proved.id).check_at)
        verifier.verify(store.claim_due(now=clock.now(), lease=MINUTE))
        return store.get_connection(proved.id)

    return do


def test_the_stack_that_the_role_names_is_known_from_its_proof_on(proved):
    assert proved.stack_id == STACK


def test_a_role_that_goes_while_it_is_asked_is_asked_again_within_seconds(deleted, round_, aws, clock):
    """The round itself is in doubt; elsewhere that means a minute."""
    aws.disappears_before(Asked.RIGHT_AGAIN)

    doubted = round_()
    assert doubted.status is Status.CONNECTED
    assert doubted.check_at - clock.now() <= timedelta(seconds=2)

    after = round_()
    assert (after.status, after.finding_code) == (Status.DEGRADED, "role_lost")


def test_a_role_that_aws_refuses_is_lost_at_once(deleted, round_, aws, store):
    aws.is_gone(ROLE_ARN)

    after = round_()

    assert (after.status, after.finding_code) == (Status.DEGRADED, "role_lost")
    kept = store.last_verification(after.id)
    assert kept.conclusion == "not_yet"
    assert store.events(after.id)[-1].kind == "connection.weakened"


def test_a_role_that_still_answers_is_asked_again_within_seconds_and_then_each_minute(deleted, round_, clock):
    pauses = []
    while (after := round_()).stack_deleted_at:
        pauses.append((after.check_at - clock.now()).total_seconds())

    assert pauses == [2, 2, 4, 8, 16, 32, *[60] * 9]
    assert (after.status, after.stack_deleted_at, after.check_at - clock.now()) == (
        Status.CONNECTED,
        None,
        timedelta(days=1),
    )


def test_a_role_that_goes_some_seconds_later_is_lost_then(deleted, round_, aws):
    round_()
    aws.is_gone(ROLE_ARN)

    assert round_().finding_code == "role_lost"


def test_a_role_that_goes_minutes_after_a_deletion_is_lost_within_a_minute(deleted, round_, aws, clock):
    """As where a forged deletion, or one of an update, came before that of the stack: only the first one is noted."""
    while clock.now() - deleted.stack_deleted_at < 5 * MINUTE:
        round_()
    aws.is_gone(ROLE_ARN)
    gone_at = clock.now()

    assert round_().finding_code == "role_lost"
    assert clock.now() - gone_at <= MINUTE


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.TIMED_OUT, Outcome.VENDOR_EXPIRED])
def test_only_a_refusal_counts(deleted, round_, aws, outcome):
    aws.answers(outcome)

    after = round_()

    assert (after.status, after.stack_deleted_at) == (Status.CONNECTED, deleted.stack_deleted_at)


def test_a_new_stack_connects_the_account_again(deleted, round_, aws, clock):
    aws.is_gone(ROLE_ARN)
    round_()
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(NEW_STACK))))

    after = round_()

    assert (after.status, after.stack_id, after.stack_deleted_at) == (Status.CONNECTED, NEW_STACK, None)
    assert (after.role_arn, after.bound_external_id) == (ROLE, EXTERNAL_ID)


def test_without_a_new_stack_the_connection_ends_after_a_day_with_a_last_refusal_as_its_receipt(
    deleted, round_, aws, store, clock
):
    aws.is_gone(ROLE_ARN)
    while (after := round_()).status is Status.DEGRADED:
        assert clock.now() < deleted.stack_deleted_at + timedelta(hours=26)

    assert after.status is Status.DISCONNECTED
    assert clock.now() >= deleted.stack_deleted_at + timedelta(hours=24)
    assert (after.role_arn, after.finding_code, after.check_at) == (None, "role_lost", None)
    assert store.last_verification(after.id).finished_at == clock.now()
    [*_, event] = store.events(after.id)
    assert (event.kind, event.actor) == ("connection.removed", Actor.WORKER)


def test_a_new_stack_that_begins_in_the_last_minute_of_the_day_still_connects(
    deleted, round_, aws, clock, hears, store
):
    aws.is_gone(ROLE_ARN)
    round_()
    clock.at = deleted.stack_deleted_at + timedelta(hours=23, minutes=59)
    hears("Create", stack_id=NEW_STACK)
    while clock.now() < deleted.stack_deleted_at + timedelta(hours=24, minutes=2):
        after = round_()
        assert after.status is Status.DEGRADED
        assert after.check_at - clock.now() <= timedelta(seconds=20), "the new role is awaited as any new one is"
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(NEW_STACK))))

    after = round_()

    assert (after.status, after.stack_id, after.stack_deleted_at) == (Status.CONNECTED, NEW_STACK, None)


def test_a_new_stack_that_comes_to_nothing_puts_the_end_off_by_an_hour(deleted, round_, aws, clock, hears):
    aws.is_gone(ROLE_ARN)
    round_()
    clock.at = deleted.stack_deleted_at + timedelta(hours=23, minutes=59)
    hears("Create", stack_id=NEW_STACK)
    for number in range(5):
        hears("Update", stack_id=NEW_STACK, request_id=f"r-{number}")

    while round_().status is Status.DEGRADED:
        assert clock.now() < deleted.stack_deleted_at + timedelta(hours=26)

    assert clock.now() >= deleted.stack_deleted_at + timedelta(hours=24, minutes=59)


def test_a_new_stack_is_not_refused_while_the_role_of_the_deleted_one_still_answers(deleted, round_, hears, store):
    assert round_().status is Status.CONNECTED

    assert said(hears("Create", stack_id=NEW_STACK)) == ("SUCCESS", "")
    elsewhere = replace(NEW_STACK, account_id=OTHER_ACCOUNT)
    assert said(hears("Create", stack_id=elsewhere))[0] == "FAILED"


def test_an_outage_ends_no_connection(deleted, round_, aws, clock):
    aws.is_gone(ROLE_ARN)
    round_()
    clock.forward(hours=30)
    aws.answers(Outcome.UNREACHABLE)

    assert round_().status is Status.DEGRADED


@pytest.mark.parametrize("ends", ["is_gone", "accepts_anyone"])
def test_a_role_that_stays_wrong_is_asked_less_and_less_often(proved, round_, aws, clock, ends):
    clock.forward(days=1)
    getattr(aws, ends)(ROLE_ARN)
    while round_().status is Status.CONNECTED:
        pass
    since = clock.now()

    pauses = [round_().check_at - clock.now() for _ in range(200)]

    assert pauses[-1] >= timedelta(minutes=4)
    assert clock.now() - since > timedelta(hours=6)


def test_what_was_wrong_before_the_stack_was_deleted_no_longer_matters(deleted, round_, aws, store):
    aws.accepts_anyone(ROLE_ARN)
    assert round_().finding_code == "ignores_external_id_none"
    aws.is_gone(ROLE_ARN)

    assert round_().finding_code == "role_lost"
    assert store.last_verification(deleted.id).finished_at > NOON


def test_a_stack_that_is_rolled_back_while_its_role_is_asked_does_not_stay_connected(
    verifier, aws, stored, store, hears, clock
):
    connection = stored(Status.WAITING)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(STACK))))
    hears("Create")
    aws.before_answering = lambda _: hears("Delete", request_id="r-2") if len(aws.calls) >= 3 else None
    verifier.verify(store.claim(connection.id, now=clock.now(), lease=MINUTE))

    after = store.get_connection(connection.id)
    assert (after.status, after.stack_id, after.stack_deleted_at) == (Status.CONNECTED, STACK, clock.now())
    assert after.check_at - clock.now() == timedelta(seconds=2)

    aws.is_gone(ROLE_ARN)
    clock.at = after.check_at
    verifier.verify(store.claim_due(now=clock.now(), lease=MINUTE))
    assert store.get_connection(connection.id).finding_code == "role_lost"


def test_a_weakened_role_that_outlives_its_stack_is_not_held_to_be_deleted_for_ever(deleted, round_, aws, clock):
    aws.accepts_anyone(ROLE_ARN)
    while round_().stack_deleted_at:
        assert clock.now() < deleted.stack_deleted_at + timedelta(minutes=30)
    clock.forward(days=5)
    aws.is_gone(ROLE_ARN)
    for _ in range(5):
        assert round_().status is Status.DEGRADED, "the tenant has not deleted the stack now"


def test_a_role_that_outlives_the_stack_that_was_taken_for_its_own_is_of_an_unknown_one(deleted, round_, aws, hears):
    aws.reports(ROLE_ARN, replace(a_self_report(ROLE, EXTERNAL_ID), stack=None))
    while (after := round_()).stack_deleted_at:
        pass

    assert (after.status, after.stack_id) == (Status.CONNECTED, None)
    assert said(hears("Update", stack_id=NEW_STACK)) == ("SUCCESS", "")


def test_a_deletion_of_the_future_was_noted_before_the_clock_was_set_back(deleted, verifier, store, clock):
    clock.at = deleted.stack_deleted_at - timedelta(hours=1)

    after = verifier.verify(store.claim(deleted.id, now=clock.now(), lease=MINUTE))

    assert after.stack_deleted_at == clock.now()
