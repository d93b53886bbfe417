"""What a store keeps of stacks that report back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.ports import ConcurrentChange, NotFound
from tests.builders import EXTERNAL_ID, NOON, STACK, a_report, an_event

ANOTHER = replace(STACK, unique="another")


@pytest.fixture
def connection(stored):
    return stored(Status.WAITING)


def test_a_report_is_kept_with_its_connection_and_once_only(store, connection):
    report = a_report()

    written = store.commit(connection, replace(connection, stack_id=STACK), an_event(), report=report)

    assert written.stack_id == STACK
    assert store.reported_stacks(connection.id) == [report.stack]
    assert store.find_handled(connection.id, STACK, "request-1") == report.handled
    with pytest.raises(ConcurrentChange):
        store.commit(written, written, an_event(), report=report)
    assert store.get_connection(connection.id).version == written.version


def test_a_stack_that_ends_stays_one_stack_in_its_place(store, connection):
    first, second = a_report(), a_report(stack_id=ANOTHER, request_id="r-2")
    ended = replace(first.stack, phase=StackPhase.ENDED, ended_at=NOON + timedelta(minutes=1))
    last = replace(a_report(request_id="r-3"), stack=ended)
    for report in (first, second, last):
        connection = store.commit(connection, connection, an_event(), report=report)

    assert store.reported_stacks(connection.id) == [ended, second.stack]


def test_an_event_whose_stack_is_not_kept_is_kept_itself(store, connection):
    store.commit(connection, connection, an_event(), report=replace(a_report(), stack=None))

    assert store.reported_stacks(connection.id) == []
    assert store.find_handled(connection.id, STACK, "request-1") is not None


def test_events_are_counted_by_stack_and_forgotten_after_a_week(store, connection):
    for number, age in enumerate((timedelta(), timedelta(seconds=50), timedelta(days=8))):
        report = a_report(request_id=f"r-{number}", at=NOON + age)
        connection = store.commit(connection, connection, an_event(), report=report)
        if number == 1:
            assert store.count_handled(connection.id, since=NOON) == 2
            assert store.count_handled(connection.id, since=NOON + timedelta(seconds=1), stack_id=STACK) == 1
            assert store.count_handled(connection.id, since=NOON, stack_id=ANOTHER) == 0

    assert store.find_handled(connection.id, STACK, "r-0") is None
    assert store.find_handled(connection.id, STACK, "r-2") is not None


def test_somebody_elses_record_of_a_stack_hinders_nobody(store, connection, stored):
    other = stored(Status.WAITING, id="connection-2", handle="another1")

    store.commit(other, other, an_event(), report=a_report(connection_id=other.id))
    store.commit(connection, connection, an_event(), report=a_report())

    assert [s.connection_id for s in store.reported_stacks(connection.id)] == [connection.id]


def test_a_connection_is_found_by_each_external_id_that_was_issued_to_it(store, connection):
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event())

    assert store.find_connection(EXTERNAL_ID) == connection
    with pytest.raises(NotFound):
        store.find_connection(ExternalId(EXTERNAL_ID[:-1] + "0"))
