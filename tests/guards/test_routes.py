"""Every route there is, and every one that will be: who may open it, what it may write, what it refuses."""

# ruff: noqa: F811 (a fixture is asked for by its name)

from __future__ import annotations

import pytest

from config import PROJECT
from onboarding.lifecycle import Status
from tests.web.conftest import app, statements, story, visitor  # noqa: F401 (fixtures)
from tests.web.strict_html import text_of
from tests.web.visitor import Visitor, address, an_app, document, routes

ACCESS = {"anyone", "tenant", "connection", "api_key"}
# The two writes that a page load may do (design): step 3 issues an external ID, a poll says that somebody looks.
MAY_WRITE = {
    "wizard.step": {"external_ids", "events"},
    "wizard.status": {"connections"},
}


def views(app):
    return {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}


def test_every_route_says_who_may_open_it(app):
    undeclared = [name for name, view in views(app).items() if name != "static" and not hasattr(view, "access")]

    assert undeclared == []
    assert {view.access for name, view in views(app).items() if name != "static"} == ACCESS


def test_a_route_about_a_connection_is_its_tenants_alone(app):
    for rule in app.url_map.iter_rules():
        if "connection_id" in rule.arguments or rule.rule.startswith("/connect/"):
            assert app.view_functions[rule.endpoint].access == "connection", rule.rule


def test_a_method_that_changes_something_is_post_and_no_route_takes_both(app):
    for rule in app.url_map.iter_rules():
        methods = rule.methods - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule.rule


@pytest.mark.parametrize("status", Status)
def test_a_get_writes_nothing_but_what_the_design_allows(app, visitor, story, tenant, statements, status):
    connection = story.reach(status, tenant)
    for method, rule, endpoint in routes(app):
        if method != "GET":
            continue
        for values in ({"number": n} for n in (range(1, 10) if "<int:number>" in rule else (3,))):
            statements.clear()
            before = statements.rows_written()
            visitor.get(address(rule, connection_id=connection.id, **values))
            wrote = statements.rows_written() - before
            is_step_3 = endpoint == "wizard.step" and values == {"number": 3}
            allowed = MAY_WRITE.get(endpoint, set()) if is_step_3 or endpoint == "wizard.status" else set()
            assert tables_written(statements) <= allowed, (rule, values)
            assert wrote <= len(allowed), (rule, values)


def tables_written(statements):
    words = [s.split() for s in statements]
    return {w[2] if w[0].lower() == "insert" else w[1] for w in words if w[0].lower() in ("insert", "update", "delete")}


def test_the_writes_that_a_page_load_may_do_are_done(app, visitor, story, tenant, statements):
    connection = story.draft(tenant)
    statements.clear()

    visitor.get(f"/connect/{connection.id}/step/3")
    visitor.get(f"/connect/{connection.id}/status")

    assert tables_written(statements) == {"external_ids", "events", "connections"}


def test_every_post_refuses_without_the_token_of_our_page(app, visitor, story, tenant, store):
    connection = story.waiting(tenant)
    before = store.get_connection(connection.id), len(store.events()), store.list_invites()
    other_session = Visitor(app).enter(tenant).token()
    after_entry = len(store.events()) - before[1]

    # An API key is a proof of its own: tests/web/test_portal_api.py.
    posts = [(rule, endpoint) for method, rule, endpoint in routes(app) if method == "POST" and "/api/" not in rule]
    assert len(posts) >= 9
    for rule, endpoint in posts:
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": other_session}):
            answer = visitor.open("POST", address(rule, connection_id=connection.id), data=fields)
            assert answer.status_code == 400, endpoint
            assert text_of(next(document(answer).iter("h1"))) == "This page was open for too long"
    assert store.get_connection(connection.id) == before[0]
    assert len(store.events()) == before[1] + after_entry
    assert store.list_connections() == [store.get_connection(connection.id)]


def test_the_open_door_is_guarded_the_same_way(store, clock):
    newcomer = Visitor(an_app(store, clock, open_door=True, insecure=True))

    assert newcomer.open("POST", "/start", data={"company": "Acme"}).status_code == 400
    assert store.list_invites() == []


def test_every_address_that_others_rely_on_is_documented_and_there(app):
    documented = (PROJECT / "docs/http.md").read_text()

    for path in ("/healthz", "/readyz", "/i/<token>", "/connections", "/connect/<connection_id>/status"):
        assert path in documented
    for _, rule, endpoint in routes(app):
        last = rule.replace("<int:number>", "<1..9>").rpartition("/")[2]
        if endpoint not in ("static", "entry.landing", "entry.start"):
            assert f"/{last}" in documented, rule
