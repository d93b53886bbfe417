"""`connections verify`: by the worker where one is alive, else here; and what it says."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

import wiring
from config import Config
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from tests.builders import EXTERNAL_ID, HANDLE, ROLE_ARN, a_connection, an_event
from tests.commands.operator import Operator, settings_in
from tests.fakes import FakeRoles
from worker import Worker


@pytest.fixture
def env(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture
def run(env):
    return Operator(env)


@pytest.fixture
def aws(monkeypatch):
    """AWS as the command would reach it, in place of the real one."""
    roles = FakeRoles()

    monkeypatch.setattr(wiring, "AwsRoles", lambda *_: roles)
    return roles


def add(store, connection, *, external_id=EXTERNAL_ID):
    store.add_connection(connection, an_event(connection_id=connection.id))
    store.issue(external_id, connection.id, at=connection.created_at, event=an_event(connection_id=connection.id))
    return connection


def now(**ago):
    return datetime.now(UTC) - timedelta(**ago)


def waiting(**values):
    return a_connection(Status.WAITING, pinned_external_id=EXTERNAL_ID, waiting_since=now(), **values)


def test_with_no_worker_alive_verify_does_the_work_itself(run, store, tenant, aws):
    add(store, waiting())
    store.beat(worker="dead", at=now(seconds=31))
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

    assert run("connections", "verify", HANDLE).stdout == f"{HANDLE} connected\n"
    assert str(store.get_connection("connection-1").role_arn) == ROLE_ARN
    assert json.loads(run("connections", "verify", HANDLE, "--json").stdout)["finding"] is None


@pytest.mark.parametrize(("trust", "finding"), [("nobody", "not_answering"), ("anyone", "ignores_external_id_none")])
def test_a_connection_that_does_not_pass_is_explained_with_exit_code_1(run, store, tenant, aws, trust, finding):
    add(store, waiting())
    if trust == "anyone":
        aws.accepts_anyone(ROLE_ARN)

    output = run("connections", "verify", HANDLE, code=1).stdout

    assert finding in output
    assert "AssumeRole" in output


def test_a_worker_that_is_alive_does_the_work_and_verify_waits_for_it(run, store, tenant, aws, env, monkeypatch):
    """One for a tenant still waiting, whose next check is far off, and one at rest that has none."""
    add(store, waiting(check_at=now() + timedelta(days=1)))
    resting = a_connection(Status.CONNECTED, id="c2", handle="aaaabbbb", account_id="444455556666")
    other = ExternalId("northwind-aaaabbbb-" + "0" * 32)
    store.add_connection(resting, an_event(connection_id="c2"))
    store.issue(other, "c2", at=resting.created_at, event=an_event(connection_id="c2"))
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    store.beat(worker="alive", at=now())
    module = sys.modules["commands.verify"]

    def nap(_seconds):
        """The worker works while the command sleeps: it claims what is due by now."""
        here = wiring.Parts(Config.from_env(env), store, wiring.SystemClock())
        leased = store.claim_due(now=datetime.now(UTC), lease=timedelta(seconds=60))
        if leased is not None:
            Worker(store=store, verifier=here.verifier, clock=here.clock).verify(leased)

    monkeypatch.setattr(module.time, "sleep", nap)
    monkeypatch.setattr(module, "_verify_here", lambda *_: pytest.fail("the worker is alive"))

    assert run("connections", "verify", HANDLE).stdout == f"{HANDLE} connected\n"
    aws.is_gone(ROLE_ARN)
    assert run("connections", "verify", "aaaabbbb", "--timeout", "5", code=1).stdout.startswith("aaaabbbb connected: ")


def test_a_worker_that_gives_no_result_in_time_is_said(run, store, tenant, aws):
    add(store, waiting())
    store.beat(worker="alive", at=now())

    assert "No result within 1 seconds" in run("connections", "verify", HANDLE, "--timeout", "1", code=1).stderr
    assert aws.calls == []


def test_the_lease_of_a_worker_that_died_is_waited_for(run, store, tenant, aws):
    add(store, waiting())
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    store.claim("connection-1", now=datetime.now(UTC), lease=timedelta(seconds=0.5))

    assert run("connections", "verify", HANDLE, "--timeout", "5").stdout == f"{HANDLE} connected\n"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.EXPIRED, Status.DISCONNECTED])
def test_what_has_nothing_to_verify_says_why(run, store, tenant, aws, status):
    add(store, a_connection(status))

    assert "There is nothing to verify" in run("connections", "verify", HANDLE, code=1).stderr
    assert aws.calls == []
