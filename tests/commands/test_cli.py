"""The command line on a store in a file: invites, and what is refused in one line."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.entry.invites import Invites
from onboarding.model import Actor
from store.sqlite import SqliteStore
from tests.commands.operator import SECRET_KEY, Operator, settings_in
from wiring import SystemClock


@pytest.fixture
def env(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture
def run(env):
    return Operator(env)


def test_an_invite_is_a_link_that_opens_the_tenants_wizard(run, store):
    link = run("invite", "--tenant", "Acme  Rockets").stdout.strip()

    assert link.startswith("https://connect.example.com/i/")
    invite, tenant = Invites(store=store, clock=SystemClock(), secret_key=SECRET_KEY).open(link.rpartition("/")[2])
    assert (tenant.name, tenant.reference) == ("Acme Rockets", "acme rockets")
    assert invite.expires_at - invite.created_at == timedelta(days=7)
    assert [(e.kind, e.actor) for e in store.events()] == [
        ("tenant.added", Actor.OPERATOR),
        ("invite.made", Actor.OPERATOR),
    ]


@pytest.mark.parametrize(
    ("raw", "lifetime"), [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("7d", timedelta(days=7))]
)
def test_an_invite_lasts_as_long_as_it_is_told_to(run, raw, lifetime):
    made = json.loads(run("invite", "--tenant", "Acme", "--reference", "A-1", "--expires", raw, "--json").stdout)

    assert made["tenant"] == "A-1"
    assert abs(datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC) - lifetime) < timedelta(seconds=30)


@pytest.mark.parametrize("raw", ["7", "d", "0d", "-1d", "1.5h", "366d", "999999d", "7 d", "٧d"])
def test_a_duration_that_is_none_is_a_usage_error(run, raw):
    assert "not a duration" in run("invite", "--tenant", "Acme", "--expires", raw, code=2).stderr


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "Acme\x1b[31m"])
def test_a_name_that_cannot_be_shown_is_a_usage_error(run, name):
    assert "printable" in run("invite", "--tenant", name, code=2).stderr


def test_invites_are_listed_with_their_state_and_never_with_their_link(run, store):
    links = [run("invite", "--tenant", name).stdout.strip() for name in ("Acme", "Globex", "Initech")]
    acme, globex, _ = store.list_invites()
    run("invites", "revoke", globex.id)
    with store._db.atomic():
        store._db.execute("update invites set expires_at = '2020-01-01T00:00:00.000+00:00' where id = ?", [acme.id])

    listed = run("invites", "list")
    as_json = run("invites", "list", "--json")

    assert [i["state"] for i in json.loads(as_json.stdout)] == ["expired", "revoked", "open"]
    assert [line.split()[-1] for line in listed.stdout.splitlines()] == ["STATE", "expired", "revoked", "open"]
    tokens = [link.rpartition("/")[2] for link in links]
    assert not any(token in listed.output + as_json.output for token in tokens)


def test_revoking_an_unknown_invite_says_so(run):
    assert "There is no invite 'nobody'" in run("invites", "revoke", "nobody", code=1).stderr


def test_a_bad_setting_is_one_line_and_exit_code_1(run, env):
    env["ROLECALL_PUBLIC_URL"] = "http://connect.example.com"

    for command in ("invite --tenant Acme", "invites list", "connections list", "serve", "worker"):
        lines = run(*command.split(), code=1).stderr.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("Error: ROLECALL_PUBLIC_URL must be")


def test_a_store_that_cannot_be_opened_is_one_line(run, env, tmp_path):
    (tmp_path / "file").write_text("not a database, and not short enough to be taken for an empty one" * 20)
    for path, said in ((tmp_path / "file", "The store cannot be used"), (tmp_path / "file" / "x.db", "file")):
        env["ROLECALL_DATABASE_URL"] = f"sqlite:///{path}"
        lines = run("connections", "list", code=1).stderr.splitlines()
        assert len(lines) == 1
        assert said in lines[0]


def test_without_moto_the_sandbox_says_what_to_install(run, monkeypatch):
    for name in [m for m in sys.modules if m.split(".")[0] == "sandbox"]:
        monkeypatch.delitem(sys.modules, name)
    for name in [m for m in sys.modules if m.split(".")[0] == "moto"] + ["moto"]:
        monkeypatch.setitem(sys.modules, name, None)

    assert "pip install -r requirements-dev.txt" in run("sandbox", code=1).stderr


def test_the_sandbox_is_started_with_what_was_asked_for(run, env, tmp_path, monkeypatch):
    import sandbox.run

    started = []
    monkeypatch.setattr(sandbox.run, "run_sandbox", lambda **values: started.append(values))

    run("sandbox", "--port", "5055", "--data", str(tmp_path), "--stack-seconds", "0.5")
    run("sandbox", "--without-callbacks")

    assert callable(started[0].pop("serve"))
    assert started[0] == {
        "port": 5055,
        "host": "localhost",
        "data": tmp_path,
        "stack_seconds": 0.5,
        "with_callbacks": True,
        "env": env,
    }
    assert started[1]["with_callbacks"] is False


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "0.0.0.0"])
def test_the_sandbox_is_called_nothing_that_another_machine_could_be(run, host):
    assert "localhost" in run("sandbox", "--host", host, code=2).stderr


def test_the_store_of_these_tests_is_the_commands_own(run, store, tmp_path):
    run("invite", "--tenant", "Acme")

    assert isinstance(store, SqliteStore)
    assert store.path == tmp_path / "rolecall.db"
    assert len(store.list_invites()) == 1
