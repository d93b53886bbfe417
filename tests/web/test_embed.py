"""Opening the frame: the launch is exchanged once, for a session that travels in whichever way is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from onboarding.entry.portal import FRAMED_SESSION_LIFETIME
from tests.web.framed import COOKIE, HEADER, FramedVisitor, a_launch
from tests.web.strict_html import text_of
from tests.web.visitor import PORTAL_ORIGIN, RETURN_URL, Visitor, document, misspelt

MODES = pytest.mark.parametrize("keeps_cookies", [True, False], ids=["cookie", "no cookies"])


@pytest.fixture
def frame(app):
    return FramedVisitor(app)


@MODES
def test_an_exchanged_launch_leads_into_the_wizard(app, tenant, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies)

    answer = frame.exchange(*a_launch(app, tenant))

    path = answer.json["path"]
    assert path.startswith("/framed/connect/")
    page = frame.get(path.removeprefix("/framed"))
    assert page.status_code == 200
    assert tenant.name in page.text


def test_where_a_cookie_comes_back_the_session_is_out_of_the_pages_reach(app, frame, tenant):
    answer = frame.exchange(*a_launch(app, tenant))

    assert HEADER not in answer.headers
    (sent,) = answer.headers.getlist("Set-Cookie")
    attributes = {part.strip() for part in sent.split(";")[1:]}
    assert sent.startswith(f"{COOKIE}=")
    assert attributes >= {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}
    assert not any(a.startswith("Domain") for a in attributes)
    assert 'name="rolecall-session"' not in frame.get("/connections").text


def test_where_none_comes_back_the_page_carries_it(app, tenant):
    frame = FramedVisitor(app, keeps_cookies=False)

    answer = frame.exchange(*a_launch(app, tenant))

    assert answer.headers[HEADER]
    assert "Set-Cookie" not in answer.headers
    assert frame.get("/connections").status_code == 200
    assert 'name="rolecall-session"' in frame.get("/connections").text


def test_the_session_that_a_page_carries_is_signed_and_is_no_standalone_session(app, tenant, visitor):
    frame = FramedVisitor(app, keeps_cookies=False).enter(tenant)
    token = frame.session

    frame.session = misspelt(token)
    assert frame.get("/connections").status_code == 401
    alone = Visitor(app)
    alone.set_cookie(token)
    assert alone.get("/connections").status_code == 303
    assert Visitor(app).open("GET", "/connections", headers={HEADER: token}).status_code == 303
    frame.session = visitor.cookie().value
    assert frame.get("/connections").status_code == 401


@MODES
def test_a_launch_is_not_to_be_had_twice_late_altered_or_with_anothers_secret(
    app, tenant, other_tenant, clock, keeps_cookies, store
):
    launch, secret = a_launch(app, tenant)
    other, other_secret = a_launch(app, other_tenant)
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies)

    for tried in ("", "x", secret[:-1], secret.swapcase(), other_secret, "0" * 64):
        assert frame.exchange(launch, tried).status_code == 401
    assert frame.get("/connections").status_code == 401
    assert frame.exchange(launch, secret).status_code == 200
    assert FramedVisitor(app, keeps_cookies=keeps_cookies).exchange(launch, secret).status_code == 401
    clock.forward(seconds=60)
    assert frame.exchange(other, other_secret).status_code == 401
    assert [e.kind for e in store.events() if e.kind == "portal_launch.exchanged"] == ["portal_launch.exchanged"]


def test_of_twenty_who_exchange_at_once_exactly_one_wins(app, tenant, store):
    launch, secret = a_launch(app, tenant)

    def try_it(number):
        try:
            return FramedVisitor(app, keeps_cookies=bool(number % 2)).exchange(launch, secret).status_code
        finally:
            store.close()

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(try_it, range(20)))

    assert codes == [200] + [401] * 19
    assert len([e for e in store.events() if e.kind == "portal_launch.exchanged"]) == 1


def test_the_exchange_is_a_form_of_our_own_page(app, frame, tenant, store):
    launch, secret = a_launch(app, tenant)

    assert frame.exchange(launch, secret, csrf_token="").status_code == 400
    assert frame.exchange(launch, secret, csrf_token=Visitor(app).enter(tenant).token()).status_code == 400
    for foreign in ({"Origin": PORTAL_ORIGIN}, {"Sec-Fetch-Site": "cross-site"}):
        answer = frame.open("POST", f"/embed/{launch.id}", data={"secret": secret}, headers=foreign)
        assert answer.status_code == 400
    assert store.get_portal_start(launch.id).exchanged_at is None


def test_a_made_up_address_opens_nothing_and_may_be_framed_by_nobody(frame):
    answer = frame.get("/embed/none")

    assert answer.status_code == 404
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@MODES
def test_a_session_that_has_lapsed_is_told_apart_and_may_still_be_framed(app, tenant, clock, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies).enter(tenant)
    clock.forward(seconds=FRAMED_SESSION_LIFETIME.total_seconds())

    answer = frame.get("/connections")

    assert answer.status_code == 401
    assert "data-lapsed" in answer.text
    assert f"frame-ancestors {PORTAL_ORIGIN}" in answer.headers["Content-Security-Policy"]


def test_what_was_typed_as_the_session_lapsed_is_kept_for_the_renewed_one(app, frame, tenant, story, clock):
    frame.enter(tenant)
    connection = story.draft(tenant)
    typed = {"csrf_token": frame.token(), "role_arn": "typed by hand"}
    clock.forward(seconds=FRAMED_SESSION_LIFETIME.total_seconds())

    own = {"Sec-Fetch-Site": "same-origin"}
    answer = frame.open("POST", f"/connect/{connection.id}/role", data=typed, headers=own)

    assert answer.status_code == 401
    kept = {f.get("name"): f.get("value") for f in document(answer).iter("input")}
    assert kept["role_arn"] == "typed by hand"
    assert "data-lapsed" in answer.text
    assert "typed by hand" not in frame.open("POST", f"/connect/{connection.id}/role", data=typed).text


@MODES
def test_a_renewed_session_takes_the_form_that_was_open(app, tenant, clock, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies).enter(tenant)
    typed = {"csrf_token": frame.token()}
    clock.forward(seconds=FRAMED_SESSION_LIFETIME.total_seconds())
    launch, secret = a_launch(app, tenant)
    assert frame.open("POST", "/connections", data=typed).status_code == 401

    answer = frame.open("POST", f"/embed/{launch.id}", data={"secret": secret, **typed})

    assert answer.status_code == 200
    assert frame.open("POST", "/connections", data=typed).status_code == 303


def test_another_tenants_launch_in_the_same_frame_leaves_nothing_of_the_first(app, frame, tenant, other_tenant):
    frame.enter(tenant)
    typed = {"csrf_token": frame.token()}
    frame.enter(other_tenant)

    assert other_tenant.name in frame.get("/connections").text
    assert tenant.name not in frame.get("/connections").text
    assert frame.open("POST", "/connections", data=typed).status_code == 400


@MODES
def test_the_form_that_opens_a_window_brings_the_session_along_where_no_cookie_goes(app, tenant, story, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies).enter(tenant)
    connection = story.draft(tenant)
    fields = {
        f.get("name"): f.get("value", "")
        for f in document(frame.get(f"/connect/{connection.id}/step/1")).iter("input")
        if f.get("name") in ("csrf_token", "rolecall_session")
    }
    window = app.test_client(use_cookies=False)

    def launch(**changed):
        return window.post(
            f"/framed/connect/{connection.id}/launch",
            base_url="https://connect.example.com",
            data={"flow": "quick", "region": "us-east-1", **fields, **changed},
        )

    assert launch().location.startswith("https://console.aws.amazon.com/")
    refused = launch(account_id="12")
    assert refused.status_code == 422
    assert 'name="rolecall-session"' in refused.text
    assert launch(rolecall_session="").status_code == 400


def test_what_the_portal_believes_fills_in_the_account_and_names_nothing(app, frame, tenant, store):
    answer = frame.exchange(*a_launch(app, tenant, raw_account_id="111122223333"))

    page = frame.get(answer.json["path"].removeprefix("/framed"))

    field = next(f for f in document(page).iter("input") if f.get("name") == "account_id")
    assert field.get("value") == "1111-2222-3333"
    assert [c.account_id for c in store.list_connections(tenant.id)] == [None]


@MODES
def test_the_answer_has_the_proof_with_which_the_session_is_renewed(app, tenant, keeps_cookies):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies)
    proof = frame.exchange(*a_launch(app, tenant)).json["csrf_token"]
    launch, secret = a_launch(app, tenant)

    renewed = frame.open("POST", f"/embed/{launch.id}", data={"secret": secret, "csrf_token": proof})

    assert renewed.status_code == 200
    assert frame.open("POST", "/connections", data={"csrf_token": renewed.json["csrf_token"]}).status_code == 303


@pytest.mark.parametrize(
    ("asked", "shown"), [({"raw_return_url": f"{PORTAL_ORIGIN}/done"}, f"{PORTAL_ORIGIN}/done"), ({}, RETURN_URL)]
)
def test_after_success_the_tenant_goes_on_where_the_launch_said(app, frame, tenant, story, asked, shown):
    connection = story.connected(tenant)
    frame.exchange(*a_launch(app, tenant, **asked))

    links = document(frame.get(f"/connect/{connection.id}/success")).iter("a")

    onward = next(link for link in links if text_of(link).startswith("Continue to"))
    assert (onward.get("href"), onward.get("target")) == (shown, "_top")


def test_revoking_the_key_ends_the_frames_it_opened(app, frame, tenant, store):
    frame.enter(tenant)
    here = app.extensions["rolecall"]
    for key in store.list_api_keys():
        here.api_keys.revoke(key.id)

    assert frame.get("/connections").status_code == 401
