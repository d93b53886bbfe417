"""Limits that people never meet and scripts do: counted for an address, a tenant, a named tenant."""

from __future__ import annotations

import re
from functools import partial

import pytest

from config import PROJECT
from tests.web.colleague import Colleague, hand_over
from tests.web.strict_html import by_id
from tests.web.visitor import PORTAL_ORIGIN, Visitor, a_new_app, document
from views.guard.counters import Counters
from views.guard.limits import LIMITS, Rate, network_of

ADDRESS = {"REMOTE_ADDR": "192.0.2.1"}
DOCUMENTED = dict(LIMITS)


@pytest.fixture(autouse=True)
def low(monkeypatch):
    """Lower the highest limits, since a test has to reach them."""
    for act in ("page", "brand", "portal_read", "portal_start"):
        monkeypatch.setitem(LIMITS, act, Rate(address=80, tenant=LIMITS[act].tenant and 40))


@pytest.fixture
def app(store, clock):
    return a_new_app(store, clock, has_rate_limits=True, proxy_hops=0)


def most(act, whom):
    return getattr(LIMITS[act], whom)


def test_the_limits_are_those_that_are_documented():
    text = (PROJECT / "docs/threat-model.md").read_text()
    section = text.partition("## Rate limits")[2]
    rows = re.findall(r"^\| (\w+) \| ([\d,]*) ?\| ([\d,]*) ?\| .{10,} \|$", section, re.MULTILINE)

    assert [(name, *(int(most.replace(",", "") or 0) or None for most in limits)) for name, *limits in rows] == [
        (name, limits.address, limits.tenant) for name, limits in DOCUMENTED.items()
    ]


def paste(visitor, connection, arn="hello"):
    return visitor.post(f"/connect/{connection.id}/role", {"role_arn": arn})


