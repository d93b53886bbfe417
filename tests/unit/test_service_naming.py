"""How a tenant says which account and which role: typed, pasted, corrected, and one account once."""

from __future__ import annotations

import pytest

from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Actor, Flow
from onboarding.naming import AccountsDisagree
from tests.builders import ACCOUNT, NOON, OTHER_ACCOUNT, VENDOR_ACCOUNT


@pytest.fixture
def connection(onboarding, tenant):
    return onboarding.start_connection(tenant.id)


def kinds(store, connection):
    return [event.kind for event in store.events(connection.id)]


def role_in(account_id, connection):
    return f"arn:aws:iam::{account_id}:role/{connection.role_name}"


class TestNamingTheAccount:
    def test_the_role_is_looked_for_under_its_known_name(self, onboarding, connection, store):
        named = onboarding.submit_account(connection.id, raw_account_id=" 1111 2222 3333 ")

        assert (named.status, named.account_id) == (Status.WAITING, ACCOUNT)
        assert str(named.claimed_role_arn) == role_in(ACCOUNT, connection)
        assert named.check_at == NOON
        assert kinds(store, connection)[-1] == "account.named"

    def test_saying_it_twice_does_nothing_twice(self, onboarding, connection, store):
        once = onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        assert onboarding.submit_account(connection.id, raw_account_id="1111-2222-3333") == once
        assert kinds(store, connection).count("account.named") == 1

    def test_it_may_be_corrected_until_connected(self, onboarding, connection):
        onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        corrected = onboarding.submit_account(connection.id, raw_account_id=OTHER_ACCOUNT)

        assert corrected.account_id == OTHER_ACCOUNT
        assert str(corrected.claimed_role_arn) == role_in(OTHER_ACCOUNT, connection)

    def test_a_role_pasted_from_that_account_stays_the_one_that_is_watched(self, onboarding, connection):
        pasted = f"arn:aws:iam::{ACCOUNT}:role/team/by-hand"
        onboarding.submit_role(connection.id, raw_role_arn=pasted)

        launched = onboarding.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)

        assert str(launched.claimed_role_arn) == pasted

    @pytest.mark.parametrize("status", [Status.REJECTED, Status.EXPIRED])
    def test_saying_it_again_sets_a_rejected_or_expired_one_going(self, onboarding, stored, status, clock):
        connection = stored(status)
        clock.forward(days=8)

        named = onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        assert (named.status, named.finding_code, named.attempts) == (Status.WAITING, None, 0)
        assert named.waiting_since == named.check_at == clock.now()

    def test_our_own_account_is_refused(self, onboarding, connection, store):
        with pytest.raises(Refused) as refusal:
            onboarding.submit_account(connection.id, raw_account_id=VENDOR_ACCOUNT)

        assert refusal.value.code == "role_is_ours"
        assert refusal.value.sentence == "That is our own AWS account, not yours."
        assert store.get_connection(connection.id) == connection

    def test_of_a_connected_one_it_stays_as_it_is(self, onboarding, connected):
        assert onboarding.submit_account(connected.id, raw_account_id=ACCOUNT) == connected
        with pytest.raises(IllegalTransition):
            onboarding.submit_account(connected.id, raw_account_id=OTHER_ACCOUNT)


