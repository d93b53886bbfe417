"""What an event of a stack changes, and how it is answered: it only wakes a check (security 14, 17, 18, 20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from onboarding.model import Actor
from onboarding.proof.answer import Outcome
from onboarding.schedule import WATCHING_ENDS_AFTER
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, OTHER_ACCOUNT, ROLE, ROLE_ARN, STACK, a_report, an_event
from tests.deployed import a_self_report, a_stack
from tests.stack_events import said

ELSEWHERE = replace(STACK, account_id=OTHER_ACCOUNT)
SECOND = replace(STACK, unique="a-second-stack")


class TestAStackThatBegins:
    def test_it_is_kept_and_answered_and_the_named_account_is_checked_at_once(self, hears, issued, store, clock):
        issued(Status.WAITING)
        clock.forward(seconds=50)

        heard = hears("Create")

        assert (heard.result, said(heard)) == ("kept", ("SUCCESS", ""))
        after = store.get_connection("connection-1")
        assert (after.status, after.region, after.check_at) == (Status.WAITING, "eu-west-1", clock.now())
        assert after.waiting_since == clock.now()
        [stack] = store.reported_stacks(after.id)
        assert (stack.stack_id, stack.phase, stack.begun_at) == (STACK, StackPhase.BEGUN, clock.now())
        event = store.events(after.id)[-1]
        assert (event.kind, event.actor) == ("stack.begun", Actor.STACK)
        assert event.detail["stack_id"] == str(STACK)

    def test_where_no_account_was_named_nothing_is_watched_before_somebody_confirms_it(self, hears, issued, store):
        issued(Status.WAITING, account_id=None, claimed_role_arn=None)

        hears("Create")

        after = store.get_connection("connection-1")
        assert (after.account_id, after.claimed_role_arn) == (None, None)
        assert after.check_at == NOON + WATCHING_ENDS_AFTER
        assert len(store.reported_stacks(after.id)) == 1

    def test_in_another_account_than_the_named_one_it_changes_no_more_than_what_is_shown(self, hears, issued, store):
        before = issued(Status.WAITING)

        hears("Create", stack_id=ELSEWHERE)

        after = store.get_connection(before.id)
        assert replace(after, version=before.version) == before
        assert [s.stack_id for s in store.reported_stacks(before.id)] == [ELSEWHERE]

    def test_an_expired_connection_is_waited_for_again(self, hears, issued, store, clock):
        issued(Status.EXPIRED)

        heard = hears("Create")

        after = store.get_connection("connection-1")
        assert said(heard) == ("SUCCESS", "")
        assert (after.status, after.waiting_since, after.check_at) == (Status.WAITING, clock.now(), clock.now())

    def test_an_expired_one_beside_a_hundred_others_stays_so_and_its_stack_can_be_made(
        self, hears, issued, store, stored
    ):
        issued(Status.EXPIRED)
        for number in range(100):
            stored(Status.WAITING, id=f"c-{number}", handle=f"h{number:07}")

        heard = hears("Create")

        assert said(heard) == ("SUCCESS", "")
        assert store.get_connection("connection-1").status is Status.EXPIRED

    def test_a_rejected_role_is_looked_at_again_and_what_was_found_stays(self, hears, issued, store, clock):
        before = issued(Status.REJECTED, check_at=NOON + timedelta(hours=1))

        hears("Create")

        after = store.get_connection(before.id)
        assert (after.status, after.finding_code, after.check_at) == (before.status, before.finding_code, clock.now())

    def test_a_pasted_role_stays_the_one_that_is_watched(self, hears, issued, store):
        pasted = replace(ROLE, name="our-own-name")
        issued(Status.WAITING, claimed_role_arn=pasted)

        hears("Create")

        assert store.get_connection("connection-1").claimed_role_arn == pasted

    def test_at_most_three_accounts_are_kept_that_nobody_named(self, hears, issued, store):
        issued(Status.WAITING)
        for number in range(5):
            account = f"{number + 5}" * 12
            heard = hears("Create", stack_id=replace(STACK, account_id=account), request_id=f"r-{number}")
            assert said(heard)[0] == "SUCCESS"
        hears("Create", request_id="ours")

        kept = [s.stack_id.account_id for s in store.reported_stacks("connection-1")]
        assert kept == ["5" * 12, "6" * 12, "7" * 12, ACCOUNT]


class TestWhatIsRefused:
    def test_an_external_id_that_was_never_issued(self, hears, issued, store):
        issued(Status.WAITING)
        before = store.events()

        heard = hears("Create", external_id=EXTERNAL_ID[:-1] + "0")

        status, reason = said(heard)
        assert (heard.result, status) == ("unknown", "FAILED")
        assert "Northwind Cost did not issue this External ID." in reason
        assert store.events() == before

    def test_a_connection_that_was_ended(self, hears, issued):
        issued(Status.DISCONNECTED)

        status, reason = said(hears("Create"))

        assert status == "FAILED"
        assert reason == "This connection to Northwind Cost was ended. Start a new one from your link."

    def test_a_second_stack_beside_one_whose_role_answers(self, hears, issued, store, aws):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        before = issued(Status.CONNECTED, stack_id=STACK, bound_external_id=EXTERNAL_ID)

        heard = hears("Create", stack_id=SECOND)

        assert said(heard)[0] == "FAILED"
        assert "1111-2222-3333 through another stack already. Delete this stack." in said(heard)[1]
        after = store.get_connection(before.id)
        assert replace(after, version=before.version) == before
        assert store.reported_stacks(before.id) == []
        assert store.events(before.id)[-1].kind == "stack.refused"

    @pytest.mark.parametrize("answers", [None, Outcome.THROTTLED, Outcome.TIMED_OUT])
    def test_a_second_stack_is_not_refused_while_the_first_role_does_not_surely_answer(
        self, hears, issued, store, aws, clock, answers
    ):
        if answers:
            aws.answers(answers)
        issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))
        clock.forward(minutes=2)

        heard = hears("Create", stack_id=SECOND)

        after = store.get_connection("connection-1")
        assert said(heard)[0] == "SUCCESS"
        assert (after.status, after.stack_id, after.check_at) == (Status.CONNECTED, STACK, clock.now())

    def test_not_the_stack_that_the_role_says_made_it_though_another_one_is_known(self, hears, issued, store, aws):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, stack=a_stack(ROLE, stack_id=str(SECOND))))
        issued(Status.CONNECTED, stack_id=STACK, bound_external_id=EXTERNAL_ID)

        assert said(hears("Create", stack_id=SECOND)) == ("SUCCESS", "")


class TestAConnectedAccount:
    def test_a_stack_that_gets_the_callback_by_an_update_is_heard_and_known_from_then_on(self, hears, issued, store):
        issued(Status.CONNECTED)

        heard = hears("Create")

        assert said(heard) == ("SUCCESS", "")
        assert store.get_connection("connection-1").stack_id == STACK

    def test_an_update_of_its_stack_has_the_role_proved_again(self, hears, issued, store, clock):
        issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))
        clock.forward(minutes=2)

        heard = hears("Update")

        assert said(heard) == ("SUCCESS", "")
        assert store.get_connection("connection-1").check_at == clock.now()

    def test_that_its_stack_was_deleted_is_noted_and_checked_at_once(self, hears, issued, store, clock):
        issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))

        heard = hears("Delete")

        after = store.get_connection("connection-1")
        assert said(heard) == ("SUCCESS", "")
        assert (after.status, after.stack_deleted_at, after.check_at) == (Status.CONNECTED, clock.now(), clock.now())

    @pytest.mark.parametrize("other", [SECOND, ELSEWHERE, replace(STACK, name="another")], ids=str)
    def test_the_end_of_another_stack_is_nothing_to_it(self, hears, issued, store, other):
        before = issued(Status.CONNECTED, stack_id=STACK)

        heard = hears("Delete", stack_id=other)

        after = store.get_connection(before.id)
        assert said(heard) == ("SUCCESS", "")
        assert replace(after, version=before.version) == before
        assert store.reported_stacks(before.id) == []

    def test_of_a_role_that_cannot_name_its_stack_one_that_reported_is_taken_for_it(self, hears, issued, store, clock):
        before = issued(Status.CONNECTED)
        hears("Delete", stack_id=SECOND, request_id="unheard-of")
        assert store.get_connection(before.id).stack_deleted_at is None
        report = a_report(stack_id=STACK)
        store.commit(store.get_connection(before.id), before, an_event("stack.begun"), report=report)

        hears("Delete")

        after = store.get_connection(before.id)
        assert (after.stack_id, after.stack_deleted_at, after.check_at) == (STACK, clock.now(), clock.now())

    def test_the_end_of_a_second_stack_that_was_let_in_only_has_the_role_asked(self, hears, issued, store, clock):
        issued(Status.CONNECTED, stack_id=STACK, check_at=NOON + timedelta(days=1))
        hears("Create", stack_id=SECOND)
        clock.forward(hours=1)

        hears("Delete", stack_id=SECOND, request_id="r-2")

        after = store.get_connection("connection-1")
        assert (after.stack_id, after.stack_deleted_at) == (STACK, None)
        assert after.check_at <= clock.now()


class TestTheEnd:
    def test_a_stack_that_is_rolled_back_has_ended(self, hears, issued, store, clock):
        issued(Status.WAITING)
        hears("Create")
        clock.forward(seconds=20)

        heard = hears("Delete", request_id="request-2")

        [stack] = store.reported_stacks("connection-1")
        assert said(heard) == ("SUCCESS", "")
        assert (stack.phase, stack.begun_at, stack.ended_at) == (StackPhase.ENDED, NOON, clock.now())

    def test_an_end_that_is_heard_first_is_not_undone_by_its_beginning(self, hears, issued, store):
        issued(Status.WAITING)
        hears("Delete", request_id="request-2")

        heard = hears("Create")

        [stack] = store.reported_stacks("connection-1")
        assert said(heard) == ("SUCCESS", "")
        assert (stack.phase, stack.begun_at) == (StackPhase.ENDED, NOON)

    @pytest.mark.parametrize("status", Status)
    def test_every_delete_gets_success(self, hears, issued, status):
        issued(status)

        assert said(hears("Delete")) == ("SUCCESS", "")
        assert said(hears("Delete", external_id=EXTERNAL_ID[:-1] + "0"))[0] == "SUCCESS"
