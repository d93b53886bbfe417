"""What comes after: trying again, looking, disconnecting, and two people doing it at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Actor, Flow
from onboarding.ports import ConcurrentChange, NotFound
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, ROLE_ARN, an_event


@pytest.fixture
def connection(onboarding, tenant):
    return onboarding.start_connection(tenant.id)


def kinds(store, connection):
    return [event.kind for event in store.events(connection.id)]


class TestTryingAgain:
    def test_each_retry_proposes_the_next_stack_name(self, onboarding, connection, store):
        names = [onboarding.try_again(connection.id).stack_name for _ in range(2)]

        assert names == [f"northwind-{connection.handle}-2", f"northwind-{connection.handle}-3"]
        assert [e.detail["stack_name"] for e in store.events(connection.id)[-2:]] == names

    def test_the_role_keeps_its_name_and_is_watched_at_once(self, onboarding, connection, clock):
        onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)
        clock.forward(minutes=30)

        again = onboarding.try_again(connection.id)

        assert str(again.claimed_role_arn) == f"arn:aws:iam::{ACCOUNT}:role/{connection.role_name}"
        assert again.check_at == again.waiting_since == clock.now()


class TestLooking:
    def test_the_first_look_brings_the_check_forward(self, onboarding, stored, store, clock):
        connection = stored(Status.WAITING, check_at=NOON + timedelta(minutes=30))
        clock.forward(seconds=3)

        onboarding.look(connection)

        looked = store.get_connection(connection.id)
        assert looked.check_at == looked.watched_at == clock.now()
        assert looked.version == connection.version

    def test_it_writes_at_most_every_fifteen_seconds(self, onboarding, stored, store, clock):
        connection = stored(Status.WAITING)
        seen = set()
        for _ in range(61):
            onboarding.look(store.get_connection(connection.id))
            seen.add(store.get_connection(connection.id).watched_at)
            clock.forward(seconds=1)

        assert len(seen) == 5

    def test_looking_at_what_is_settled_schedules_nothing(self, onboarding, connected, store):
        onboarding.look(connected)

        assert store.get_connection(connected.id).check_at is None

    def test_looking_never_puts_a_check_off(self, onboarding, stored, store, clock):
        connection = stored(Status.WAITING, check_at=NOON)
        clock.forward(minutes=1)

        onboarding.look(connection)

        assert store.get_connection(connection.id).check_at == NOON

    def test_checking_now_is_due_now(self, onboarding, stored, store, clock):
        connection = stored(Status.REJECTED, check_at=NOON + timedelta(hours=1))

        onboarding.check_now(connection.id)

        assert store.get_connection(connection.id).check_at == clock.now()


class TestDisconnecting:
    @pytest.mark.parametrize("status", [s for s in Status if s is not Status.DISCONNECTED])
    def test_from_anywhere_it_stops_watching_and_forgets_the_role(self, onboarding, stored, store, status):
        connection = stored(status)

        gone = onboarding.done_by(Actor.OPERATOR).disconnect(connection.id)

        assert (gone.status, gone.check_at, gone.role_arn, gone.finding_code) == (Status.DISCONNECTED, None, None, None)
        event = store.events(connection.id)[-1]
        assert (event.kind, event.actor) == ("connection.removed", Actor.OPERATOR)

    def test_twice_does_nothing_twice(self, onboarding, connected, store):
        gone = onboarding.disconnect(connected.id)

        assert onboarding.disconnect(connected.id) == gone
        assert kinds(store, connected).count("connection.removed") == 1

    @pytest.mark.parametrize("verb", ["launch", "submit_account", "submit_role", "try_again"])
    def test_there_is_no_way_back(self, onboarding, stored, verb):
        gone = stored(Status.DISCONNECTED)
        act = {
            "launch": lambda: onboarding.launch(gone.id, flow=Flow.QUICK_CREATE, region="us-east-1"),
            "submit_account": lambda: onboarding.submit_account(gone.id, raw_account_id=ACCOUNT),
            "submit_role": lambda: onboarding.submit_role(gone.id, raw_role_arn=str(gone.claimed_role_arn)),
            "try_again": lambda: onboarding.try_again(gone.id),
        }[verb]

        with pytest.raises(IllegalTransition):
            act()


class TestRaces:
    def test_a_lost_race_is_read_again_and_the_tenants_act_still_stands(self, onboarding, connection, store):
        lose_races(store, connection, times=2)

        named = onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        assert (named.account_id, named.version) == (ACCOUNT, 4)
        assert kinds(store, connection).count("account.named") == 1

    def test_who_loses_every_race_is_told(self, onboarding, connection, store):
        lose_races(store, connection, times=100)

        with pytest.raises(ConcurrentChange):
            onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

    def test_when_two_copies_race_one_id_is_pinned_and_one_event_says_so(self, onboarding, connection, store):
        first, second = (onboarding.show_external_id(connection) for _ in range(2))
        rival = replace(connection, pinned_external_id=first.external_id)
        lose_races(store, rival, times=1)

        pinned = onboarding.pin_external_id(connection.id, external_id=second.external_id)

        assert pinned.pinned_external_id == first.external_id
        assert "external_id.pinned" not in kinds(store, connection)

    @pytest.mark.parametrize("verb", ["launch", "pin_external_id", "submit_account", "submit_role", "disconnect"])
    def test_what_is_not_there_is_not_found(self, onboarding, verb):
        act = {
            "launch": lambda: onboarding.launch("nowhere", flow=Flow.QUICK_CREATE, region="us-east-1"),
            "pin_external_id": lambda: onboarding.pin_external_id("nowhere", external_id=EXTERNAL_ID),
            "submit_account": lambda: onboarding.submit_account("nowhere", raw_account_id=ACCOUNT),
            "submit_role": lambda: onboarding.submit_role("nowhere", raw_role_arn=ROLE_ARN),
            "disconnect": lambda: onboarding.disconnect("nowhere"),
        }[verb]

        with pytest.raises((NotFound, Refused)):
            act()


def lose_races(store, rival, *, times):
    """Let somebody commit just before each of the next commits."""
    commit = store.commit
    left = [times]

    def beaten(old, new, event, verification=None):
        if left[0] > 0:
            left[0] -= 1
            commit(old, replace(old, pinned_external_id=rival.pinned_external_id), an_event("rival.won"))
        return commit(old, new, event, verification)

    store.commit = beaten
