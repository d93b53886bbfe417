"""Step 3: a fresh external ID at each load, until one is copied; and only what a page of ours showed can be kept."""

from __future__ import annotations

import pytest

from tests.builders import an_external_id
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Visitor, document, misspelt
from views.guard.shown import shown_token


def at(connection, page):
    return f"/connect/{connection.id}/{page}"


def test_every_load_of_step_3_issues_a_fresh_external_id(visitor, story, tenant, store):
    connection = story.draft(tenant)

    shown = [text_of(by_id(document(visitor.get(at(connection, "step/3"))), "external-id")) for _ in range(3)]

    assert shown == [i.external_id for i in store.issued(connection.id)]
    assert len(set(shown)) == 3


def test_no_more_than_20_are_issued_however_often_step_3_is_loaded(visitor, story, tenant, store):
    connection = story.draft(tenant)

    for _ in range(25):
        last = text_of(by_id(document(visitor.get(at(connection, "step/3"))), "external-id"))

    issued = store.issued(connection.id)
    assert len(issued) == 20
    assert last == issued[-1].external_id


def test_the_id_that_was_copied_stays_from_then_on(visitor, story, tenant, store):
    connection = story.draft(tenant)
    first, second = visitor.shown(connection), visitor.shown(connection)

    assert visitor.post(at(connection, "pin"), {"shown": first}, htmx=True).status_code == 204
    assert visitor.post(at(connection, "pin"), {"shown": second}).location == at(connection, "step/3")

    kept, _ = store.issued(connection.id)
    again = document(visitor.get(at(connection, "step/3")))
    assert text_of(by_id(again, "external-id")) == kept.external_id
    assert store.get_connection(connection.id).pinned_external_id == kept.external_id


@pytest.mark.parametrize("sent", ["", "1", "x" * 501, "\x00", "é.ü", an_external_id(1)])
def test_only_what_a_page_of_ours_showed_can_be_kept(visitor, story, tenant, store, sent):
    connection = story.draft(tenant)
    good = visitor.shown(connection)

    for shown in (sent, f"{an_external_id(1)}.{good.rpartition('.')[2]}", misspelt(good)):
        assert visitor.post(at(connection, "pin"), {"shown": shown}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_what_was_shown_for_one_connection_cannot_be_kept_for_another(visitor, story, tenant, store):
    shown = visitor.shown(story.waiting(tenant))
    connection = story.draft(tenant)

    assert visitor.post(at(connection, "pin"), {"shown": shown}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_what_one_browser_was_shown_another_cannot_keep_without_its_page(app, visitor, story, tenant, store):
    connection = story.draft(tenant)
    visitor.shown(connection)
    colleague = Visitor(app).enter(tenant)

    assert colleague.post(at(connection, "pin"), {"shown": str(store.issued(connection.id)[0])}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_one_that_the_store_no_longer_knows_is_not_kept(app, visitor, story, tenant, store):
    """A store brought back from a backup may be older than a page."""
    connection = story.draft(tenant)
    with app.app_context():
        shown = shown_token(connection, an_external_id(7))

    assert visitor.post(at(connection, "pin"), {"shown": shown}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_the_session_holds_the_external_ids_that_were_shown_last_signed(app, visitor, story, tenant, store):
    connection = story.draft(tenant)
    visitor.shown(connection)
    visitor.shown(connection)

    session = app.session_interface.get_signing_serializer(app).loads(visitor.cookie().value)
    assert session["external_ids"] == [i.external_id for i in store.issued(connection.id)]


def test_a_session_that_walks_many_accounts_still_fits_into_its_cookie(visitor, story, tenant):
    """Browsers drop a cookie of more than 4096 bytes, and the session with it."""
    sizes = []
    for _ in range(60):
        shown = visitor.shown(connection := story.waiting(tenant))
        sizes.append(len(visitor.cookie().value))

    assert sizes[-1] < sizes[20] * 1.2
    assert sizes[-1] < 3000
    assert visitor.post(at(connection, "pin"), {"shown": shown}).status_code == 303
