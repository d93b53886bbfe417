"""What a tenant does about stacks that report: confirm whose account it is, and launch without the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Flow
from tests.builders import (
    ACCOUNT,
    EXTERNAL_ID,
    NOON,
    OTHER_ACCOUNT,
    STACK,
    VENDOR_ACCOUNT,
    a_report,
    a_reported_stack,
    a_vendor,
    an_event,
)

PLAIN = "https://northwind-templates.s3.us-east-1.amazonaws.com/plain-0a1b.yaml"


@pytest.fixture
def vendor():
    return a_vendor(callback_regions=("us-east-1", "eu-west-1"), plain_template_url=PLAIN)


@pytest.fixture
def launch(onboarding, tenant):
    def press(connection=None, **values):
        connection = connection or onboarding.start_connection(tenant.id)
        return onboarding.launch(connection.id, **{"flow": Flow.QUICK_CREATE, "region": "us-east-1", **values})

    return press


@pytest.fixture
def reports(store):
    """Let a stack report to a connection."""

    def report(connection, account_id=ACCOUNT, phase=StackPhase.BEGUN, **values):
        stack_id = replace(STACK, account_id=account_id, **values)
        made = a_report(connection.id, stack_id=stack_id, request_id=f"{account_id}-{phase}-{stack_id.unique}")
        kept = a_reported_stack(phase, stack_id=stack_id, connection_id=connection.id)
        event = an_event("stack.begun", connection_id=connection.id)
        newest = store.get_connection(connection.id)
        return store.commit(newest, newest, event, report=replace(made, stack=kept))

    return report


class TestConfirmingTheAccount:
    def test_the_press_names_the_account_the_role_and_the_region_and_wakes_the_check(
        self, onboarding, launch, reports, store, clock
    ):
        connection = reports(launch())
        clock.forward(seconds=40)

        confirmed = onboarding.confirm_account(connection.id, raw_account_id=ACCOUNT)

        assert (confirmed.account_id, confirmed.region, confirmed.status) == (ACCOUNT, "eu-west-1", Status.WAITING)
        assert str(confirmed.claimed_role_arn) == f"arn:aws:iam::{ACCOUNT}:role/{connection.role_name}"
        assert confirmed.check_at == clock.now()
        assert confirmed.pinned_external_id == connection.pinned_external_id
        newest = store.events(connection.id)[-1]
        assert (newest.kind, newest.detail) == ("account.confirmed", {"account_id": ACCOUNT, "region": "eu-west-1"})

    def test_it_corrects_the_account_that_was_named(self, onboarding, launch, reports):
        connection = reports(launch(raw_account_id=ACCOUNT), OTHER_ACCOUNT)

        assert onboarding.confirm_account(connection.id, raw_account_id=OTHER_ACCOUNT).account_id == OTHER_ACCOUNT

    def test_pressing_twice_does_nothing_twice(self, onboarding, launch, reports, store):
        connection = reports(launch())
        once = onboarding.confirm_account(connection.id, raw_account_id=ACCOUNT)

        assert onboarding.confirm_account(connection.id, raw_account_id=ACCOUNT) == once

    @pytest.mark.parametrize("account_id", [OTHER_ACCOUNT, VENDOR_ACCOUNT, "x", ""])
    def test_an_account_in_which_no_stack_reported_is_not_confirmed(
        self, onboarding, launch, reports, store, account_id
    ):
        connection = reports(launch())

        with pytest.raises(Refused):
            onboarding.confirm_account(connection.id, raw_account_id=account_id)
        assert store.get_connection(connection.id) == connection

    def test_nor_one_whose_stack_has_ended(self, onboarding, launch, reports):
        connection = reports(launch(), phase=StackPhase.ENDED)

        with pytest.raises(Refused) as refused:
            onboarding.confirm_account(connection.id, raw_account_id=ACCOUNT)
        assert refused.value.code == "account_not_reported"

    def test_nor_a_stack_that_reported_to_another_connection(self, onboarding, launch, reports, stored):
        other = stored(Status.WAITING)
        reports(other)

        with pytest.raises(Refused):
            onboarding.confirm_account(launch().id, raw_account_id=ACCOUNT)

    def test_an_account_that_is_connected_already_is_not_connected_twice(self, onboarding, launch, reports, stored):
        stored(Status.CONNECTED)
        connection = reports(launch())

        with pytest.raises(Refused) as refused:
            onboarding.confirm_account(connection.id, raw_account_id=ACCOUNT)
        assert refused.value.code == "account_already_connected"

    def test_a_connected_account_stays_the_one_it_is(self, onboarding, reports, stored):
        connection = reports(stored(Status.CONNECTED), OTHER_ACCOUNT)

        with pytest.raises(IllegalTransition):
            onboarding.confirm_account(connection.id, raw_account_id=OTHER_ACCOUNT)


class TestLaunching:
    def test_the_plain_template_is_launched_with_the_same_external_id(self, onboarding, launch, store, vendor):
        before = launch()

        plain = launch(before, is_plain=True)

        assert plain.is_plain
        assert plain.stack_name == f"{before.stack_name}-2", "the stack that could not report has failed, and is there"
        assert plain.pinned_external_id == before.pinned_external_id
        assert vendor.launch(plain, plain.pinned_external_id).template_url == PLAIN
        assert store.events(plain.id)[-1].detail["is_plain"] == "yes"
        assert launch(plain, is_plain=True).stack_name == plain.stack_name
        assert launch(plain).is_plain

    def test_without_a_plain_template_there_is_none_to_launch(self, onboarding, launch):
        without = replace(onboarding, vendor=a_vendor())
        connection = launch()

        assert not without.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1", is_plain=True).is_plain

    def test_after_a_stack_that_did_not_finish_the_next_launch_takes_another_name(self, launch, reports):
        first = launch()
        reports(first, phase=StackPhase.ENDED, name=first.stack_name)

        again = launch(first)

        assert again.stack_name == f"{first.stack_name}-2"
        assert launch(again).stack_name == again.stack_name

    def test_the_end_of_a_stack_of_another_name_leaves_the_name(self, launch, reports):
        first = launch()
        reports(first, phase=StackPhase.ENDED, name="something-else")

        assert launch(first).stack_name == first.stack_name
        assert first.launched_at == NOON


class TestAReconnection:
    @pytest.fixture
    def gone(self, store, stored, reports):
        """A connection whose stack, of the proposed name, was deleted."""
        connection = stored(Status.DEGRADED, stack_id=STACK, stack_deleted_at=NOON, finding_code="role_lost")
        store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
        return reports(connection, phase=StackPhase.ENDED)

    def test_the_name_of_the_deleted_stack_is_free(self, launch, gone):
        assert launch(gone).stack_name == STACK.name

    def test_a_new_stack_that_was_rolled_back_keeps_it_taken(self, launch, reports, gone):
        failed = reports(gone, phase=StackPhase.ENDED, region="us-east-1", unique="another")

        assert launch(failed).stack_name == f"{STACK.name}-2"
