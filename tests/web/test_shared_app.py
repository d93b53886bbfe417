"""Tests of equal configuration share one application: it never works on the store of another test."""

from __future__ import annotations

from tests.builders import a_tenant, an_event
from tests.stores import a_store
from tests.web.visitor import Visitor, an_app


def test_an_application_is_shared_one_store_after_the_other(tmp_path, clock):
    made = []
    for name in ("first", "second"):
        store = a_store(tmp_path / name)
        app = an_app(store, clock)
        tenant = store.add_tenant(a_tenant(name), an_event("tenant.added", connection_id=None))
        assert Visitor(app).enter(tenant).get("/connections").status_code == 200
        assert [t.reference for t in app.extensions["rolecall"].store.list_tenants()] == [name]
        made.append(app)
        store.close()

    assert made[0] is made[1]


def test_a_second_store_gets_an_application_of_its_own_while_the_first_is_open(tmp_path, store, clock, tenant):
    first = an_app(store, clock)
    second_store = a_store(tmp_path / "second")
    second = an_app(second_store, clock)
    invited = Visitor(first).enter(tenant)

    assert second is not first is an_app(store, clock)
    assert len(store.list_invites()) == 1 and second_store.list_invites() == []
    assert invited.get("/connections").status_code == 200
    second_store.close()


def test_another_configuration_is_another_application(store, clock):
    assert an_app(store, clock) is not an_app(store, clock, return_url="")
