"""Every route below `/framed`, with a cookie and without: whose it is, and what it refuses."""

from __future__ import annotations

import pytest

from tests.builders import OTHER_ACCOUNT
from tests.web.forms import fields_for
from tests.web.framed import FIELD, FramedVisitor
from tests.web.visitor import PORTAL_ORIGIN, Visitor, address, routes

TENANTS_OWN = ("tenant", "connection")
ELSEWHERE = ("static", "embed.show", "embed.exchange", "language.choose")


@pytest.fixture(params=[True, False], ids=["cookie", "no cookies"])
def keeps_cookies(request):
    return request.param


@pytest.fixture
def frame(app, tenant, keeps_cookies):
    return FramedVisitor(app, keeps_cookies=keeps_cookies).enter(tenant)


def doors(app, *, method=None):
    """Return the routes that a frame may ask for."""
    return [
        (verb, rule, endpoint)
        for verb, rule, endpoint in routes(app)
        if getattr(app.view_functions[endpoint], "access", "") in TENANTS_OWN and method in (None, verb)
    ]


def test_a_frame_serves_nothing_but_the_pages_of_a_tenant(app, frame):
    others = [r for r in routes(app) if r not in doors(app) and r[2] not in ELSEWHERE]
    assert {endpoint for _, _, endpoint in others} >= {"entry.landing", "entry.invite", "entry.accept", "health.readyz"}

    for method, rule, endpoint in others:
        path = f"/framed{address(rule)}"
        answer = Visitor.open(frame, method, path, data={"csrf_token": frame.token()} if method == "POST" else None)
        assert answer.status_code in (400, 404), endpoint


def test_another_tenants_connection_is_404_on_every_route(app, frame, story, other_tenant, store):
    theirs = [story.draft(other_tenant), story.waiting(other_tenant), story.connected(other_tenant, OTHER_ACCOUNT)]
    before = [store.get_connection(c.id) for c in theirs], len(store.events())
    tried = [d for d in doors(app) if "<connection_id>" in d[1]]
    assert len(tried) >= 11

    for connection in theirs:
        for method, rule, endpoint in tried:
            sent = {"csrf_token": frame.token(), **fields_for(rule)} if method == "POST" else None
            answer = frame.open(method, address(rule, connection_id=connection.id), data=sent)
            assert answer.status_code == 404, (method, endpoint)
            assert connection.handle not in answer.text
    assert before == ([store.get_connection(c.id) for c in theirs], len(store.events()))


def test_a_strangers_frame_gets_nowhere(app, story, tenant, keeps_cookies):
    connection = story.connected(tenant)
    stranger = FramedVisitor(app, keeps_cookies=keeps_cookies)

    for _, rule, endpoint in doors(app, method="GET"):
        assert stranger.get(address(rule, connection_id=connection.id)).status_code == 401, endpoint


def test_an_unsafe_request_without_the_proof_of_its_session_fails_on_every_route(app, frame, story, tenant, store):
    connection = story.waiting(tenant)
    another = FramedVisitor(app, keeps_cookies=frame.keeps_cookies).enter(tenant)
    other_token = another.token()
    before = store.get_connection(connection.id), len(store.events())
    posts = doors(app, method="POST")
    assert len(posts) >= 8

    for _, rule, endpoint in posts:
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": other_token}):
            path = address(rule, connection_id=connection.id)
            answer = frame.open("POST", path, data={**fields_for(rule), **fields})
            assert answer.status_code == 400, (endpoint, fields)
    assert before == (store.get_connection(connection.id), len(store.events()))


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": PORTAL_ORIGIN},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_an_unsafe_request_of_another_site_fails_on_every_route_the_portals_too(
    app, frame, story, tenant, store, foreign
):
    connection = story.waiting(tenant)
    token = frame.token()
    before = store.events()

    for _, rule, endpoint in doors(app, method="POST"):
        sent = {"csrf_token": token, **fields_for(rule)}
        answer = frame.open("POST", address(rule, connection_id=connection.id), data=sent, headers=foreign)
        assert answer.status_code == 400, endpoint
    assert store.events() == before


def test_without_the_session_a_proof_is_worth_nothing(app, frame, story, tenant, store, keeps_cookies):
    connection = story.waiting(tenant)
    token = frame.token()
    bare = FramedVisitor(app, keeps_cookies=keeps_cookies)
    before = store.events()

    for _, rule, endpoint in doors(app, method="POST"):
        for field in ({}, {FIELD: ""}, {FIELD: "e30.x.y"}):
            sent = {"csrf_token": token, **fields_for(rule), **field}
            answer = bare.open("POST", address(rule, connection_id=connection.id), data=sent)
            assert answer.status_code == 400, endpoint
    assert store.events() == before


def test_a_session_in_an_address_is_no_session(app, tenant):
    frame = FramedVisitor(app, keeps_cookies=False).enter(tenant)
    token, frame.session = frame.session, ""

    assert frame.get(f"/connections?{FIELD}={token}&Rolecall-Session={token}").status_code == 401


def test_every_address_on_a_framed_page_stays_in_the_frame(app, frame, story, tenant):
    connection = story.connected(tenant)

    for _, rule, endpoint in doors(app, method="GET"):
        answer = frame.get(address(rule, connection_id=connection.id))
        if answer.mimetype != "text/html" or not answer.data:
            continue
        for name in ('href="/', 'action="/', 'hx-get="/', 'hx-post="/', 'src="/', 'formaction="/'):
            for rest in answer.text.split(name)[1:]:
                assert rest.startswith(("framed/", "static/")), (endpoint, name, rest[:60])
