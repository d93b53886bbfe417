"""What must never change, and the queue: external IDs, the audit record, leases. On every store there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.ports import ConcurrentChange
from tests.builders import EXTERNAL_ID, NOON, an_event, an_external_id

LEASE = timedelta(seconds=60)


@pytest.fixture
def connection(stored):
    return stored(Status.WAITING)


class TestExternalIds:
    def test_they_are_numbered_within_their_connection(self, store, stored):
        first, second = stored(Status.DRAFT), stored(Status.WAITING, id="connection-2", handle="another1")
        numbers = [
            store.issue(an_external_id(n), c.id, at=NOON, event=an_event()).number
            for n, c in enumerate((first, second, first, first))
        ]

        assert numbers == [1, 1, 2, 3]
        assert [i.external_id for i in store.issued(first.id)] == [an_external_id(n) for n in (0, 2, 3)]

    def test_one_that_was_issued_is_never_anothers_and_leaves_no_event(self, store, stored):
        first, second = stored(Status.DRAFT), stored(Status.WAITING, id="connection-2", handle="another1")
        store.issue(EXTERNAL_ID, first.id, at=NOON, event=an_event())
        events = store.events()

        for taker in (first, second):
            with pytest.raises(Exception, match=r"(?i)unique"):
                store.issue(EXTERNAL_ID, taker.id, at=NOON, event=an_event())

        assert [i.connection_id for i in store.issued(first.id)] == [first.id]
        assert store.issued(second.id) == []
        assert store.events() == events

    def test_issued_at_once_they_still_get_a_number_each(self, backend, store, connection):
        outcomes = backend.at_once(
            lambda own, number: own.issue(an_external_id(number), connection.id, at=NOON, event=an_event()),
            threads=8,
        )

        assert sorted(o.number for o in outcomes) == list(range(1, 9))

    @pytest.mark.parametrize(
        "statement",
        [
            f"update external_ids set external_id = '{an_external_id(9)}'",
            "update external_ids set connection_id = 'connection-2'",
            "update external_ids set issued_at = '2000-01-01'",
            "delete from external_ids",
            f"update connections set bound_external_id = '{an_external_id(9)}'",
            "update connections set bound_external_id = null",
            f"update connections set pinned_external_id = '{an_external_id(9)}'",
            "update connections set pinned_external_id = null",
            "update events set kind = 'nothing.happened'",
            "update events set detail = '{}'",
            "delete from events",
        ],
    )
    def test_what_must_never_change_the_database_itself_refuses(self, backend, store, connected, statement):
        pinned = store.commit(connected, replace(connected, pinned_external_id=EXTERNAL_ID), an_event())
        table = next(t for t in ("external_ids", "connections", "events") if f" {t}" in statement)
        before = backend.sql(f"select * from {table}")

        with pytest.raises(Exception, match=r"never|append-only"):
            backend.sql(statement)

        assert backend.sql(f"select * from {table}") == before
        assert store.get_connection(connected.id) == pinned


class TestTheQueue:
    def test_what_has_been_due_longest_is_claimed_first(self, store, stored):
        for n, due in enumerate((5, 3, 9, 4)):
            stored(Status.WAITING, id=f"c{n}", handle=f"handle0{n}", check_at=NOON + timedelta(seconds=due))

        claimed = [store.claim_due(now=NOON + timedelta(seconds=6), lease=LEASE) for _ in range(4)]

        assert [c.id if c else None for c in claimed] == ["c1", "c3", "c0", None]

    def test_what_is_due_is_leased_by_exactly_one_of_eight(self, backend, connection):
        for second in range(0, 600, 60):
            now = NOON + timedelta(seconds=second)

            outcomes = backend.at_once(lambda own, number, at=now: own.claim_due(now=at, lease=LEASE), threads=8)

            assert sorted(getattr(o, "id", str(o)) for o in outcomes) == ["None"] * 7 + [connection.id]

    def test_by_name_too_only_one_gets_it(self, backend, connection):
        outcomes = backend.at_once(lambda own, number: own.claim(connection.id, now=NOON, lease=LEASE), threads=8)

        assert sum(o is not None for o in outcomes) == 1

    def test_a_lease_comes_back_by_itself_when_its_time_has_run_out(self, store, connection):
        store.claim_due(now=NOON, lease=LEASE)

        assert store.claim_due(now=NOON + LEASE - timedelta(milliseconds=1), lease=LEASE) is None
        assert store.claim_due(now=NOON + LEASE, lease=LEASE).id == connection.id

    def test_putting_off_ends_the_lease_and_is_no_new_version(self, store, connection):
        leased = store.claim_due(now=NOON, lease=LEASE)
        store.reschedule(leased, check_at=NOON + timedelta(seconds=5), attempts=3)

        assert store.claim_due(now=NOON + timedelta(seconds=4), lease=LEASE) is None
        again = store.claim_due(now=NOON + timedelta(seconds=5), lease=LEASE)
        assert (again.attempts, again.version) == (3, connection.version)

    def test_putting_off_what_has_changed_meanwhile_is_refused(self, store, connection):
        changed = store.commit(connection, replace(connection, check_at=NOON + timedelta(hours=1)), an_event())

        with pytest.raises(ConcurrentChange):
            store.reschedule(connection, check_at=None, attempts=9)

        assert store.get_connection(connection.id) == changed

    def test_a_lease_that_is_given_back_is_free_at_once(self, store, connection):
        leased = store.claim_due(now=NOON, lease=LEASE)

        store.release(connection.id, round=leased.round)

        assert store.claim_due(now=NOON, lease=LEASE) == connection

    def test_what_is_not_scheduled_is_never_due(self, store, stored):
        stored(Status.CONNECTED)

        assert store.claim_due(now=NOON + timedelta(days=365), lease=LEASE) is None

    def test_a_look_makes_a_scheduled_check_due_and_no_other(self, store, stored):
        soon = stored(Status.WAITING, check_at=NOON + timedelta(hours=1))
        never = stored(Status.CONNECTED, id="connection-2", handle="another1")
        for c in (soon, never):
            store.note_watched(c.id, at=NOON)

        assert store.get_connection(soon.id).check_at == NOON
        assert (store.get_connection(never.id).check_at, store.get_connection(never.id).watched_at) == (None, NOON)
