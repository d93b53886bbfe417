"""Kill -9 at any step of the receiver loses no event, and none counts twice (security 19 and 22)."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from store.sqlite import SqliteStore
from tests.builders import EXTERNAL_ID, NOON, a_connection, a_tenant, an_event
from tests.contract.receiver.crash_story import answers, live
from tests.soak import TIMES
from tests.stack_events import a_raw, a_stack_id
from tests.stores import a_store

FIRST, SECOND = a_stack_id(), a_stack_id(unique="second")
# A stack that begins, which is told twice, and is deleted; and another that begins.
TOLD = (
    a_raw("Create", request_id="c-1"),
    a_raw("Create", request_id="c-1"),
    a_raw("Delete", request_id="d-1"),
    a_raw("Create", request_id="c-2", stack_id=SECOND),
)


@pytest.fixture
def world(tmp_path):
    """`world(3)`: a folder with a store where one connection waits, and a queue with what is told."""

    def make(name):
        folder = tmp_path / str(name)
        (folder / "queue").mkdir(parents=True)
        for number, raw in enumerate(TOLD):
            (folder / "queue" / str(number)).write_text(raw)
        store = a_store(folder / "rolecall.db")
        store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
        connection = a_connection(Status.WAITING, tenant_id=a_tenant().id)
        store.add_connection(connection, an_event("connection.started"))
        store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
        store.close()
        return folder

    return make


def test_killed_before_any_act_and_started_again_it_hears_everything_once(world):
    kills = 0
    while True:
        folder = world(kills)
        code = live(folder, dies_at=kills + 1)
        if code == 0:
            break
        assert code == -9
        kills += 1
        assert_whoever_was_answered_was_heard(folder)
        assert live(folder, dies_at=None) == 0
        assert_all_heard_once(folder)

    assert_all_heard_once(folder)
    # Receiving, some writes, sending and deleting, for each of four messages.
    assert kills > 25


@pytest.mark.soak
def test_killed_again_and_again_it_still_hears_everything_once(world):
    for seed in range(2 * TIMES):
        chance = random.Random(seed)
        folder = world(f"soak-{seed}")
        lives = 1
        while live(folder, dies_at=chance.randint(1, 20) if lives < 12 else None) != 0:
            assert_whoever_was_answered_was_heard(folder)
            lives += 1
        assert_all_heard_once(folder)


def assert_whoever_was_answered_was_heard(folder) -> None:
    """CloudFormation never learns of a success that the crash undid."""
    db = sqlite3.connect(folder / "rolecall.db")
    heard = {request_id for (request_id,) in db.execute("select request_id from stack_events")}
    db.close()
    assert {answer["RequestId"] for answer in answers(folder)} <= heard


def assert_all_heard_once(folder) -> None:
    store = SqliteStore(folder / "rolecall.db")
    (connection,) = store.list_connections()
    said = {(a["RequestId"], a["Status"], a["PhysicalResourceId"]) for a in answers(folder)}
    phases = {str(s.stack_id): s.phase for s in store.reported_stacks(connection.id)}
    kinds = Counter(event.kind for event in store.events(connection.id))

    assert list((folder / "queue").iterdir()) == []
    # Each request has one answer, however often it was sent.
    assert sorted((request_id, status) for request_id, status, _ in said) == [
        ("c-1", "SUCCESS"),
        ("c-2", "SUCCESS"),
        ("d-1", "SUCCESS"),
    ]
    assert phases == {FIRST: StackPhase.ENDED, SECOND: StackPhase.BEGUN}
    assert (kinds["stack.begun"], kinds["stack.ended"]) == (2, 1)
    assert connection.version == 1 + kinds["stack.begun"] + kinds["stack.ended"]
    db = sqlite3.connect(folder / "rolecall.db")
    assert db.execute("select count(*) from stack_events").fetchall() == [(3,)]
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    db.close()
    store.close()
