"""What supervision does with children that do not die, or cannot be born."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from commands import supervision
from commands.supervision import Supervised, stop_together
from tests.commands.served import eventually

pytestmark = pytest.mark.clocked

DEAF = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write({}, b'x'); time.sleep(60)"


def supervised(name, code, **how):
    return Supervised(name, [sys.executable, "-c", code], env=dict(os.environ), **how)


def test_children_that_do_not_stop_have_one_time_together_and_are_killed(monkeypatch, caplog):
    monkeypatch.setattr(supervision, "STOP_SECONDS", 2.0)
    ready, told = os.pipe()
    children = [supervised(name, DEAF.format(told), fds=[told]) for name in ("web", "worker")]
    for child in children:
        child.start()
        os.read(ready, 1)
    os.close(ready)
    os.close(told)
    began = time.monotonic()

    stop_together(*children)

    assert 2 <= time.monotonic() - began < 3.5
    assert [f"process.killed name={name}" in caplog.text for name in ("web", "worker")] == [True, True]


def test_a_child_that_cannot_be_started_again_is_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    real, tries = subprocess.Popen, []

    def short_of_memory(*arguments, **how):
        tries.append(arguments)
        if len(tries) in (2, 3):
            raise OSError(12, "Cannot allocate memory")
        return real(*arguments, **how)

    monkeypatch.setattr(subprocess, "Popen", short_of_memory)
    child = supervised("worker", "import sys, time; time.sleep(60 if sys.argv[1:] else 0)")
    child.start()
    child.command.append("stay")
    try:
        assert eventually(lambda: len(tries) == 4)
    finally:
        stop_together(child)

    assert caplog.text.count("process.not_started name=worker error=Cannot allocate memory") == 2
