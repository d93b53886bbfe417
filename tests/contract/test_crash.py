"""Kill -9 between any two writes and start again: nothing lost, nothing doubled, the wizard goes on (security 44)."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from onboarding.ground.status import Status
from onboarding.model import Flow
from store.sqlite import SqliteStore
from tests.contract.crash_story import Witness, live
from tests.soak import TIMES

ONCE = (
    "tenant.added",
    "invite.made",
    "connection.started",
    "connection.connected",
)


def test_killed_before_any_write_and_started_again_it_ends_connected_once(tmp_path):
    """Page by page is the longer way: an ID is shown and copied before the launch."""
    kills = 0
    while True:
        folder = tmp_path / str(kills)
        folder.mkdir()
        code = live(folder, flow=Flow.PAGE_BY_PAGE, dies_at=kills + 1)
        if code == 0:
            break
        assert code == -9
        kills += 1
        seen = assert_nothing_seen_was_lost(folder)
        assert live(folder, flow=Flow.PAGE_BY_PAGE, dies_at=None) == 0
        assert_connected_once(folder, pinned=seen.pinned)

    assert_connected_once(folder, pinned=Witness.read(folder / "witness.json").pinned)
    # Four statements or so for each of a dozen commits, besides those that make the tables.
    assert kills > 70


@pytest.mark.soak
@pytest.mark.parametrize("flow", [Flow.QUICK_CREATE, Flow.PAGE_BY_PAGE])
def test_killed_again_and_again_it_still_ends_connected_once(tmp_path, flow):
    for seed in range(4 * TIMES):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        lives = 1
        while live(folder, flow=flow, dies_at=chance.randint(1, 60) if lives < 12 else None) != 0:
            assert_nothing_seen_was_lost(folder)
            lives += 1
        assert_connected_once(folder, pinned=Witness.read(folder / "witness.json").pinned)


def test_without_a_kill_the_story_is_told_in_one_life(tmp_path):
    assert live(tmp_path, flow=Flow.PAGE_BY_PAGE, dies_at=None) == 0

    witness = Witness.read(tmp_path / "witness.json")
    assert (witness.lives, witness.pinned) == (1, witness.stack)
    assert_connected_once(tmp_path, pinned=witness.pinned)


def assert_nothing_seen_was_lost(folder: Path) -> Witness:
    """What somebody had on the screen before the crash is still so after it."""
    witness = Witness.read(folder / "witness.json")
    if witness.version:
        (connection,) = SqliteStore(folder / "rolecall.db").list_connections()
        assert connection.version >= witness.version
        assert witness.pinned in (None, connection.pinned_external_id)
    return witness


def assert_connected_once(folder: Path, *, pinned: str | None) -> None:
    witness = Witness.read(folder / "witness.json")
    store = SqliteStore(folder / "rolecall.db")
    (connection,) = store.list_connections()
    events = Counter(event.kind for event in store.events())

    assert (connection.status, connection.bound_external_id) == (Status.CONNECTED, witness.stack)
    assert connection.role_arn == connection.claimed_role_arn
    assert connection.pinned_external_id == witness.stack
    assert pinned in (None, connection.pinned_external_id)
    assert {kind: events[kind] for kind in ONCE} == dict.fromkeys(ONCE, 1)
    assert len(store.list_invites()) == 1
    issued = [i.external_id for i in store.issued(connection.id)]
    assert len(issued) == events["external_id.issued"]
    assert events["external_id.pinned"] <= 1
    commits = [e for e in store.events(connection.id) if e.kind not in ("connection.started", "external_id.issued")]
    assert connection.version == 1 + len(commits)
    db = sqlite3.connect(folder / "rolecall.db")
    assert db.execute("select count(*) from verifications where conclusion = 'passed'").fetchall() == [(1,)]
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert db.execute("pragma foreign_key_check").fetchall() == []
    db.close()
    store.close()
