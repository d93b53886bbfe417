"""The table of transitions as a whole: nothing unreachable, nowhere stuck, and the drawing tells no less."""

from __future__ import annotations

import ast
from pathlib import Path

from config import PROJECT
from onboarding import lifecycle
from onboarding.ground.status import Status
from onboarding.lifecycle import TRANSITIONS, Trigger
from tests.guards.source_files import plant, sources, top_modules


def _reachable(start: Status) -> set[Status]:
    found, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        ahead += (to := {new for (old, _), new in TRANSITIONS.items() if old is here} - found)
        found |= to
    return found


def test_every_status_is_reachable_from_draft():
    assert _reachable(Status.DRAFT) == set(Status)


def test_no_status_but_disconnected_is_a_dead_end():
    ways_out = {status: _reachable(status) for status in set(Status) - {Status.DISCONNECTED}}

    assert [old for old, ahead in ways_out.items() if not {Status.CONNECTED, Status.DISCONNECTED} <= ahead] == []


def test_from_disconnected_there_is_no_way_back():
    assert _reachable(Status.DISCONNECTED) == {Status.DISCONNECTED}


def test_every_trigger_moves_something():
    assert {trigger for _, trigger in TRANSITIONS} == set(Trigger)


def test_the_drawing_mentions_every_status_and_every_trigger():
    drawing = lifecycle.__doc__ or ""

    assert [word.value for word in (*Status, *Trigger) if word.value not in drawing] == []


def test_nothing_but_advance_writes_a_status():
    """`replace(connection, status=…)` anywhere else would bypass the table."""
    assert writers_of_a_status(PROJECT) == ["onboarding/lifecycle.py"]


def test_a_planted_writer_is_found_in_sub_folders_too(tmp_path):
    planted = ["onboarding/x.py", "onboarding/room/x.py", "views/guard/x.py", "worker.py"]
    for path in planted:
        plant(tmp_path, path, "after = replace(before, status=Status.CONNECTED)")
    plant(tmp_path, "store/room/x.py", "after = replace(before, attempts=3)")

    assert sorted(writers_of_a_status(tmp_path)) == sorted(planted)


def writers_of_a_status(root: Path) -> list[str]:
    parts = [*top_modules(root), "onboarding", "aws", "store", "views", "commands"]
    return [path for path, source in sources(root, parts).items() if _replaces_a_status(source)]


def _replaces_a_status(source: str) -> bool:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    replacing = [c for c in calls if getattr(c.func, "id", getattr(c.func, "attr", "")) == "replace"]
    return any(keyword.arg == "status" for call in replacing for keyword in call.keywords)
