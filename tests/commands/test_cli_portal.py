"""Keys and tenants on the command line: what a portal needs of its operator."""

from __future__ import annotations

import json

import pytest

from config import PROJECT
from tests.builders import a_tenant, an_event
from tests.commands.operator import Operator, settings_in


@pytest.fixture
def run(tmp_path):
    return Operator(settings_in(tmp_path))


def test_a_key_is_printed_once_and_never_listed(run, store):
    token = run("keys", "create", "--name", "portal").stdout.strip()

    listed = run("keys", "list").stdout
    assert "portal" in listed
    assert "open" in listed
    assert token.rpartition("_")[2] not in listed
    assert token.rpartition("_")[2] not in repr(store.list_api_keys())


def test_a_key_in_json_says_the_same(run):
    made = json.loads(run("keys", "create", "--name", "portal", "--json").stdout)

    assert set(made) == {"id", "name", "key"}
    assert [k["id"] for k in json.loads(run("keys", "list", "--json").stdout)] == [made["id"]]


def test_a_revoked_key_is_listed_as_such(run):
    made = json.loads(run("keys", "create", "--name", "portal", "--json").stdout)

    assert run("keys", "revoke", made["id"]).stdout.strip() == f"Revoked {made['id']}."
    assert json.loads(run("keys", "list", "--json").stdout)[0]["state"] == "revoked"


@pytest.mark.parametrize("name", ["", " ", "a\x1bb", "x" * 101])
def test_a_key_has_a_name_that_can_be_shown(run, name):
    assert "printable" in run("keys", "create", "--name", name, code=2).stderr


def test_a_key_that_is_not_there_is_one_line(run):
    assert "keys list" in run("keys", "revoke", "none", code=1).stderr


def test_the_sites_of_a_tenant_are_set_listed_and_taken_away(run, store):
    store.add_tenant(a_tenant(), an_event(connection_id=None))

    run("tenants", "frame", "acme", "https://ACME.example.org/", "http://localhost:3000", "https://acme.example.org")
    shown = json.loads(run("tenants", "list", "--json").stdout)
    assert shown[0]["embed_origins"] == ["https://acme.example.org", "http://localhost:3000"]
    assert "https://acme.example.org http://localhost:3000" in run("tenants", "list").stdout
    assert "no site of its own" in run("tenants", "frame", "acme").stdout
    assert store.find_tenant("acme").embed_origins == ()
    assert [e.kind for e in store.events()][-2:] == ["tenant.embed_origins_set"] * 2


@pytest.mark.parametrize("origin", ["https://*.example.org", "*", "http://acme.example.org", "acme.example.org"])
def test_a_site_that_is_no_exact_origin_is_refused(run, store, origin):
    store.add_tenant(a_tenant(), an_event(connection_id=None))

    assert "Error:" in run("tenants", "frame", "acme", origin, code=1).stderr
    assert store.find_tenant("acme").embed_origins == ()


def test_a_tenant_that_is_not_there_is_one_line(run):
    assert "tenants list" in run("tenants", "frame", "nobody", code=1).stderr


def test_a_tenants_brand_is_set_told_and_taken_away(run, store, tmp_path):
    store.add_tenant(a_tenant(), an_event(connection_id=None))
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1z"/></svg>')

    said = run("tenants", "brand", "acme", "--name", "Fabrikam", "--color", "#ffe44d", "--logo", str(logo)).stdout

    assert "acme has its own brand: name, color, logo." in said
    assert "On light pages #ffe44d is hard to read" in said
    assert store.find_tenant("acme").brand.name == "Fabrikam"
    assert "acme has no brand of its own." in run("tenants", "brand", "acme").stdout
    assert store.find_tenant("acme").brand.name is None


@pytest.mark.parametrize(
    "options", [("--color", "red"), ("--support-url", "javascript:alert(1)"), ("--logo", "README.md")], ids=str
)
def test_a_brand_that_cannot_be_shown_is_refused_in_one_line(run, store, options):
    store.add_tenant(a_tenant(), an_event(connection_id=None))
    name, value = options
    given = str(PROJECT / value) if name == "--logo" else value

    assert "Error:" in run("tenants", "brand", "acme", name, given, code=1).stderr
