"""Health: the process answers, and somebody does the work."""

from __future__ import annotations

import sqlite3

from onboarding.ground.status import Status
from onboarding.schedule import LEASE
from tests.web.visitor import Visitor


def test_a_process_that_answers_is_alive(stranger):
    answer = stranger.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_without_a_worker_it_is_not_ready(stranger):
    answer = stranger.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["worker_beat_at"] is None
    assert answer.json["problems"] == ["no worker has reported for 30 seconds"]


def test_it_is_ready_while_a_worker_says_that_it_is_alive(stranger, store, clock):
    store.beat(worker="one", at=clock.now())
    clock.forward(seconds=30)
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["problems"]) == (200, "ok", [])

    clock.forward(seconds=1)
    assert stranger.get("/readyz").status_code == 503


def test_one_worker_of_several_is_enough(stranger, store, clock):
    store.beat(worker="gone", at=clock.now())
    clock.forward(hours=1)
    store.beat(worker="here", at=clock.now())

    assert stranger.get("/readyz").status_code == 200


def test_a_worker_that_says_it_is_alive_but_leaves_what_is_due_is_not_believed(stranger, store, stored, clock):
    stored(Status.WAITING, check_at=clock.now())
    clock.forward(minutes=2)
    store.beat(worker="one", at=clock.now())
    assert stranger.get("/readyz").status_code == 200

    clock.forward(seconds=1)
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (503, ["verifications are 121 seconds late"])

    store.claim_due(now=clock.now(), lease=LEASE)
    assert stranger.get("/readyz").status_code == 200, "somebody has taken it up"
    clock.forward(seconds=241)
    store.beat(worker="one", at=clock.now())
    assert stranger.get("/readyz").json["problems"] == ["verifications are 121 seconds late"], "and never finished it"


def test_set_back_an_hour_a_dead_workers_beat_hides_nothing(stranger, store, clock):
    store.beat(worker="dead", at=clock.now())
    clock.forward(hours=-1)

    assert stranger.get("/readyz").status_code == 503
    store.beat(worker="alive", at=clock.now())
    assert stranger.get("/readyz").status_code == 200


def test_a_store_that_does_not_answer_is_said_so_and_no_more(stranger, store, monkeypatch):
    def broken():
        raise sqlite3.OperationalError(f"unable to open {store.path}")

    monkeypatch.setattr(store, "last_beat", broken)
    answer = stranger.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "worker_beat_at": None, "problems": ["the store does not answer"]}


def test_health_needs_no_session_and_starts_none(app):
    for path in ("/healthz", "/readyz"):
        assert "Set-Cookie" not in Visitor(app).get(path).headers
