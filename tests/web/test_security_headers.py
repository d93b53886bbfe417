"""The headers that hold a browser to what a page may do: on every route, and on every error."""

from __future__ import annotations

import pytest

from tests.web.visitor import PUBLIC_URL, Visitor, address, an_app, routes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self' {console}; base-uri 'none'; frame-ancestors 'none'"
)
CONSOLE = "https://*.aws.amazon.com"


def every_answer(app, visitor, connection):
    """Yield every route's answer to its tenant, to a stranger, and without a token; then each error."""
    for method, rule, endpoint in routes(app):
        for connection_id in (connection.id, "nobodys"):
            path = address(rule, connection_id=connection_id)
            fields = {"csrf_token": visitor.token()} if method == "POST" else None
            yield endpoint, visitor.open(method, path, data=fields)
            yield endpoint, Visitor(app).open(method, path)
    yield "error", visitor.get("/nope")
    yield "error", visitor.get("/static/nope")
    yield "error", visitor.open("DELETE", "/connections", data={"csrf_token": visitor.token()})
    yield "error", visitor.open("GET", "/", headers={"Host": "evil.example"})
    yield "error", visitor.open("POST", "/connections", data={"csrf_token": "x" * 70_000})


@pytest.fixture
def answers(app, visitor, story, tenant):
    return list(every_answer(app, visitor, story.waiting(tenant)))


def test_the_answers_looked_at_are_of_every_kind(answers):
    assert {answer.status_code for _, answer in answers} >= {200, 303, 400, 404, 405, 413, 422, 503}


def test_every_answer_carries_the_same_strict_policy(answers):
    policy = POLICY.format(console=CONSOLE)

    assert {answer.headers.get("Content-Security-Policy") for _, answer in answers} == {policy}
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("Strict-Transport-Security", "max-age=31536000"),
    ],
)
def test_every_answer_carries(answers, header, value):
    assert {answer.headers.get(header) for _, answer in answers} == {value}


def test_nothing_is_kept_by_a_cache_but_static_files_that_are_there(answers):
    for endpoint, answer in answers:
        if endpoint == "static":
            assert "max-age=31536000" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers
        else:
            assert answer.headers["Cache-Control"] == "no-store", answer.request.path


def test_a_launch_that_ends_at_the_console_is_one_that_the_policy_allows(visitor, story, tenant):
    answer = visitor.post(f"/connect/{story.draft(tenant).id}/launch", {"flow": "quick", "region": "us-east-1"})

    assert answer.location.startswith(CONSOLE.replace("*", "console"))


def test_the_session_cookie_is_out_of_reach(app, visitor):
    cookie = visitor.cookie()

    assert cookie.http_only
    assert cookie.secure
    assert cookie.same_site == "Lax"
    assert cookie.path == "/"
    assert cookie.domain == "connect.example.com"
    # As sent, so that it is this host's alone: __Host- forbids the attribute.
    assert cookie.origin_only


def test_without_tls_nothing_claims_it(store, clock, tenant):
    plain = Visitor(
        an_app(store, clock, public_url="http://localhost:5000", insecure=True, console_url="http://localhost:5001"),
        base_url="http://localhost:5000",
    ).enter(tenant)

    answer = plain.get("/connections")

    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == POLICY.format(console=f"{CONSOLE} http://localhost:5001")
    cookie = plain._client.get_cookie("rolecall", domain="localhost")
    assert (cookie.http_only, cookie.secure, cookie.same_site) == (True, False, "Lax")


def test_cookies_belong_to_this_host_alone(stranger, tenant):
    sent = stranger.enter(tenant).get("/connections").headers.getlist("Set-Cookie")

    assert all(line.startswith("__Host-rolecall=") and "Domain" not in line for line in sent)


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://connect.example.com.evil.example"},
        {"Origin": "https://other.example.com"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_that_stood_on_another_site_is_refused_on_every_route(app, visitor, story, tenant, store, foreign):
    connection = story.waiting(tenant)
    before = store.events()

    for method, rule, _ in routes(app):
        if method == "POST":
            path, sent = address(rule, connection_id=connection.id), {"csrf_token": visitor.token()}
            assert visitor.open("POST", path, data=sent, headers=foreign).status_code == 400, path
    assert store.events() == before


@pytest.mark.parametrize(
    "own", [{"Origin": PUBLIC_URL}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}]
)
def test_our_own_forms_are_not_refused(visitor, own):
    answer = visitor.open("POST", "/connections", data={"csrf_token": visitor.token()}, headers=own)

    assert answer.status_code == 303


def test_behind_a_proxy_that_keeps_the_host_to_itself_our_own_forms_still_work(store, clock, tenant):
    inside = Visitor(an_app(store, clock), base_url="http://127.0.0.1:5000")

    answer = inside.open("GET", "/", headers={"Origin": PUBLIC_URL})

    assert answer.status_code == 200
