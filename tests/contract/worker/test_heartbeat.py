"""The worker says that it is alive: from the first moment, while it is busy, and not after it died."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

import worker as worker_module
from tests.contract.worker.watching import EPOCH, PATIENCE_SECONDS, asked_about, eventually, running

pytestmark = pytest.mark.clocked


def test_it_says_that_it_is_alive_from_the_first_moment_and_goes_on_saying_so(store, a_worker, monkeypatch):
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    assert store.last_beat() is None

    with running(a_worker()):
        eventually(store.last_beat)
        first = store.last_beat()
        eventually(lambda: store.last_beat() > first)

    assert abs(datetime.now(UTC) - first) < timedelta(seconds=PATIENCE_SECONDS)


def test_a_busy_worker_says_that_it_is_alive_too(store, due, a_worker, hang, aws, monkeypatch):
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    connection = due(1)
    answer = hang(connection)

    with running(a_worker(threads=1)):
        eventually(lambda: asked_about(aws, connection) == 1)
        while_hanging = datetime.now(UTC)
        eventually(lambda: (store.last_beat() or EPOCH) > while_hanging)
        answer.set()


def test_a_worker_whose_every_thread_hangs_beyond_its_lease_does_not_say_that_it_is_alive(
    store, due, a_worker, hang, aws, monkeypatch, caplog
):
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(worker_module, "LEASE", timedelta(seconds=0.5))
    connections = [due(1), due(2)]
    answers = [hang(c) for c in connections]

    with running(a_worker(threads=2)):
        eventually(lambda: all(asked_about(aws, c) == 1 for c in connections))
        eventually(lambda: "worker.stuck threads=2" in caplog.text)
        last = store.last_beat()
        time.sleep(0.3)
        assert store.last_beat() == last
        for answer in answers:
            answer.set()
        eventually(lambda: store.last_beat() > last)


def test_one_beat_that_fails_is_not_the_last(store, a_worker, monkeypatch):
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    work = a_worker()
    beat, failures = work.store.beat, iter([OSError("disk full"), OSError("disk full")])

    def sometimes(**values):
        if failure := next(failures, None):
            raise failure
        beat(**values)

    monkeypatch.setattr(work.store, "beat", sometimes)
    with running(work):
        eventually(store.last_beat)


def test_a_worker_that_dies_does_not_say_that_it_is_alive(store, a_worker, monkeypatch):
    """Its heartbeat stops, or /readyz would report a dead worker as healthy."""
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    work = a_worker()

    def broken(**_):
        raise OSError("disk full")

    monkeypatch.setattr(work.store, "claim_due", broken)
    with pytest.raises(OSError, match="disk full"):
        work.run()

    last = store.last_beat()
    time.sleep(0.3)
    assert store.last_beat() == last
    assert not [t for t in threading.enumerate() if t.name == "heartbeat"]
