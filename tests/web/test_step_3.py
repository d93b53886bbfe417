"""Step 3: a fresh external ID at each load, until one is copied; and only what was shown here can be kept."""

from __future__ import annotations

import pytest

from tests.web.strict_html import by_id, text_of
from tests.web.visitor import Visitor, document


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
    first = text_of(by_id(document(visitor.get(at(connection, "step/3"))), "external-id"))
    visitor.get(at(connection, "step/3"))

    assert visitor.post(at(connection, "pin"), {"number": "1"}, htmx=True).status_code == 204
    assert visitor.post(at(connection, "pin"), {"number": "2"}).location == at(connection, "step/3")

    again = document(visitor.get(at(connection, "step/3")))
    assert text_of(by_id(again, "external-id")) == first == store.get_connection(connection.id).pinned_external_id
    assert len(store.issued(connection.id)) == 2


@pytest.mark.parametrize("number", ["2", "0", "-1", "99999999999999999999999", "one", "", "1; drop"])
def test_a_browser_can_keep_only_an_id_that_it_was_shown(visitor, story, tenant, store, number):
    connection = story.draft(tenant)
    visitor.get(at(connection, "step/3"))

    assert visitor.post(at(connection, "pin"), {"number": number}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_what_one_browser_was_shown_another_cannot_keep(app, visitor, story, tenant, store):
    connection = story.draft(tenant)
    visitor.get(at(connection, "step/3"))
    colleague = Visitor(app).enter(tenant)

    assert colleague.post(at(connection, "pin"), {"number": "1"}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None


def test_a_session_that_walks_many_accounts_still_fits_into_its_cookie(visitor, story, tenant):
    """Browsers drop a cookie of more than 4096 bytes, and the session with it."""
    sizes = []
    for _ in range(60):
        connection = story.waiting(tenant)
        visitor.get(at(connection, "step/3"))
        sizes.append(len(visitor.cookie().value))

    assert sizes[-1] < sizes[20] * 1.2
    assert sizes[-1] < 2000
    assert visitor.post(at(connection, "pin"), {"number": "1"}).status_code == 303


def test_a_number_that_the_store_no_longer_knows_keeps_nothing(app, visitor, story, tenant, store):
    """A store brought back from a backup may be older than a browser's session."""
    connection = story.draft(tenant)
    serializer = app.session_interface.get_signing_serializer(app)
    session = serializer.loads(visitor.cookie().value)
    visitor.set_cookie(serializer.dumps({**session, "shown": [[connection.handle, [7]]]}))

    assert visitor.post(at(connection, "pin"), {"number": "7"}).status_code == 400
    assert store.get_connection(connection.id).pinned_external_id is None
