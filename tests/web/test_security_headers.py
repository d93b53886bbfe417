"""The headers that hold a browser to what a page may do: on every route, and on every error."""

from __future__ import annotations

import re

import pytest

from config import PROJECT
from onboarding.model import Flow
from onboarding.service import Onboarding
from tests.builders import ACCOUNT, a_tenant, a_vendor, an_event
from tests.fakes import HandClock
from tests.stores import a_store
from tests.web.framed import FramedVisitor
from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL, Visitor, address, an_app, routes

# Which of its values depends on the answer.
CONDITIONAL = ("Content-Security-Policy", "Cache-Control", "Referrer-Policy")
CONSOLE = "https://*.aws.amazon.com"
TABLE = re.findall(
    r"^\| (all[^|]*|a static[^|]*|the page[^|]*) \| ([A-Za-z-]+) \| `(.+)` \|$",
    (PROJECT / "docs/threat-model.md").read_text(),
    re.MULTILINE,
)
POLICY, FILE_POLICY = (value for _, header, value in TABLE if header == "Content-Security-Policy")


def every_answer(app, visitor, connection):
    """Yield every route's answer to its tenant, to a stranger, and without a token; then each error."""
    for method, rule, endpoint in routes(app):
        for connection_id in (connection.id, "nobodys"):
            path = address(rule, connection_id=connection_id)
            fields = {"csrf_token": visitor.token()} if method == "POST" else None
            yield endpoint, visitor.open(method, path, data=fields)
            yield endpoint, type(visitor)(app).open(method, path)
    yield "error", visitor.get("/nope")
    yield "error", visitor.get("/static/nope")
    yield "error", visitor.open("DELETE", "/connections", data={"csrf_token": visitor.token()})
    yield "error", visitor.open("GET", "/", headers={"Host": "evil.example"})
    yield "error", visitor.open("POST", "/connections", data={"csrf_token": "x" * 70_000})


def is_file(answered):
    """Whether it is a static file, and not an error about one."""
    endpoint, answer = answered
    return endpoint == "static" and answer.status_code == 200


def values_of(header, answers):
    return {answer.headers.get(header) for _, answer in answers}


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """An application with a tenant, which nothing changes but the asking for answers."""
    store, clock = a_store(tmp_path_factory.mktemp("headers") / "rolecall.db"), HandClock()
    tenant = store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
    onboarding = Onboarding(store=store, clock=clock, vendor=a_vendor())

    def answers_to(visitor_of):
        connection = onboarding.start_connection(tenant.id)
        launched = {"flow": Flow.QUICK_CREATE, "region": "us-east-1", "raw_account_id": ACCOUNT}
        return list(every_answer(app, visitor_of(app).enter(tenant), onboarding.launch(connection.id, **launched)))

    app = an_app(store, clock)
    yield answers_to
    store.close()


@pytest.fixture(scope="module")
def answers(installation):
    return installation(Visitor)


@pytest.fixture(scope="module", params=[True, False], ids=["cookie", "no cookies"])
def framed_answers(request, installation):
    return installation(lambda app: FramedVisitor(app, keeps_cookies=request.param))


def test_the_answers_looked_at_are_of_every_kind(answers, framed_answers):
    assert {answer.status_code for _, answer in answers} >= {200, 303, 400, 401, 404, 405, 413, 422, 503}
    assert {answer.status_code for _, answer in framed_answers} >= {200, 303, 400, 401, 404, 405, 413, 422}


def test_every_answer_that_stands_alone_may_be_framed_by_nobody(answers):
    policy = POLICY.replace("{console}", CONSOLE).replace("{framed by}", "'none'")

    assert values_of("Content-Security-Policy", [one for one in answers if not is_file(one)]) == {policy}
    assert values_of("Content-Security-Policy", filter(is_file, answers)) == {FILE_POLICY}
    assert FILE_POLICY.endswith("frame-ancestors 'none'")
    assert "unsafe" not in policy


