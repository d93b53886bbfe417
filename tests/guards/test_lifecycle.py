"""The table of transitions as a whole: nothing unreachable, nowhere stuck, and the drawing tells no less."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from onboarding import lifecycle
from onboarding.lifecycle import TRANSITIONS, Status, Trigger

ROOT = Path(__file__).resolve().parents[2]


def _reachable(start: Status) -> set[Status]:
    found, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        ahead += (to := {new for (old, _), new in TRANSITIONS.items() if old is here} - found)
        found |= to
    return found


def test_every_status_is_reachable_from_draft():
    assert _reachable(Status.DRAFT) == set(Status)


@pytest.mark.parametrize("status", set(Status) - {Status.DISCONNECTED})
def test_nowhere_is_a_dead_end_but_disconnected(status):
    assert Status.CONNECTED in _reachable(status)
    assert Status.DISCONNECTED in _reachable(status)


def test_from_disconnected_there_is_no_way_back():
    assert _reachable(Status.DISCONNECTED) == {Status.DISCONNECTED}


def test_every_trigger_moves_something():
    assert {trigger for _, trigger in TRANSITIONS} == set(Trigger)


def test_the_drawing_mentions_every_status_and_every_trigger():
    drawing = lifecycle.__doc__ or ""

    assert [word.value for word in (*Status, *Trigger) if word.value not in drawing] == []


def test_nothing_but_advance_writes_a_status():
    """`replace(connection, status=…)` anywhere else would go round the table."""
    folders = ("onboarding", "aws", "store", "views", "commands")
    files = [*ROOT.glob("*.py"), *(path for folder in folders for path in (ROOT / folder).glob("**/*.py"))]

    writers = [path.relative_to(ROOT).as_posix() for path in files if _replaces_a_status(path.read_text())]

    assert writers == ["onboarding/lifecycle.py"]


def _replaces_a_status(source: str) -> bool:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    replacing = [c for c in calls if getattr(c.func, "id", getattr(c.func, "attr", "")) == "replace"]
    return any(keyword.arg == "status" for call in replacing for keyword in call.keywords)