@pytest.mark.parametrize("typed", ["typed by hand", '\ufeffpasted\u200b "<ä世界👩>"'])
def test_a_tenant_who_pastes_too_often_reads_when_to_go_on_and_loses_nothing(visitor, story, tenant, typed):
    connection = story.draft(tenant)
    for _ in range(most("role", "tenant")):
        assert paste(visitor, connection).status_code == 422

    answer = visitor.open(
        "POST",
        f"/connect/{connection.id}/role",
        data={"csrf_token": visitor.token(), "role_arn": typed},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"in {seconds} seconds" in answer.text
    assert re.search(r"You can go on at \d\d:\d\d:\d\d UTC", answer.text)
    kept = {f.get("name"): f.get("value") for f in document(answer).iter("input")}
    assert kept["role_arn"] == typed


def test_one_tenant_uses_up_nothing_of_anothers(app, visitor, other_visitor, story, tenant, other_tenant):
    for _ in range(most("role", "tenant")):
        paste(visitor, story.draft(tenant))

    assert paste(visitor, story.draft(tenant)).status_code == 429
    assert paste(other_visitor, story.draft(other_tenant)).status_code == 422


def test_no_number_of_addresses_makes_a_tenants_limit_be_forgotten(store, clock, story, tenant, monkeypatch):
    monkeypatch.setattr("views.guard.limits.Counters", partial(Counters, remembered=30))
    visitor = Visitor(a_new_app(store, clock, has_rate_limits=True, proxy_hops=0)).enter(tenant)
    connection = story.draft(tenant)
    for _ in range(most("role", "tenant")):
        paste(visitor, connection)

    for number in range(60):
        visitor.get("/i/made-up", environ_base={"REMOTE_ADDR": f"2001:db8:0:{number:x}::1"})

    assert paste(visitor, connection).status_code == 429


def test_a_script_is_stopped_by_its_address_whoever_it_says_it_is(app, stranger):
    for _ in range(most("invite", "address")):
        assert stranger.get("/i/made-up").status_code == 404

    assert stranger.get("/i/made-up").status_code == 429
    elsewhere = Visitor(app)
    assert elsewhere.get("/i/made-up", environ_base=ADDRESS).status_code == 404


def test_what_a_client_claims_as_its_address_counts_for_nothing_without_a_proxy(app, stranger):
    for number in range(most("invite", "address")):
        stranger.open("GET", "/i/made-up", headers={"X-Forwarded-For": f"192.0.2.{number}"})

    assert stranger.open("GET", "/i/made-up", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429


def test_behind_a_proxy_the_last_hop_counts_and_no_more(store, clock):
    behind = Visitor(a_new_app(store, clock, has_rate_limits=True, proxy_hops=1))
    for number in range(most("invite", "address")):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.1"}
        assert behind.open("GET", "/i/made-up", headers=forwarded).status_code == 404
    assert behind.open("GET", "/i/made-up", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    assert behind.open("GET", "/i/made-up", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 404


def test_every_act_of_a_tenant_is_limited(app, visitor, story, tenant):
    connection = story.waiting(tenant)
    at, token = f"/connect/{connection.id}", visitor.token()

    def post(path, **fields):
        return visitor.open("POST", path, data={"csrf_token": token, **fields})

    tries = {
        "connect": lambda: post("/connections"),
        "account": lambda: post(f"{at}/account", account_id="x"),
        "pin": lambda: post(f"{at}/pin"),
        "check": lambda: post(f"{at}/check"),
        "retry": lambda: post(f"{at}/retry"),
        "revoke": lambda: post(f"{at}/handover/none/revoke"),
        "handover": lambda: post(f"{at}/handover", days="8"),
        "launch": lambda: post(f"{at}/launch", flow="pages", region="us-east-1"),
        "role": lambda: post(f"{at}/role", role_arn="x"),
        "examine": lambda: post(f"{at}/examine", pasted="{}"),
    }
    apart = {"page", "poll", "portal_start", "portal_read"}  # These have tests of their own.
    assert set(tries) == {act for act, limits in LIMITS.items() if limits.tenant} - apart
    for act, attempt in tries.items():
        assert 429 not in {attempt().status_code for _ in range(most(act, "tenant"))}, act
        assert attempt().status_code == 429, act


def test_a_colleague_uses_up_nothing_of_the_tenants(app, visitor, story, tenant):
    connection = story.waiting(tenant)
    handover, link = hand_over(app, connection)
    revoke = f"/connect/{connection.id}/handover/{handover.id}/revoke"
    thief = Colleague(app).accept(link, connection)
    seen = {thief.get(f"/connect/{connection.id}/step/2").status_code for _ in range(most("page", "tenant") + 1)}
    assert seen == {200, 429}

    assert visitor.get(f"/connect/{connection.id}/handover").status_code == 200
    assert visitor.post(revoke).status_code == 303


@pytest.mark.parametrize(
    ("act", "method", "path"),
    [
        ("invite", "GET", "/i/made-up"),
        ("handover_open", "POST", "/h/made-up/again"),
        ("exchange", "POST", "/embed/none"),
        ("language", "POST", "/language"),
        ("brand", "GET", "/brand/-/logo"),
        ("page", "GET", "/there/is/none"),
        ("page", "DELETE", "/connections"),
    ],
)
def test_every_act_of_an_address_is_limited(stranger, act, method, path):
    assert 429 not in {stranger.open(method, path).status_code for _ in range(most(act, "address"))}
    assert stranger.open(method, path).status_code == 429
    assert stranger.open(method, path, environ_base=ADDRESS).status_code != 429


def test_a_monitor_is_never_refused(stranger):
    assert {stranger.get("/healthz").status_code for _ in range(most("page", "address") + 1)} == {200}


def test_polls_use_up_nothing_of_the_pages(visitor, story, tenant):
    at = f"/connect/{story.waiting(tenant).id}"
    tag = by_id(document(visitor.get(f"{at}/status")), "status_panel").get("hx-get").partition("=")[2]
    for _ in range(most("page", "tenant") + 1):
        assert visitor.get(f"{at}/status?has={tag}").status_code == 204

    for _ in range(most("page", "tenant")):
        assert visitor.get(f"{at}/command").status_code == 200
    assert visitor.get(f"{at}/command").status_code == 429
    assert visitor.get(f"{at}/status?has={tag}").status_code == 204


@pytest.mark.parametrize(
    ("address", "other", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "unix:", False),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_sender(stranger, address, other, is_one):
    for _ in range(most("invite", "address")):
        stranger.get("/i/made-up", environ_base={"REMOTE_ADDR": address})

    answer = stranger.get("/i/made-up", environ_base={"REMOTE_ADDR": other})
    assert answer.status_code == (429 if is_one else 404)


@pytest.mark.parametrize(
    ("address", "with_port"),
    [
        ("192.0.2.1", "192.0.2.1:5678"),
        ("2001:db8::1", "[2001:db8::2]:443"),
        ("2001:db8::1", "[2001:db8::2]"),
        ("192.0.2.1", "[::ffff:192.0.2.1]:443"),
    ],
)
def test_each_connection_of_a_proxy_that_adds_the_port_is_the_same_sender(address, with_port):
    assert network_of(with_port) == network_of(address)


@pytest.mark.parametrize("odd", ["unix:", "a:b", "[", "[]", "[]:1", ":", "a" * 200])
def test_what_is_no_address_counts_as_it_is_written(odd):
    assert network_of(odd) == odd[:100]


def test_the_open_door_is_limited(store, clock):
    app = a_new_app(store, clock, has_rate_limits=True, open_door=True, insecure=True)
    for _ in range(most("start", "address")):
        assert Visitor(app).post("/start", {"company": "Acme"}, token_from="/").status_code == 303
    assert Visitor(app).post("/start", {"company": "Acme"}, token_from="/").status_code == 429


def test_a_portal_is_told_in_json_and_one_tenant_uses_up_nothing_of_anothers(app):
    _, token = app.extensions["rolecall"].api_keys.create("portal")
    client = app.test_client()

    def ask(reference):
        return client.post(
            "/api/v1/launches",
            base_url="https://connect.example.com",
            headers={"Authorization": f"Bearer {token}"},
            json={"tenant": reference, "tenant_name": "Acme", "origin": PORTAL_ORIGIN},
        )

    for _ in range(most("portal_start", "tenant")):
        assert ask("acme").status_code == 201
    answer = ask("acme")
    assert answer.status_code == 429
    assert answer.json["error"]["code"] == "too_many_requests"
    assert answer.headers["Retry-After"]
    assert ask("globex").status_code == 201


def test_reading_is_limited_by_tenant_too(app):
    _, token = app.extensions["rolecall"].api_keys.create("portal")

    def read(reference, body=None):
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().get(
            f"/api/v1/connections?tenant={reference}",
            base_url="https://connect.example.com",
            headers=headers,
            json=body,
        )

    for number in range(most("portal_read", "tenant")):
        assert read("acme", {"tenant": f"somebody else {number}"}).status_code == 200
    assert read("acme").status_code == 429
    assert read("globex").status_code == 200


def test_no_body_makes_a_tenant_somebody_else(visitor, story, tenant):
    """The limit of a tenant is the session's: a name in a JSON body, or in the address, is nobody's but the API's."""
    connection = story.waiting(tenant)
    token = visitor.token()

    answers = [
        visitor.open(
            "POST",
            f"/connect/{connection.id}/launch?tenant={number}",
            json={"tenant": f"another {number}"},
            headers={"X-CSRFToken": token},
        ).status_code
        for number in range(most("launch", "tenant") + 1)
    ]

    assert 429 not in answers[:-1]
    assert answers[-1] == 429