def test_every_page_in_a_frame_may_be_framed_by_that_tenants_sites_alone_errors_included(framed_answers):
    policy = POLICY.replace("{console}", CONSOLE)
    named, nobody = (policy.replace("{framed by}", by) for by in (PORTAL_ORIGIN, "'none'"))

    for endpoint, answer in framed_answers:
        if is_file((endpoint, answer)):
            continue
        is_known = answer.mimetype == "text/html" and answer.request.path.startswith("/framed/")
        found = answer.headers["Content-Security-Policy"]
        # A stranger's frame has no tenant; who it was is in the session.
        assert found in ((named, nobody) if is_known else (nobody,)), answer.request.path
    assert len([a for _, a in framed_answers if a.headers["Content-Security-Policy"] == named]) > 20


@pytest.mark.parametrize("keeps_cookies", [True, False], ids=["cookie", "no cookies"])
def test_an_origin_that_is_taken_away_may_frame_no_more_and_one_that_is_added_may(app, store, tenant, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies).enter(tenant)
    own = ["https://acme.example.org"]

    store.set_embed_origins(tenant.id, own, an_event(connection_id=None))
    assert f"frame-ancestors {PORTAL_ORIGIN} {own[0]}" in frame.get("/nope").headers["Content-Security-Policy"]
    store.set_embed_origins(tenant.id, [], an_event(connection_id=None))
    assert frame.get("/nope").headers["Content-Security-Policy"].endswith(f"frame-ancestors {PORTAL_ORIGIN}")


def test_a_store_that_fails_lets_nobody_frame_the_page_that_says_so(app, tenant, monkeypatch, store):
    frame = FramedVisitor(app).enter(tenant)
    monkeypatch.setattr(store, "get_portal_start", lambda _: 1 / 0)

    answer = frame.get("/connections")

    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_every_answer_carries_what_the_table_says(answers, framed_answers):
    said = {header: {v} for where, header, v in TABLE if where.startswith("all") and header not in CONDITIONAL}

    assert {header: values_of(header, [*answers, *framed_answers]) for header in said} == said
    assert len(said) == 4


def test_the_address_of_a_link_is_told_to_nobody_by_its_page(answers, framed_answers):
    """`strict-origin` rather than `no-referrer`, with which a form could not prove where it stood."""
    told = {where.split(" (")[0]: value for where, header, value in TABLE if header == "Referrer-Policy"}
    keys = ("/i/", "/h/")

    for _, answer in [*answers, *framed_answers]:
        is_key = answer.request.path.removeprefix("/framed").startswith(keys)
        value = told["the page of a link" if is_key else "all but the page of a link"]
        assert answer.headers["Referrer-Policy"] == value, answer.request.path
    assert len([a for _, a in answers if a.request.path.startswith(keys)]) >= 16


def test_the_table_names_every_header_that_is_set():
    assert {header for _, header, _ in TABLE} == {
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Permissions-Policy",
        "Strict-Transport-Security",
        "Cache-Control",
    }


def test_nothing_is_kept_by_a_cache_but_static_files_that_are_there(answers, framed_answers):
    for endpoint, answer in [*answers, *framed_answers]:
        if (endpoint == "static" or endpoint.startswith("brand.")) and answer.status_code == 200:
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "Set-Cookie" not in answer.headers
        else:
            assert answer.headers["Cache-Control"] == "no-store", answer.request.path


@pytest.mark.parametrize(("version", "kept"), [(True, "public, max-age=31536000"), (False, "no-cache")])
def test_a_static_file_is_kept_for_as_long_as_its_address_names_its_version(app, visitor, version, kept):
    known = app.extensions["rolecall"].asset_versions["rolecall.js"]

    answer = visitor.get(f"/static/rolecall.js?v={known if version else 'of-another-day'}")

    assert answer.headers["Cache-Control"] == kept


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
    policy = POLICY.replace("{console}", f"{CONSOLE} http://localhost:5001").replace("{framed by}", "'none'")
    assert answer.headers["Content-Security-Policy"] == policy
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
