"""The queue among many: tenants take turns, rounds end one another, and no clock that is set can stop it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor
from onboarding.ports import ConcurrentChange
from onboarding.schedule import CLOCKS_DIFFER_BY, WATCHING_ENDS_AFTER, is_worker_alive
from tests.builders import NOON, a_connection, a_tenant, an_event

LEASE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def due(store):
    """`due("acme", 3)`: three connections of that tenant, due one second after the other."""

    def make(tenant, count, *, since=NOON):
        store.add_tenant(a_tenant(tenant), an_event("tenant.added", connection_id=None))
        for n in range(count):
            connection = a_connection(
                Status.WAITING,
                id=f"{tenant}-{n}",
                handle=f"{tenant}{n:03}",
                tenant_id=f"tenant-{tenant}",
                account_id=f"{n:012}",
                check_at=since + n * SECOND,
            )
            store.add_connection(connection, an_event(tenant_id=connection.tenant_id, connection_id=connection.id))

    return make


def claimed(store, count, *, now=NOON + HOUR, release=False):
    """Claim so many, and return the names of their tenants; with `release`, each is over before the next."""
    names = []
    for _ in range(count):
        connection = store.claim_due(now=now, lease=LEASE)
        if connection is None:
            break
        names.append(connection.tenant_id.removeprefix("tenant-"))
        if release:
            store.reschedule(connection, check_at=now, attempts=0)
    return names


class TestTurns:
    def test_one_tenants_many_put_no_other_tenant_behind(self, store, due):
        due("hoarder", 97)
        due("modest", 1, since=NOON + 30 * timedelta(minutes=1))

        assert claimed(store, 2) == ["hoarder", "modest"]

    def test_each_tenant_gets_the_same_however_many_it_has_and_however_soon_they_are_due_again(self, store, due):
        for tenant, count in (("a", 50), ("b", 2), ("c", 1)):
            due(tenant, count)

        assert Counter(claimed(store, 60, release=True)) == {"a": 20, "b": 20, "c": 20}

    def test_strangers_who_keep_coming_put_nobody_behind_them(self, store, due):
        due("known", 1)
        assert claimed(store, 1, release=True) == ["known"]
        names = []
        for n in range(6):
            due(f"new{n}", 1, since=NOON - HOUR)
            names += claimed(store, 1, release=True)

        assert names[:2] == ["new0", "known"]
        assert names.count("known") == 2

    def test_while_others_wait_a_tenant_has_two_at_most(self, store, due):
        due("hoarder", 10)
        assert claimed(store, 2) == ["hoarder"] * 2

        due("b", 3)
        due("c", 3)
        assert Counter(claimed(store, 4)) == {"b": 2, "c": 2}

    def test_while_nobody_else_waits_it_has_them_all(self, store, due):
        due("alone", 8)

        assert claimed(store, 9) == ["alone"] * 8

    def test_of_one_tenants_the_longest_due_comes_first(self, store, due):
        due("alone", 5)

        assert [store.claim_due(now=NOON + HOUR, lease=LEASE).id for _ in range(5)] == [f"alone-{n}" for n in range(5)]

    def test_eight_at_once_take_eight_different_ones(self, backend, store, due):
        due("a", 5)
        due("b", 5)
        took = backend.at_once(lambda own, _: own.claim_due(now=NOON + HOUR, lease=LEASE), threads=8)

        assert len({c.id for c in took}) == 8
        assert Counter(c.tenant_id for c in took).most_common(1)[0][1] <= 5


class TestRounds:
    @pytest.fixture
    def lost(self, store, due):
        """A claim whose lease has ended, and the newer claim of another worker."""
        due("acme", 1)
        first = store.claim_due(now=NOON, lease=LEASE)
        second = store.claim_due(now=NOON + LEASE, lease=LEASE)
        assert (second.id, second.round) == (first.id, first.round + 1)
        return first, second

    def test_a_result_of_an_older_round_is_refused_and_the_newer_one_is_not(self, store, lost):
        first, second = lost
        for write in (
            lambda c: store.commit(c, replace(c, finding_code="x"), an_event(actor=Actor.WORKER)),
            lambda c: store.reschedule(c, check_at=None, attempts=9),
        ):
            before = store.get_connection(first.id), store.events()
            with pytest.raises(ConcurrentChange):
                write(first)
            assert (store.get_connection(first.id), store.events()) == before

        store.release(first.id, round=first.round)
        assert store.claim(first.id, now=NOON + LEASE, lease=LEASE) is None, "the newer round goes on"
        store.commit(second, replace(second, finding_code="y"), an_event(actor=Actor.WORKER))
        assert store.get_connection(first.id).finding_code == "y"

    def test_a_result_after_the_newer_one_landed_is_refused_too(self, store, lost):
        first, second = lost
        store.reschedule(second, check_at=NOON, attempts=1)

        with pytest.raises(ConcurrentChange):
            store.commit(first, replace(first, finding_code="x"), an_event(actor=Actor.WORKER))

    def test_a_late_result_counts_while_nobody_else_has_begun(self, store, due):
        due("acme", 1)
        late = store.claim_due(now=NOON, lease=LEASE)

        after = store.commit(late, replace(late, finding_code="x"), an_event(actor=Actor.WORKER))

        assert after.finding_code == "x"

    def test_what_a_tenant_does_ends_no_round(self, store, due):
        due("acme", 1)
        leased = store.claim_due(now=NOON, lease=LEASE)
        store.commit(leased, replace(leased, region="eu-west-1"), an_event())
        newest = store.get_connection(leased.id)

        assert newest.round == leased.round
        store.commit(newest, replace(newest, finding_code="x"), an_event(actor=Actor.WORKER))


class TestAClockThatIsSet:
    @pytest.mark.parametrize("after", [0, 30, 59])
    @pytest.mark.parametrize("by", [-5, -11, -40, -60, -100, -3_600, -365 * 86_400, 3_600])
    def test_the_row_of_a_worker_that_died_is_free_soon_after_the_clock_was_set(self, store, due, by, after):
        due("acme", 1, since=NOON - 1000 * 24 * HOUR)
        assert store.claim_due(now=NOON, lease=LEASE)

        clock_set = NOON + (after + by) * SECOND
        free_after = next(s for s in range(200) if store.claim_due(now=clock_set + s * SECOND, lease=LEASE))
        assert free_after * SECOND <= LEASE + CLOCKS_DIFFER_BY

    def test_a_lease_of_a_worker_whose_clock_is_a_little_ahead_holds(self, store, due):
        due("acme", 1)
        assert store.claim_due(now=NOON + 5 * SECOND, lease=LEASE)

        assert store.claim_due(now=NOON, lease=LEASE) is None

    def test_a_proof_put_off_to_a_year_that_never_comes_is_due(self, store, stored):
        far, soon = NOON + 400 * 24 * HOUR, NOON + 1.1 * 24 * HOUR
        stored(Status.CONNECTED, check_at=far)
        stored(Status.CONNECTED, id="soon", handle="another1", account_id="1" * 12, check_at=soon)

        assert store.claim_due(now=NOON, lease=LEASE).id == "connection-1"
        assert store.claim_due(now=NOON, lease=LEASE) is None

    def test_so_is_the_end_of_a_wait_and_one_that_is_a_week_off_is_not(self, store, stored):
        week = NOON + WATCHING_ENDS_AFTER
        stored(Status.WAITING, claimed_role_arn=None, check_at=week)
        stored(Status.WAITING, id="far", handle="another1", claimed_role_arn=None, check_at=week + HOUR)

        assert [getattr(store.claim_due(now=NOON, lease=LEASE), "id", None) for _ in range(2)] == ["far", None]

    def test_a_beat_of_a_dead_worker_from_the_future_hides_neither_that_none_lives_nor_one_that_does(self, store):
        store.beat(worker="dead", at=NOON + HOUR, finding_code="vendor_credentials_expired")
        assert not is_worker_alive(store.last_beat(), now=NOON)

        store.beat(worker="alive", at=NOON)
        assert is_worker_alive(store.last_beat(), now=NOON)
        assert store.vendor_finding_code() == ""
        assert not is_worker_alive(store.last_beat(), now=NOON + HOUR)

    def test_set_forward_the_next_beat_counts(self, store):
        store.beat(worker="alive", at=NOON)
        store.beat(worker="alive", at=NOON + HOUR)

        assert is_worker_alive(store.last_beat(), now=NOON + HOUR)


class TestWhoLives:
    def test_workers_not_heard_of_for_a_day_are_forgotten(self, store, backend):
        for n in range(5):
            store.beat(worker=f"host:{n}", at=NOON + n * SECOND)
        store.beat(worker="host:9", at=NOON + 24 * HOUR + 2 * SECOND)

        kept = [worker for (worker,) in backend.sql("select worker from workers order by worker")]
        assert kept == ["host:2", "host:3", "host:4", "host:9"]

    def test_how_long_the_longest_waits_is_told_of_what_nobody_has_claimed(self, store, due):
        assert store.waiting_since(now=NOON + HOUR, lease=LEASE) is None
        due("acme", 3)

        assert store.waiting_since(now=NOON - SECOND, lease=LEASE) is None
        assert store.waiting_since(now=NOON + HOUR, lease=LEASE) == NOON
        store.claim_due(now=NOON + HOUR, lease=LEASE)
        assert store.waiting_since(now=NOON + HOUR, lease=LEASE) == NOON + SECOND

    def test_what_a_dead_worker_held_waits_since_its_lease_ended(self, store, due):
        due("acme", 1)
        store.claim_due(now=NOON, lease=LEASE)

        assert store.waiting_since(now=NOON + LEASE + SECOND, lease=LEASE) == NOON + LEASE
