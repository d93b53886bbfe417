"""The API for a portal's server: a key, a JSON object, and an answer that a program can read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.entry.portal import START_LIFETIME
from tests.builders import NOON, OTHER_ACCOUNT
from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL

GOOD = {"tenant": "acme-7", "tenant_name": "Acme GmbH", "origin": PORTAL_ORIGIN}


@pytest.fixture
def token(app):
    return app.extensions["rolecall"].api_keys.create("portal")[1]


@pytest.fixture
def ask(app, token):
    def send(body=GOOD, *, authorization=f"Bearer {token}", **others):
        headers = {"Authorization": authorization} if authorization else {}
        given = {"json": body} if not isinstance(body, bytes) else {"data": body, "content_type": "application/json"}
        return app.test_client().post("/api/v1/launches", base_url=PUBLIC_URL, headers={**headers, **others}, **given)

    return send


def test_a_launch_is_answered_with_the_address_of_the_iframe(ask, store):
    answer = ask()

    assert answer.status_code == 201
    launch = store.get_portal_start(answer.json["id"])
    address, _, secret = answer.json["url"].partition("#")
    assert address == f"{PUBLIC_URL}/embed/{launch.id}"
    assert len(secret) == 64
    assert answer.json["expires_at"] == (NOON + START_LIFETIME).isoformat(timespec="seconds")
    assert timedelta(seconds=60) == START_LIFETIME
    assert store.get_tenant(launch.tenant_id).reference == "acme-7"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer rolecall_0_0", f"Bearer rolecall_{'0' * 32}_{'0' * 64}"],
)
def test_without_a_key_of_ours_there_is_nothing(ask, store, authorization):
    answer = ask(authorization=authorization)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["error"]["code"] == "api_key_unknown"
    assert "API key" in answer.json["error"]["message"]
    assert store.list_tenants() == []


def test_a_key_that_was_revoked_is_none(ask, app, store):
    app.extensions["rolecall"].api_keys.revoke(store.list_api_keys()[0].id)

    assert ask().status_code == 401


def test_no_cookie_stands_in_for_a_key(app, visitor):
    assert visitor.open("POST", "/api/v1/launches", json=GOOD).status_code == 401


@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_of_another_site_cannot_use_it_even_with_a_key(ask, store, foreign):
    assert ask(**foreign).status_code == 400
    assert store.list_tenants() == []


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"tenant": ""}, "tenant", "invalid_field"),
        ({"tenant": " "}, "tenant", "invalid_field"),
        ({"tenant": "x" * 101}, "tenant", "invalid_field"),
        ({"tenant_name": "a\x1b[2Jb"}, "tenant_name", "invalid_field"),
        ({"tenant_name": "a\nb"}, "tenant_name", "invalid_field"),
        ({"tenant": 7}, "tenant", "not_text"),
        ({"tenant": None}, "tenant", "not_text"),
        ({"account_id": 111122223333}, "account_id", "not_text"),
        ({"origin": ["https://portal.example.net"]}, "origin", "not_text"),
        ({"account_id": "12"}, "account_id", "account_id_malformed"),
        ({"origin": "portal"}, "origin", "origin_malformed"),
        ({"origin": "http://portal.example.net"}, "origin", "origin_in_the_clear"),
        ({"origin": "https://evil.example"}, "origin", "origin_not_registered"),
        ({"return_url": "https://evil.example"}, "return_url", "return_url_not_allowed"),
        ({"external_id": "mine"}, "external_id", "unknown_field"),
    ],
)
def test_a_field_that_will_not_do_is_named(ask, store, changed, field, code):
    answer = ask({**GOOD, **changed})

    assert answer.status_code == 422
    assert answer.json["error"]["field"] == field
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["message"]
    assert store.list_tenants() == []


@pytest.mark.parametrize("missing", GOOD)
def test_a_field_that_is_missing_is_named(ask, missing):
    answer = ask({name: value for name, value in GOOD.items() if name != missing})

    assert (answer.status_code, answer.json["error"]["field"]) == (422, missing)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'{"tenant": "' + b"x" * 100 + b'"'])
def test_what_is_no_object_is_said_to_be_none(ask, body):
    answer = ask(body)

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "not_an_object"


def test_too_much_is_413_and_every_error_has_the_same_shape(app, ask, token):
    client = app.test_client()
    answers = [
        ask(b'{"tenant": "' + b"x" * 70_000 + b'"}'),
        client.get("/api/v1/launches", base_url=PUBLIC_URL),
        client.get("/api/v1/nothing", base_url=PUBLIC_URL),
    ]

    assert [a.status_code for a in answers] == [413, 405, 404]
    assert all(set(a.json["error"]) == {"code", "message"} for a in answers)


@pytest.fixture
def read(app, token):
    def get(query="tenant=acme", *, authorization=f"Bearer {token}"):
        headers = {"Authorization": authorization}
        return app.test_client().get(f"/api/v1/connections?{query}", base_url=PUBLIC_URL, headers=headers)

    return get


def test_a_portals_server_reads_how_the_connections_of_one_tenant_stand(read, story, tenant, other_tenant):
    connected, draft = story.connected(tenant), story.draft(tenant)
    story.connected(other_tenant, OTHER_ACCOUNT)

    answer = read(f"tenant={tenant.reference}")

    assert answer.status_code == 200
    assert answer.json["tenant"] == tenant.reference
    found = {c["connection"]: c for c in answer.json["connections"]}
    assert found.keys() == {draft.handle, connected.handle}
    begun, proved = found[draft.handle], found[connected.handle]
    assert (begun["status"], begun["account_id"], begun["connected_at"]) == ("draft", None, None)
    assert (proved["status"], proved["account_id"]) == ("connected", connected.account_id)
    assert proved["connected_at"] == connected.connected_at.isoformat(timespec="seconds")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_key_reads_nothing_to_assume_a_role_with(read, story, tenant):
    connected = story.connected(tenant)

    answer = read(f"tenant={tenant.reference}")

    assert connected.bound_external_id
    for secret in (str(connected.role_arn), connected.bound_external_id, connected.id, tenant.id):
        assert secret not in answer.text


def test_a_tenant_whom_nobody_started_has_no_connections_and_is_not_added(read, store):
    answer = read("tenant=nobody")

    assert (answer.status_code, answer.json) == (200, {"tenant": "nobody", "connections": []})
    assert store.list_tenants() == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "tenant", "invalid_field"),
        ("tenant=", "tenant", "invalid_field"),
        (f"tenant={'x' * 101}", "tenant", "invalid_field"),
        ("tenant=a%0Ab", "tenant", "invalid_field"),
        ("tenant=acme&status=connected", "status", "unknown_field"),
    ],
)
def test_a_question_that_will_not_do_is_named(read, query, field, code):
    answer = read(query)

    assert (answer.status_code, answer.json["error"]["field"], answer.json["error"]["code"]) == (422, field, code)


def test_without_a_key_nothing_is_read(read, story, tenant):
    story.connected(tenant)

    for authorization in ("", "Bearer x"):
        assert read(f"tenant={tenant.reference}", authorization=authorization).status_code == 401
