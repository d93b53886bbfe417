"""An event that comes again, late or too often (security 18, 19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from commands.live_stacks import live_stacks
from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from tests.builders import EXTERNAL_ID, NOON, ROLE, ROLE_ARN, STACK
from tests.deployed import a_self_report, a_stack
from tests.stack_events import said

SECOND = replace(STACK, unique="a-second-stack")


def test_an_event_that_comes_again_is_answered_the_same_and_changes_nothing(hears, issued, store, clock):
    issued(Status.WAITING)
    first = hears("Create")
    between = store.get_connection("connection-1"), store.events()
    clock.forward(minutes=3)

    again = hears("Create")

    assert (again.result, again.reply) == ("again", first.reply)
    assert (store.get_connection("connection-1"), store.events()) == between


def test_a_refusal_stays_one_though_the_role_has_gone_since(hears, issued, aws):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    issued(Status.CONNECTED, stack_id=STACK, bound_external_id=EXTERNAL_ID)
    first = hears("Create", stack_id=SECOND)
    aws.is_gone(ROLE_ARN)

    assert hears("Create", stack_id=SECOND).reply == first.reply


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_after_two_hours_nobody_waits_for_an_answer_and_a_beginning_is_no_news(hears, issued, store, request_type):
    issued(Status.WAITING)
    before = store.get_connection("connection-1"), store.events()

    heard = hears(request_type, sent_ago=timedelta(hours=2, seconds=1))

    assert (heard.result, heard.reply) == ("too_late", None)
    assert (store.get_connection("connection-1"), store.events()) == before


def test_that_a_stack_was_deleted_is_heard_days_later_too_and_not_answered(hears, issued, store, clock):
    issued(Status.CONNECTED, stack_id=STACK)

    heard = hears("Delete", sent_ago=timedelta(days=3))

    assert heard.reply is None
    assert store.get_connection("connection-1").stack_deleted_at == clock.now()


def test_of_one_stack_ten_events_a_minute_are_heard(hears, issued, store, clock):
    issued(Status.WAITING)
    results = [hears("Update", request_id=f"r-{number}").result for number in range(12)]
    clock.forward(seconds=61)

    assert results == ["kept"] * 10 + ["too_many"] * 2
    assert hears("Update", request_id="r-12").result == "kept"


def test_of_one_connection_forty_events_a_minute_are_heard(hears, issued, store):
    issued(Status.WAITING)
    stacks = [replace(STACK, unique=f"n-{number}") for number in range(50)]

    results = [hears("Create", stack_id=stack).result for stack in stacks]

    assert results == ["kept"] * 40 + ["too_many"] * 10
    assert len(store.reported_stacks("connection-1")) == 20


def test_a_deletion_that_is_one_too_many_is_answered_all_the_same(hears, issued, store):
    issued(Status.WAITING)
    for number in range(10):
        hears("Update", request_id=f"r-{number}")
    before = store.get_connection("connection-1"), store.events()

    heard = hears("Delete", request_id="r-10")

    assert (heard.result, said(heard)) == ("too_many", ("SUCCESS", ""))
    assert (store.get_connection("connection-1"), store.events()) == before


def test_however_many_other_stacks_report_the_deletion_of_the_roles_own_is_heard(hears, issued, store, clock):
    issued(Status.CONNECTED, stack_id=STACK)
    for number in range(40):
        hears("Delete", stack_id=replace(STACK, unique=f"n-{number}"), request_id=f"r-{number}")

    heard = hears("Delete")

    assert (heard.result, said(heard)) == ("kept", ("SUCCESS", ""))
    assert store.get_connection("connection-1").stack_deleted_at == clock.now()


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_stack_that_gave_up_its_callback_and_has_it_again_names_the_topic_again(
    hears, issued, store, clock, request_type
):
    """Otherwise the topic could be removed while a stack needs it in order to be deleted."""
    issued(Status.CONNECTED, stack_id=STACK)
    hears("Create")
    hears("Delete", request_id="to-the-plain-template")
    assert live_stacks(store, region=STACK.region) == []
    clock.forward(minutes=20)

    hears(request_type, request_id="back-again")

    [stack] = store.reported_stacks("connection-1")
    assert (stack.phase, stack.begun_at, stack.ended_at) == (StackPhase.BEGUN, clock.now(), None)
    assert [live.stack_id for live in live_stacks(store, region=STACK.region)] == [STACK]


def test_a_sound_role_is_proved_again_once_a_minute_however_often_its_stack_reports(
    hears, issued, store, verifier, aws, clock
):
    """Each proof is kept: a tenant could fill the disk with them."""
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(STACK))))
    issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))
    proofs = []
    for number in range(10 * 10):
        clock.forward(seconds=6)
        hears("Update", request_id=f"r-{number}")
        if claimed := store.claim_due(now=clock.now(), lease=timedelta(minutes=1)):
            proofs.append(clock.now())
            verifier.verify(claimed)

    assert 8 <= len(proofs) <= 10


def test_a_role_that_outlives_its_stack_is_not_proved_at_each_report_either(hears, issued, store, verifier, aws, clock):
    """Whoever knows the external ID can report a deletion, then as much as is heard, of stacks that never were."""
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(STACK))))
    issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))
    hears("Delete")
    proofs = []
    for number in range(10 * 20):
        clock.forward(seconds=3)
        stack_id = replace(STACK, unique=f"n-{number // 2 % 20}") if number % 4 else STACK
        hears(("Create", "Delete")[number % 2] if number % 4 else "Update", stack_id=stack_id, request_id=f"r-{number}")
        if claimed := store.claim_due(now=clock.now(), lease=timedelta(minutes=1)):
            proofs.append(clock.now())
            verifier.verify(claimed)

    assert len(proofs) <= 20


def test_of_one_connection_four_hundred_events_a_day_are_heard_and_each_leaves_a_row_for_good(
    hears, issued, store, clock
):
    issued(Status.WAITING)
    results = []
    for number in range(410):
        clock.forward(seconds=10)
        results.append(hears("Update", request_id=f"r-{number}").result)

    assert results == ["kept"] * 400 + ["too_many"] * 10
    assert said(hears("Delete", request_id="last")) == ("SUCCESS", "")
    clock.forward(days=1)
    assert hears("Update", request_id="tomorrow").result == "kept"
