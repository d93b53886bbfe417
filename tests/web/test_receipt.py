"""The receipt as the tenant reads it: on the page, in the list, after the connection has ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor
from tests.builders import STACK, an_event
from tests.web.colleague import Colleague, hand_over
from tests.web.strict_html import by_id, links, text_of
from tests.web.visitor import document


@pytest.fixture
def lost(story, tenant, store, clock, aws):
    """A connection whose stack was deleted, and whose role AWS refuses since."""
    connection = story.connected(tenant)
    gone = replace(connection, stack_id=STACK, stack_deleted_at=clock.now())
    connection = store.commit(connection, gone, an_event(connection_id=connection.id))
    aws.is_gone(connection.role_arn)
    clock.forward(minutes=1)
    connection = story.verify(connection)
    assert connection.status is Status.DEGRADED
    return connection


def page_of(visitor, connection):
    return document(visitor.get(f"/connect/{connection.id}/receipt"))


def test_it_says_what_was_deleted_when_aws_refused_us_and_that_nothing_is_left_to_do(visitor, lost):
    page = page_of(visitor, lost)

    said = text_of(by_id(page, "receipt"))
    assert "1111-2222-3333" in said
    assert str(lost.role_arn) in said
    assert lost.bound_external_id in said
    assert "17 May 2030, 12:00:00 UTC" in said, "when the stack was deleted"
    assert "12:01:00 UTC" in said, "when AWS refused us"
    assert "can no longer read account 1111-2222-3333" in text_of(page)
    assert [b for b in page.iter("button") if "data-print" in b.attrib]


def test_it_stays_after_the_connection_has_ended_and_calls_the_external_id_void(visitor, lost, onboarding):
    ended = onboarding.done_by(Actor.OPERATOR).disconnect(lost.id)

    page = page_of(visitor, ended)

    assert "Void: it is never used again." in text_of(page)
    assert str(lost.role_arn) in text_of(page)
    assert "can no longer read account" in text_of(page)
    panel = by_id(page, "status_panel")
    assert "Nothing is left to do" in text_of(panel)
    assert by_id(panel, "receipt_link") is not None


def test_the_list_of_accounts_leads_to_it(visitor, lost, story, tenant):
    sound = story.connected(tenant, "444455556666")

    found = links(document(visitor.get("/connections")))

    assert f"/connect/{lost.id}/receipt" in found
    assert f"/connect/{sound.id}/receipt" not in found


def test_the_list_calls_neither_connected_nor_broken_what_somebody_deleted(visitor, story, tenant, store, clock, lost):
    connection = story.connected(tenant, "444455556666")
    deleted = replace(connection, stack_id=STACK, stack_deleted_at=clock.now())
    store.commit(connection, deleted, an_event(connection_id=connection.id))

    shown = [text_of(line) for line in document(visitor.get("/connections")).iter("li") if "Receipt" in text_of(line)]

    assert len(shown) == 2, "one that AWS refuses us already, and one of which we are still asking AWS"
    assert all("Stack deleted" in line for line in shown)
    assert not any("Connected" in line or "Needs attention" in line for line in shown)


def test_the_page_of_success_says_that_the_stack_was_deleted(visitor, lost):
    page = document(visitor.get(f"/connect/{lost.id}/success"))

    assert "was deleted" in text_of(next(page.iter("h1")))
    assert f"/connect/{lost.id}/receipt" in links(page)


def test_the_page_of_a_deleted_stack_says_nothing_that_holds_only_while_the_role_is_there(visitor, lost):
    main = text_of(next(document(visitor.get(f"/connect/{lost.id}/success")).iter("main")))

    assert "does not let us use the role yet" not in main
    assert "Continue to" not in main
    assert "How to remove access" not in main


def test_a_colleague_who_can_open_it_is_told_until_when(app, visitor, story, tenant, store, clock, aws):
    connection = story.waiting(tenant)
    colleague = Colleague(app).accept(hand_over(app, connection)[1], connection)
    aws.accepts_only(connection.claimed_role_arn, connection.pinned_external_id)
    connected = story.verify(store.get_connection(connection.id))
    deleted = replace(connected, stack_id=STACK, stack_deleted_at=clock.now())
    connected = store.commit(connected, deleted, an_event(connection_id=connection.id))
    aws.is_gone(connected.role_arn)
    clock.forward(minutes=1)
    story.verify(connected)

    theirs = text_of(page_of(colleague, connection))

    assert "You can open this page until 20 May 2030" in theirs
    assert "This page stays" not in theirs
    assert "This page stays" in text_of(page_of(visitor, connection))


def test_a_connection_that_ended_while_its_role_still_answered_says_what_is_left_to_do(visitor, story, tenant):
    page = text_of(page_of(visitor, story.disconnected(tenant)))

    assert "the role might still be there" in page
    assert "can no longer read" not in page
    assert "Delete" in page


@pytest.mark.parametrize("status", [Status.DRAFT, Status.WAITING, Status.CONNECTED, Status.EXPIRED])
def test_a_connection_that_goes_on_has_no_receipt(visitor, story, tenant, status):
    connection = story.reach(status, tenant)

    assert visitor.get(f"/connect/{connection.id}/receipt").status_code == 303
