"""What the live panel tells of the tenant's stacks: a table of what was reported, and what is known by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.callback.news import ACCOUNTS_OFFERED, News, accounts_reported, stack_news
from onboarding.callback.stacks import StackPhase
from onboarding.ground.arn import AccountId
from onboarding.ground.status import Status
from onboarding.schedule import RECONNECTS_WITHIN
from tests.builders import ACCOUNT, NOON, OTHER_ACCOUNT, STACK, a_connection, a_reported_stack

SECOND = timedelta(seconds=1)


def begun(account_id=ACCOUNT, *, unique="one", after=5 * SECOND):
    stack_id = replace(STACK, account_id=account_id, unique=unique)
    return a_reported_stack(stack_id=stack_id, begun_at=NOON + after)


def ended(account_id=ACCOUNT, *, unique="one", after=30 * SECOND):
    stack_id = replace(STACK, account_id=account_id, unique=unique)
    return a_reported_stack(StackPhase.ENDED, stack_id=stack_id, begun_at=NOON + SECOND, ended_at=NOON + after)


def launched(**values):
    return a_connection(Status.WAITING, **{"launched_at": NOON, **values})


def unnamed(**values):
    return launched(account_id=None, claimed_role_arn=None, **values)


def known(connection, *stacks, after=40 * SECOND, has_callback=True):
    return stack_news(connection, stacks, now=NOON + after, has_callback=has_callback)


def test_before_anything_is_heard_the_panel_waits_for_the_stack_to_begin():
    news = known(launched())

    assert (news.kind, news.awaits_event) == (News.NOTHING, True)
    assert news.changes_at == NOON + timedelta(minutes=1)


def test_after_a_minute_without_an_event_another_way_is_offered_and_then_time_changes_nothing():
    news = known(launched(), after=60 * SECOND)

    assert (news.kind, news.awaits_event, news.changes_at) == (News.SILENT, True, None)


@pytest.mark.parametrize("values", [{"launched_at": None}, {}])
def test_where_no_stack_can_report_silence_says_nothing(values):
    has_callback = bool(values)

    news = known(launched(**values), after=timedelta(hours=1), has_callback=has_callback)

    assert (news.kind, news.awaits_event) == (News.NOTHING, False)


def test_a_stack_that_begins_in_the_named_account_is_told_with_its_time():
    news = known(launched(), begun())

    assert (news.kind, news.stack, news.begun_at) == (News.BEGUN, begun().stack_id, NOON + 5 * SECOND)
    assert news.changes_at == NOON + timedelta(minutes=2, seconds=5)


def test_a_begun_stack_whose_role_stays_silent_beyond_the_usual_time_is_told_so():
    news = known(launched(), begun(), after=timedelta(minutes=2, seconds=5))

    assert (news.kind, news.changes_at) == (News.BEGUN_AND_SILENT, None)


def test_an_event_counts_also_where_none_is_expected_any_more():
    """The tenant launched, the stack began, and then they chose another region or the plain template."""
    assert known(launched(is_plain=True), begun(), has_callback=False).kind is News.BEGUN


def test_a_stack_that_ends_before_its_role_was_seen_did_not_finish():
    news = known(launched(), ended())

    assert (news.kind, news.stack) == (News.UNFINISHED, ended().stack_id)


@pytest.mark.parametrize("order", [1, -1])
def test_a_second_try_that_begins_outweighs_the_first_that_failed(order):
    stacks = [ended(), begun(unique="two", after=35 * SECOND)][::order]

    assert known(launched(), *stacks).kind is News.BEGUN


def test_what_ended_before_the_tenant_launched_anew_under_another_name_is_past():
    again = launched(waiting_since=NOON + timedelta(minutes=2), stack_attempt=2)

    assert known(again, ended(), after=timedelta(minutes=2, seconds=10)).kind is News.NOTHING


def test_an_end_that_is_heard_late_is_no_less_an_end():
    """While nobody receives, Create and Delete wait; the Create then begins the wait after the Delete was sent."""
    late = launched(waiting_since=NOON + timedelta(minutes=4))

    assert known(late, ended(), after=timedelta(minutes=4, seconds=1)).kind is News.UNFINISHED


def test_a_stack_in_another_account_than_the_named_one_is_asked_about():
    news = known(launched(), begun(OTHER_ACCOUNT))

    assert news.kind is News.OTHER_ACCOUNT
    assert [s.account_id for s in news.accounts] == [OTHER_ACCOUNT]


def test_a_stack_that_ends_in_another_account_than_the_named_one_is_no_failure():
    news = known(launched(), ended(OTHER_ACCOUNT))

    assert (news.kind, news.stack) == (News.GONE_ELSEWHERE, ended(OTHER_ACCOUNT).stack_id)
    assert known(unnamed(), ended(OTHER_ACCOUNT)).kind is News.UNFINISHED


def test_a_stack_in_the_named_account_silences_every_other_one():
    assert known(launched(), begun(OTHER_ACCOUNT), begun(), begun("777788889999")).kind is News.BEGUN


def test_a_stack_that_failed_in_the_named_account_counts_more_than_one_left_elsewhere():
    assert known(launched(), begun(OTHER_ACCOUNT), ended()).kind is News.UNFINISHED


def test_who_named_no_account_is_asked_whose_it_is_even_while_a_stray_stack_ends():
    news = known(unnamed(), begun(OTHER_ACCOUNT), ended("777788889999", unique="stray"))

    assert (news.kind, news.stack.account_id) == (News.WHOSE_ACCOUNT, OTHER_ACCOUNT)


def test_at_most_three_accounts_are_offered_the_newest_first_each_once():
    accounts = [AccountId(f"{n}" * 12) for n in range(1, 6)]
    stacks = [begun(a, after=n * SECOND) for n, a in enumerate(accounts)]
    again = begun(accounts[0], unique="again", after=20 * SECOND)

    news = known(unnamed(), *stacks, again)

    assert [s.account_id for s in news.accounts] == [accounts[0], accounts[4], accounts[3]]
    assert news.accounts[0].unique == "again"
    assert len(news.accounts) == ACCOUNTS_OFFERED


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.WAITING])
def test_only_a_connection_that_waits_is_told_of_new_stacks(status):
    assert known(a_connection(status), begun(OTHER_ACCOUNT), ended()).kind is News.NOTHING


def test_once_the_role_was_seen_the_stack_is_no_news():
    assert known(launched(role_seen_at=NOON), begun()).kind is News.NOTHING


@pytest.mark.parametrize("status", [Status.CONNECTED, Status.DEGRADED])
def test_a_deleted_stack_is_told_and_until_when_a_new_one_reconnects(status):
    deleted = a_connection(status, stack_id=STACK, stack_deleted_at=NOON)

    news = known(deleted, ended())

    assert (news.kind, news.stack, news.reconnects_until) == (News.DELETED, STACK, NOON + RECONNECTS_WITHIN)


def test_a_new_stack_after_the_deletion_is_told_as_it_begins_and_if_it_fails_the_deletion_stands():
    deleted = a_connection(Status.DEGRADED, stack_id=STACK, stack_deleted_at=NOON + SECOND, finding_code="role_lost")

    assert known(deleted, begun(unique="new")).kind is News.BEGUN
    assert known(deleted, ended(unique="new")).kind is News.DELETED
    assert known(deleted, begun(OTHER_ACCOUNT, unique="new")).kind is News.DELETED
    assert known(deleted, begun(unique="old", after=-SECOND)).kind is News.DELETED


def test_a_connection_that_has_ended_has_no_news():
    assert known(a_connection(Status.DISCONNECTED, stack_deleted_at=NOON)).kind is News.NOTHING


def test_only_accounts_in_which_a_stack_stands_can_be_confirmed():
    found = accounts_reported([begun(), begun(unique="two", after=9 * SECOND), ended(OTHER_ACCOUNT)])

    assert found == {ACCOUNT: begun(unique="two").stack_id}


def test_a_stack_of_which_only_the_end_was_heard_did_not_finish():
    assert known(launched(), replace(ended(), begun_at=None)).kind is News.UNFINISHED
