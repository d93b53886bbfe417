"""Every route there is, and every one that will be: who may open it, what it may write, what it refuses."""

# ruff: noqa: F811 (a fixture is asked for by its name)

from __future__ import annotations

from config import PROJECT
from onboarding.ground.status import Status
from tests.builders import a_tenant, an_event
from tests.web.conftest import app, statements, story, visitor  # noqa: F401 (fixtures)
from tests.web.strict_html import text_of
from tests.web.visitor import Visitor, address, an_app, document, routes
from views.guard.limits import LIMITS, act_of

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

    assert undeclared == [], "decorate the view with who can open it, from views/guard/access.py"
    assert {view.access for name, view in views(app).items() if name != "static"} == ACCESS


def test_a_route_about_a_connection_is_its_tenants_alone(app):
    rules = [r for r in app.url_map.iter_rules() if "connection_id" in r.arguments or r.rule.startswith("/connect/")]

    assert len(rules) > 10
    assert [rule.rule for rule in rules if app.view_functions[rule.endpoint].access != "connection"] == []


def test_a_method_that_changes_something_is_post_and_no_route_takes_both(app):
    methods = {rule.rule: rule.methods - {"HEAD", "OPTIONS"} for rule in app.url_map.iter_rules()}

    assert [rule for rule, taken in methods.items() if taken not in ({"GET"}, {"POST"})] == []


def test_whatever_changes_something_names_its_limit_and_every_limit_is_of_a_route(app):
    """Framed pages have the same views. What names no act is a page, which is limited too."""
    named = {name: getattr(view, "act", None) for name, view in views(app).items()}
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}}

    assert len(changing) >= 16
    assert [name for name in changing if named[name] is None] == [], "decorate the view with @limited(…)"
    assert {*named.values(), "page"} - {None} == set(LIMITS)
    assert [act for act, limits in LIMITS.items() if limits.address is None] == ["health"]


def test_a_tenants_act_is_counted_for_the_tenant_too(app):
    own = {name: view for name, view in views(app).items() if getattr(view, "access", "anyone") != "anyone"}

    assert [name for name, view in own.items() if not LIMITS[act_of(view)].tenant] == []


def test_a_get_writes_nothing_but_what_the_design_allows(app, story, store, statements):
    found = []
    for status in Status:
        # A tenant of its own, since a tenant cannot connect one account twice.
        tenant = store.add_tenant(a_tenant(status.value), an_event("tenant.added", connection_id=None))
        visitor, connection = Visitor(app).enter(tenant), story.reach(status, tenant)
        found += [f"{status}: {line}" for line in unexpected_writes(app, visitor, statements, connection)]

    assert found == []


def unexpected_writes(app, visitor, statements, connection):
    """Return every address about a connection whose GET writes more than it is allowed to."""
    found = []
    for rule, endpoint in [(rule, endpoint) for method, rule, endpoint in routes(app) if method == "GET"]:
        for values in ({"number": n} for n in (range(1, 10) if "<int:number>" in rule else (3,))):
            statements.clear()
            before = statements.rows_written()
            answer = visitor.get(address(rule, connection_id=connection.id, **values))
            assert answer.status_code != 429, "a request that the rate limit refuses proves nothing"
            wrote = statements.rows_written() - before
            is_step_3 = endpoint == "wizard.step" and values == {"number": 3}
            allowed = MAY_WRITE.get(endpoint, set()) if is_step_3 or endpoint == "wizard.status" else set()
            if not tables_written(statements) <= allowed or wrote > len(allowed):
                found.append(f"{rule} {values} writes {wrote} rows to {sorted(tables_written(statements))}")
    return found


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

    relied_on = ("/healthz", "/readyz", "/i/<token>", "/connections", "/connect/<connection_id>/status")
    others = [rule for _, rule, endpoint in routes(app) if endpoint not in ("static", "entry.landing", "entry.start")]
    lasts = {rule: "/" + rule.replace("<int:number>", "<1..9>").rpartition("/")[2] for rule in others}

    assert [path for path in relied_on if path not in documented] == []
    assert [rule for rule, last in lasts.items() if last not in documented] == [], "describe it in docs/http.md"
