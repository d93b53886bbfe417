"""Limits that people never meet and scripts do: counted for an address, a tenant, a named tenant."""

from __future__ import annotations

import re

import pytest

from config import PROJECT
from tests.web.colleague import hand_over
from tests.web.framed import FramedVisitor, a_launch
from tests.web.strict_html import text_of
from tests.web.visitor import PORTAL_ORIGIN, Visitor, a_new_app, document
from views.guard.limits import LIMITS, limiter

ADDRESS = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture
def app(store, clock):
    made = a_new_app(store, clock, has_rate_limits=True, proxy_hops=0)
    yield made
    limiter.enabled = False
    limiter.reset()


def most(act, whom):
    return int(getattr(LIMITS[act], whom).split()[0])


def test_the_limits_are_those_that_are_documented():
    text = (PROJECT / "docs/threat-model.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (\d+ per \w+) \| ?(\d+ per \w+)? ?\|$", text, re.MULTILINE)

    assert {name: (address, tenant) for name, address, tenant in rows} == {
        name: (limits.address, limits.tenant) for name, limits in LIMITS.items()
    }


def paste(visitor, connection, arn="hello"):
    return visitor.post(f"/connect/{connection.id}/role", {"role_arn": arn})


def test_a_tenant_who_pastes_too_often_reads_when_to_go_on_and_loses_nothing(visitor, story, tenant):
    connection = story.draft(tenant)
    for _ in range(most("role", "tenant")):
        assert paste(visitor, connection).status_code == 422

    answer = visitor.open(
        "POST",
        f"/connect/{connection.id}/role",
        data={"csrf_token": visitor.token(), "role_arn": "typed by hand"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"in {seconds} seconds" in answer.text
    assert re.search(r"You can go on at \d\d:\d\d:\d\d UTC", answer.text)
    kept = {f.get("name"): f.get("value") for f in document(answer).iter("input")}
    assert kept["role_arn"] == "typed by hand"


def test_one_tenant_uses_up_nothing_of_anothers(app, visitor, other_visitor, story, tenant, other_tenant):
    for _ in range(most("role", "tenant")):
        paste(visitor, story.draft(tenant))

    assert paste(visitor, story.draft(tenant)).status_code == 429
    assert paste(other_visitor, story.draft(other_tenant)).status_code == 422


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
    try:
        for number in range(most("invite", "address")):
            forwarded = {"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.1"}
            assert behind.open("GET", "/i/made-up", headers=forwarded).status_code == 404
        assert behind.open("GET", "/i/made-up", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
        assert behind.open("GET", "/i/made-up", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 404
    finally:
        limiter.enabled = False
        limiter.reset()


def test_exchanges_examinations_launches_and_hand_overs_are_limited_too(app, visitor, story, tenant):
    connection = story.waiting(tenant)
    launch, _ = a_launch(app, tenant)
    frame = FramedVisitor(app)
    stranger, (_, link) = Visitor(app), hand_over(app, connection)
    tries = {
        "handover": lambda: visitor.post(f"/connect/{connection.id}/handover", {"days": "1"}),
        "handover_open": lambda: stranger.get(link),
        "exchange": lambda: frame.exchange(launch, "x"),
        "examine": lambda: visitor.post(f"/connect/{connection.id}/examine", {"pasted": "{}"}),
        "launch": lambda: visitor.post(f"/connect/{connection.id}/launch", {"flow": "pages", "region": "us-east-1"}),
    }
    for act, attempt in tries.items():
        allowed = most(act, "tenant" if LIMITS[act].tenant else "address")
        assert {attempt().status_code for _ in range(allowed)} & {429} == set(), act
        assert attempt().status_code == 429, act


def test_the_open_door_is_limited(store, clock):
    app = a_new_app(store, clock, has_rate_limits=True, open_door=True, insecure=True)
    try:
        for _ in range(most("start", "address")):
            assert Visitor(app).post("/start", {"company": "Acme"}, token_from="/").status_code == 303
        assert Visitor(app).post("/start", {"company": "Acme"}, token_from="/").status_code == 429
    finally:
        limiter.enabled = False
        limiter.reset()


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


def test_the_page_of_too_many_tries_reads_well(app, stranger):
    for _ in range(most("invite", "address") + 1):
        answer = stranger.get("/i/made-up")

    assert text_of(next(document(answer).iter("h1"))) == "Too many tries in a short time"


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
