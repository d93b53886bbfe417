"""What no request can do, on any route there is: choose an external ID, reach another tenant's connection, call AWS."""

from __future__ import annotations

import time
from itertools import count

import boto3
import botocore.session
import pytest
from itsdangerous import TimestampSigner

from tests.builders import OTHER_ACCOUNT, an_external_id
from tests.web.forms import fields_for
from tests.web.visitor import Visitor, address, an_app, document, routes

SENT = str(an_external_id(666))
NAMES = (
    "external_id",
    "ExternalId",
    "param_ExternalId",
    "pinned_external_id",
    "bound_external_id",
    "external-id",
    "connection.pinned_external_id",
)


def external_ids_of(store, connection):
    kept = store.get_connection(connection.id)
    issued = [i.external_id for i in store.issued(connection.id)]
    return {*issued, kept.pinned_external_id, kept.bound_external_id}


def ways_to_send(visitor, rule):
    """Yield what to pass to `open` so that an external ID travels along, each way there is."""
    given = dict.fromkeys(NAMES, SENT)
    own = {"csrf_token": visitor.token(), **fields_for(rule)}
    yield {"data": {**given, **own}}
    yield {"query_string": given, "data": own}
    yield {"query_string": given}
    yield {"json": given, "headers": {"X-CSRFToken": own["csrf_token"]}}
    yield {"headers": {**given, "X-External-Id": SENT, "Cookie": f"external_id={SENT}"}, "data": own}
    yield {"data": {**own, "shown": SENT, "region": own.get("region", SENT), "account_id": SENT}}


def test_no_request_can_choose_an_external_id(app, visitor, story, tenant, store):
    accounts = (f"{number:012}" for number in count(1))
    asked = 0
    for method, rule, _ in routes(app):
        for connection in (story.draft(tenant), story.waiting(tenant), story.connected(tenant, next(accounts))):
            known = external_ids_of(store, connection)
            path = address(rule, connection_id=connection.id)
            for way in ways_to_send(visitor, rule):
                visitor.open(method, path, **way)
                asked += 1
            now = external_ids_of(store, connection)
            assert SENT not in now
            assert known - {None} <= now
    assert asked == len(routes(app)) * 3 * 6
    assert SENT not in repr(store.list_connections())


def test_the_connection_of_another_tenant_is_404_on_every_route(app, visitor, story, tenant, other_tenant, store):
    theirs = [story.draft(other_tenant), story.waiting(other_tenant), story.connected(other_tenant, OTHER_ACCOUNT)]
    before = [store.get_connection(c.id) for c in theirs], len(store.events())

    doors = [route for route in routes(app) if "<connection_id>" in route[1]]
    assert len(doors) >= 11
    for connection in theirs:
        for method, rule, endpoint in doors:
            sent = {"csrf_token": visitor.token(), **fields_for(rule)} if method == "POST" else None
            for path in (address(rule, connection_id=connection.id), address(rule, connection_id="there-is-none")):
                answer = visitor.open(method, path, data=sent)
                assert answer.status_code == 404, (method, endpoint)
                assert document(answer) is not None
                assert connection.handle not in answer.text
    assert before == ([store.get_connection(c.id) for c in theirs], len(store.events()))


def test_theirs_looks_just_like_one_that_is_not_there(visitor, story, tenant, other_tenant, monkeypatch):
    # A page's CSRF token says in which second it was made, and the two could be made in two.
    now = int(time.time())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: now)
    theirs = visitor.get(f"/connect/{story.waiting(other_tenant).id}/step/1")
    nobodys = visitor.get("/connect/there-is-none/step/1")

    assert theirs.data == nobodys.data


def test_a_stranger_gets_to_no_connection(app, stranger, story, tenant, visitor):
    connection = story.connected(tenant)

    for method, rule, endpoint in routes(app):
        if "<connection_id>" in rule and method == "GET":
            assert stranger.get(address(rule, connection_id=connection.id)).status_code == 404, endpoint


def test_the_web_application_never_makes_an_aws_client(app, visitor, story, tenant, monkeypatch):
    made = []
    monkeypatch.setattr(botocore.session.Session, "create_client", lambda *given, **_: made.append(given))
    monkeypatch.setattr(boto3.session.Session, "client", lambda *given, **_: made.append(given))
    connection = story.waiting(tenant)

    for method, rule, _ in routes(app):
        path = address(rule, connection_id=connection.id)
        visitor.open(method, path, data={"csrf_token": visitor.token(), **fields_for(rule)})
    visitor.get(f"/connect/{connection.id}/status", htmx=True)

    assert made == []
    boto3.session.Session().client("sts")
    assert len(made) == 1, "the trap works"


@pytest.mark.parametrize("key", ["another-key-of-the-same-length-0123", "5b0d7e3c9a1f4286-canary-key-that-signt"])
def test_a_session_that_another_key_signed_is_nobodys(app, visitor, store, clock, key):
    elsewhere = Visitor(an_app(store, clock, secret_key=key))
    elsewhere.set_cookie(visitor.cookie().value)

    assert visitor.get("/connections").status_code == 200
    assert elsewhere.get("/connections").status_code == 303
