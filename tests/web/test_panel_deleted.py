"""What the live panel says once the stack of a connected account was deleted, and when a new one begins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import STACK, a_vendor, an_event
from tests.web.stack_reports import WITH_CALLBACKS, items, panel_of, polled
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import an_app, document


@pytest.fixture
def vendor():
    return a_vendor(**WITH_CALLBACKS)


@pytest.fixture
def app(store, clock):
    return an_app(store, clock, **WITH_CALLBACKS)


def test_a_connected_panel_learns_by_itself_that_the_stack_was_deleted(visitor, story, tenant, store, clock):
    connection = story.connected(tenant)
    connection = store.commit(
        connection,
        replace(connection, stack_id=replace(STACK, region="us-east-1")),
        an_event(connection_id=connection.id),
    )
    panel = panel_of(visitor, connection)
    assert panel.get("hx-trigger") == "every 10s, look"
    assert polled(visitor, panel) is None

    gone = replace(connection, stack_deleted_at=clock.now())
    connection = store.commit(connection, gone, an_event(connection_id=connection.id))
    assert "HX-Location" in visitor.get(panel.get("hx-get"), htmx=True).headers, "the page still says that all is well"
    success = document(visitor.get(f"/connect/{connection.id}/success"))
    assert "was deleted" in text_of(next(success.iter("h1")))
    panel = by_id(success, "status_panel")
    assert "The stack was deleted" in text_of(panel)
    assert "We are asking AWS" in text_of(panel)
    assert polled(visitor, panel) is None, "the wizard does not go to success again"

    clock.forward(seconds=5)
    story.aws.is_gone(connection.role_arn)
    connection = story.verify(connection)
    panel = polled(visitor, panel)
    assert panel.get("data-status") == "degraded"
    assert "by 18 May 2030, 12:00 UTC" in text_of(panel)
    assert ("done", "AWS refuses us the role") in items(panel)
    assert not [state for state, _ in items(panel) if state == "bad"], "nothing has failed: the tenant removed it"
    assert by_id(panel, "receipt_link").get("href") == f"/connect/{connection.id}/receipt"


def test_a_new_stack_that_is_to_reconnect_the_account_shows_as_one_under_way(
    visitor, story, tenant, store, clock, reports
):
    connection = story.connected(tenant)
    gone = replace(connection, stack_id=replace(STACK, unique="first"), stack_deleted_at=clock.now())
    connection = store.commit(connection, gone, an_event(connection_id=connection.id))
    story.aws.is_gone(connection.role_arn)
    connection = story.verify(connection)
    clock.forward(minutes=1)
    reports(connection)

    panel = panel_of(visitor, connection)

    assert "The stack has begun" in text_of(panel)
    assert items(panel)[1:3] == [
        ("done", "Stack begun in 1111-2222-3333 (eu-west-1)"),
        ("now", "Role appears in 1111-2222-3333"),
    ]
    assert items(panel)[-1] == ("todo", "Connected")