class TestPastingTheRole:
    def test_it_is_claimed_and_watched_but_not_yet_believed(self, onboarding, connection, store):
        arn = f"arn:aws:iam::{ACCOUNT}:role/by-hand"

        named = onboarding.submit_role(connection.id, raw_role_arn=f' "{arn}" ')

        assert (named.status, str(named.claimed_role_arn), named.role_arn) == (Status.WAITING, arn, None)
        assert (named.account_id, named.check_at) == (ACCOUNT, NOON)
        event = store.events(connection.id)[-1]
        assert (event.kind, dict(event.detail)) == ("role.named", {"role_arn": arn})

    def test_pasting_it_twice_does_nothing_twice(self, onboarding, connection, store):
        once = onboarding.submit_role(connection.id, raw_role_arn=role_in(ACCOUNT, connection))

        assert onboarding.submit_role(connection.id, raw_role_arn=role_in(ACCOUNT, connection)) == once
        assert kinds(store, connection).count("role.named") == 1

    def test_of_another_account_than_the_typed_one_it_is_refused_naming_both(self, onboarding, connection, store):
        typed = onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        with pytest.raises(AccountsDisagree) as refusal:
            onboarding.submit_role(connection.id, raw_role_arn=role_in(OTHER_ACCOUNT, connection))

        assert (refusal.value.typed, refusal.value.pasted) == (ACCOUNT, OTHER_ACCOUNT)
        assert "1111-2222-3333" in refusal.value.sentence
        assert "4444-5555-6666" in refusal.value.sentence
        assert store.get_connection(connection.id) == typed

    def test_use_this_one_settles_which_account_is_meant(self, onboarding, connection):
        onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

        named = onboarding.submit_role(
            connection.id, raw_role_arn=role_in(OTHER_ACCOUNT, connection), account_may_change=True
        )

        assert (named.account_id, str(named.claimed_role_arn)) == (OTHER_ACCOUNT, role_in(OTHER_ACCOUNT, connection))

    def test_a_rejected_one_named_anew_waits_with_a_clean_slate(self, onboarding, stored):
        rejected = stored(Status.REJECTED, attempts=7)

        named = onboarding.submit_role(rejected.id, raw_role_arn=str(rejected.claimed_role_arn))

        assert (named.status, named.finding_code, named.attempts, named.check_at) == (Status.WAITING, None, 0, NOON)

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("", "role_arn_missing"),
            ("garbage", "role_arn_malformed"),
            (f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall", "role_is_ours"),
            (f"arn:aws-cn:iam::{ACCOUNT}:role/x", "partition_not_served"),
            (f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/X", "service_linked_role"),
            (f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y", "arn_of_something_else"),
        ],
    )
    def test_what_is_refused_at_the_door_never_reaches_the_worker(self, onboarding, connection, store, raw, code):
        with pytest.raises(Refused) as refusal:
            onboarding.submit_role(connection.id, raw_role_arn=raw)

        assert refusal.value.code == code
        assert store.get_connection(connection.id) == connection


class TestOneAccountOnce:
    @pytest.fixture
    def second(self, onboarding, connected):
        return onboarding.start_connection(connected.tenant_id)

    @pytest.mark.parametrize("way", ["type", "paste", "launch"])
    def test_an_account_the_tenant_has_connected_is_refused(self, onboarding, second, store, way):
        with pytest.raises(Refused) as refusal:
            if way == "type":
                onboarding.submit_account(second.id, raw_account_id=ACCOUNT)
            elif way == "paste":
                onboarding.submit_role(second.id, raw_role_arn=role_in(ACCOUNT, second))
            else:
                onboarding.launch(second.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)

        assert refusal.value.code == "account_already_connected"
        assert store.get_connection(second.id) == second
        assert store.issued(second.id) == []

    def test_once_the_first_is_disconnected_the_account_is_free(self, onboarding, connected, second):
        onboarding.done_by(Actor.OPERATOR).disconnect(connected.id)

        assert onboarding.submit_account(second.id, raw_account_id=ACCOUNT).account_id == ACCOUNT

    def test_another_tenant_may_connect_the_same_account(self, onboarding, connected, other_tenant):
        theirs = onboarding.start_connection(other_tenant.id)

        assert onboarding.submit_account(theirs.id, raw_account_id=ACCOUNT).status is Status.WAITING

    def test_a_claim_that_nobody_proved_blocks_nobody(self, onboarding, connection, other_tenant, tenant):
        onboarding.submit_role(connection.id, raw_role_arn=role_in(ACCOUNT, connection))
        same_tenant = onboarding.start_connection(tenant.id)
        theirs = onboarding.start_connection(other_tenant.id)

        for other in (same_tenant, theirs):
            named = onboarding.submit_role(other.id, raw_role_arn=role_in(ACCOUNT, connection))
            assert named.status is Status.WAITING
