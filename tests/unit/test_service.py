"""The first half of the wizard, verb by verb, over the store that production uses: start, external ID, launch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Actor, Flow
from onboarding.ports import UNFINISHED_PER_TENANT
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, ROLE_ARN, VENDOR_ACCOUNT, an_event


@pytest.fixture
def connection(onboarding, tenant):
    return onboarding.start_connection(tenant.id)


def kinds(store, connection):
    return [event.kind for event in store.events(connection.id)]


def role_in(account_id, connection):
    return f"arn:aws:iam::{account_id}:role/{connection.role_name}"


class TestStartingAConnection:
    def test_it_is_a_draft_of_that_tenants_with_the_vendors_prefix_and_region(self, connection, tenant, store):
        assert (connection.status, connection.tenant_id) == (Status.DRAFT, tenant.id)
        assert (connection.prefix, connection.region, connection.version) == ("northwind", "us-east-1", 1)
        assert store.get_connection(connection.id) == connection
        assert kinds(store, connection) == ["connection.started"]

    def test_one_that_was_never_touched_is_used_again(self, onboarding, connection, tenant, store):
        assert onboarding.start_connection(tenant.id) == connection
        assert len(store.list_connections()) == 1

    def test_one_that_was_launched_is_left_alone(self, onboarding, connection, tenant):
        onboarding.launch(connection.id, flow=Flow.PAGE_BY_PAGE, region="us-east-1")

        assert onboarding.start_connection(tenant.id).id != connection.id

    def test_one_whose_external_id_was_copied_is_left_alone(self, onboarding, connection, tenant):
        onboarding.pin_external_id(connection.id, external_id=onboarding.show_external_id(connection).external_id)

        assert onboarding.start_connection(tenant.id).id != connection.id

    def test_another_tenants_draft_is_not_taken(self, onboarding, connection, other_tenant):
        theirs = onboarding.start_connection(other_tenant.id)

        assert theirs.id != connection.id
        assert theirs.handle != connection.handle


class TestBeginningAgain:
    @pytest.fixture
    def expired(self, stored):
        """One that was given up, beside as many unfinished ones as a tenant can have."""
        for n in range(UNFINISHED_PER_TENANT):
            stored(Status.WAITING, id=f"c{n}", handle=f"c{n:07}", account_id=None)
        return stored(Status.EXPIRED, id="expired", check_at=None)

    @pytest.mark.parametrize(
        "begin",
        [
            lambda verbs: verbs.launch("expired", flow=Flow.COMMAND, region="us-east-1"),
            lambda verbs: verbs.try_again("expired"),
            lambda verbs: verbs.submit_account("expired", raw_account_id=ACCOUNT),
            lambda verbs: verbs.submit_role("expired", raw_role_arn=ROLE_ARN),
        ],
        ids=["launch", "stack", "account", "role"],
    )
    def test_what_was_given_up_begins_again_only_among_as_many_as_a_tenant_can_have(
        self, onboarding, store, expired, begin
    ):
        with pytest.raises(Refused, match="Too many accounts"):
            begin(onboarding)
        assert store.get_connection("expired") == expired

        onboarding.disconnect("c0")
        assert begin(onboarding).status is Status.WAITING


class TestTheExternalIdOfStepThree:
    def test_is_a_fresh_one_at_each_load(self, onboarding, connection, store):
        shown = [onboarding.show_external_id(connection) for _ in range(3)]

        assert len({i.external_id for i in shown}) == 3
        assert [i.number for i in shown] == [1, 2, 3]
        assert store.issued(connection.id) == shown
        assert kinds(store, connection)[1:] == ["external_id.issued"] * 3

    def test_starts_with_prefix_and_handle(self, onboarding, connection):
        shown = onboarding.show_external_id(connection).external_id

        assert shown.startswith(f"northwind-{connection.handle}-")

    def test_is_issued_twenty_times_at_most(self, onboarding, connection, store):
        shown = [onboarding.show_external_id(connection) for _ in range(25)]

        assert len(store.issued(connection.id)) == 20
        assert shown[19:] == [shown[19]] * 6

    def test_stays_the_pinned_one_once_it_was_copied(self, onboarding, connection, store):
        first, second = (onboarding.show_external_id(connection) for _ in range(2))

        pinned = onboarding.pin_external_id(connection.id, external_id=first.external_id)

        assert pinned.pinned_external_id == first.external_id
        assert onboarding.show_external_id(pinned) == first
        assert len(store.issued(connection.id)) == 2
        assert kinds(store, connection)[-1] == "external_id.pinned"
        assert second.external_id != first.external_id

    def test_is_pinned_once_and_for_all(self, onboarding, connection, store):
        first, second = (onboarding.show_external_id(connection) for _ in range(2))
        pinned = onboarding.pin_external_id(connection.id, external_id=first.external_id)

        assert onboarding.pin_external_id(connection.id, external_id=second.external_id) == pinned
        assert onboarding.pin_external_id(connection.id, external_id=first.external_id) == pinned
        assert kinds(store, connection).count("external_id.pinned") == 1

    def test_cannot_be_pinned_to_one_that_was_never_issued(self, onboarding, connection, store):
        with pytest.raises(Refused) as refusal:
            onboarding.pin_external_id(connection.id, external_id=EXTERNAL_ID)

        assert refusal.value.code == "external_id_unknown"
        assert store.get_connection(connection.id) == connection

    def test_cannot_be_another_connections(self, onboarding, connection, other_tenant):
        theirs = onboarding.start_connection(other_tenant.id)
        shown = onboarding.show_external_id(theirs)

        with pytest.raises(Refused):
            onboarding.pin_external_id(connection.id, external_id=shown.external_id)

    def test_is_the_bound_one_once_connected_and_no_copy_pins_another(self, onboarding, connection, store):
        first, second = (onboarding.show_external_id(connection) for _ in range(2))
        bound = replace(connection, status=Status.CONNECTED, account_id=ACCOUNT, bound_external_id=first.external_id)
        bound = store.commit(connection, bound, an_event(connection_id=connection.id))

        assert onboarding.show_external_id(bound) == first
        assert onboarding.pin_external_id(connection.id, external_id=second.external_id) == bound


class TestLaunching:
    @pytest.mark.parametrize("flow", [Flow.QUICK_CREATE, Flow.COMMAND])
    def test_where_the_link_carries_the_external_id_the_launch_pins_it(self, onboarding, connection, store, flow):
        launched = onboarding.launch(connection.id, flow=flow, region="us-east-1")

        assert launched.pinned_external_id == store.issued(connection.id)[0].external_id
        assert launched.status is Status.WAITING

    def test_the_one_shown_last_is_pinned_rather_than_a_new_one(self, onboarding, connection):
        onboarding.show_external_id(connection)
        newest = onboarding.show_external_id(connection)

        launched = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1")

        assert launched.pinned_external_id == newest.external_id

    def test_page_by_page_pins_nothing(self, onboarding, connection, store):
        launched = onboarding.launch(connection.id, flow=Flow.PAGE_BY_PAGE, region="us-east-1")

        assert launched.pinned_external_id is None
        assert store.issued(connection.id) == []

    def test_relaunching_keeps_the_pinned_one(self, onboarding, connection, store):
        first = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1")
        onboarding.try_again(connection.id)
        second = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="eu-west-1")

        assert second.pinned_external_id == first.pinned_external_id
        assert len(store.issued(connection.id)) == 1

    def test_one_launch_is_one_commit_and_says_how_and_where(self, onboarding, connection, store):
        launched = onboarding.launch(
            connection.id, flow=Flow.QUICK_CREATE, region="eu-west-1", raw_account_id="1111-2222-3333"
        )

        assert launched.version == connection.version + 1
        assert (launched.flow, launched.region, launched.launched_at) == (Flow.QUICK_CREATE, "eu-west-1", NOON)
        event = store.events(connection.id)[-1]
        assert (event.kind, event.actor) == ("connection.launched", Actor.TENANT)
        assert event.detail == {"flow": "quick", "region": "eu-west-1", "account_id": ACCOUNT}

    def test_with_the_account_named_its_role_is_watched_from_now_on(self, onboarding, connection):
        launched = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)

        assert str(launched.claimed_role_arn) == role_in(ACCOUNT, connection)
        assert launched.role_arn is None
        assert launched.check_at == launched.waiting_since == NOON

    def test_without_an_account_nothing_is_watched_until_the_waiting_ends(self, onboarding, connection):
        launched = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id="  ")

        assert launched.claimed_role_arn is None
        assert launched.check_at == NOON + timedelta(days=7)

    def test_the_first_launch_is_the_one_that_is_remembered(self, onboarding, connection, clock):
        onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1")
        clock.forward(hours=1)

        assert onboarding.launch(connection.id, flow=Flow.COMMAND, region="us-east-1").launched_at == NOON

    @pytest.mark.parametrize(
        ("region", "raw_account_id", "code"),
        [
            ("mars-1", "", "region_unknown"),
            ("us-gov-west-1", "", "region_unknown"),
            ("us-east-1&x=y", "", "region_unknown"),
            ("us-east-1", "12", "account_id_malformed"),
            ("us-east-1", VENDOR_ACCOUNT, "role_is_ours"),
        ],
    )
    def test_what_is_refused_leaves_no_trace(self, onboarding, connection, store, region, raw_account_id, code):
        with pytest.raises(Refused) as refusal:
            onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region=region, raw_account_id=raw_account_id)

        assert refusal.value.code == code
        assert store.get_connection(connection.id) == connection
        assert store.issued(connection.id) == []

    def test_a_connected_one_is_not_launched_again(self, onboarding, connected, store):
        with pytest.raises(IllegalTransition):
            onboarding.launch(connected.id, flow=Flow.QUICK_CREATE, region="us-east-1")

        assert store.get_connection(connected.id) == connected
