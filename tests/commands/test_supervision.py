"""What supervision does with children that do not die, or cannot be born."""

from __future__ import annotations

import os
import sys
import time

import pytest

from commands import supervision
from commands.supervision import Supervised, stop_together

pytestmark = pytest.mark.clocked

DEAF = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write({}, b'x'); time.sleep(60)"


def supervised(name, code, **how):
    return Supervised(name, [sys.executable, "-c", code], env=dict(os.environ), **how)


def test_children_that_do_not_stop_have_one_time_together_and_are_killed(monkeypatch, caplog):
    monkeypatch.setattr(supervision, "STOP_SECONDS", 1.0)
    ready, told = os.pipe()
    children = [supervised(name, DEAF.format(told), fds=[told]) for name in ("web", "worker")]
    for child in children:
        child.start()
        os.read(ready, 1)
    os.close(ready)
    os.close(told)
    began = time.monotonic()

    stop_together(*children)

    assert 1 <= time.monotonic() - began < 1.8
    assert [f"process.killed name={name}" in caplog.text for name in ("web", "worker")] == [True, True]
