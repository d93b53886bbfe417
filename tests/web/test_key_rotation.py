"""The key that signs is replaced, and nobody in mid-wizard notices."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.framed import FramedVisitor
from tests.web.visitor import SECRET_KEY, Visitor, an_app

NEW_KEY = "another-key-that-is-as-long-0123456789"


@pytest.fixture
def rotated(store, clock):
    return an_app(store, clock, secret_key=NEW_KEY, secret_key_fallbacks=(SECRET_KEY,))


@pytest.fixture
def replaced(store, clock):
    return an_app(store, clock, secret_key=NEW_KEY)


def move(visitor, app):
    """The same browser, after a restart of the server."""
    cookies = visitor._client._cookies
    visitor.app, visitor._client = app, app.test_client(use_cookies=cookies is not None)
    visitor._client._cookies = cookies
    return visitor


@pytest.mark.parametrize("where", ["alone", "framed, cookie", "framed, no cookies"])
def test_a_form_that_was_open_while_the_key_was_rotated_is_taken(app, rotated, replaced, tenant, store, where):
    visitor = (
        Visitor(app).enter(tenant)
        if where == "alone"
        else FramedVisitor(app, keeps_cookies=where == "framed, cookie").enter(tenant)
    )
    typed = {"csrf_token": visitor.token()}

    assert move(visitor, rotated).open("POST", "/connections", data=typed).status_code == 303
    assert len(store.list_connections()) == 1
    assert move(visitor, replaced).open("POST", "/connections", data=typed).status_code in (400, 401)


def test_an_external_id_that_was_shown_before_the_key_was_rotated_can_be_copied(app, rotated, tenant, story, store):
    visitor, connection = Visitor(app).enter(tenant), story.draft(tenant)
    typed = {"csrf_token": visitor.token(), "shown": visitor.shown(connection)}

    answer = move(visitor, rotated).open("POST", f"/connect/{connection.id}/pin", data=typed)

    assert answer.status_code == 303
    assert store.get_connection(connection.id).pinned_external_id == store.issued(connection.id)[0].external_id


def test_an_invite_that_an_older_key_signed_still_opens(app, rotated, replaced, tenant, invites):
    here = app.extensions["rolecall"]
    token = here.invites.token(here.invites.invite(name="Acme", reference="acme", lifetime=timedelta(days=7)))

    assert Visitor(rotated).get(f"/i/{token}").status_code == 200
    assert Visitor(replaced).get(f"/i/{token}").status_code == 404


def test_what_is_signed_from_now_on_is_signed_by_the_new_key(rotated, replaced, tenant):
    visitor = Visitor(rotated).enter(tenant)

    assert move(visitor, replaced).get("/connections").status_code == 200
