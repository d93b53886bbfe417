"""One tenant connects while another has the worker verify what is made to be slow, or very much of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import worker as worker_module
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.proof.checks import judge
from tests.abuse.policies import LONGEST_POLICY, POLICIES, policy
from tests.builders import a_tenant, an_event
from tests.contract.worker.watching import eventually, running, status_of
from tests.deployed import a_self_report

pytestmark = pytest.mark.clocked

PROMPTLY_SECONDS = 8.0


@pytest.fixture
def modest(store, due) -> Callable[[], Connection]:
    """`modest()`: another tenant's connection, due now, whose role is sound."""

    def make() -> Connection:
        tenant = store.add_tenant(a_tenant("modest"), an_event("tenant.added", connection_id=None))
        return due(99, tenant_id=tenant.id)

    return make


def keep_due(store, connections: list[Connection], is_over: threading.Event) -> None:
    """Bring all of them forward to now, as often as the limits let a tenant."""
    while not is_over.wait(0.25):
        for connection in connections:
            store.note_watched(connection.id, at=datetime.now(UTC))
    store.close()


@pytest.mark.parametrize("number", [8, 97])
def test_a_role_is_connected_promptly_beside_hostile_ones_that_are_always_due(
    store, due, a_worker, aws, modest, monkeypatch, measured, number
):
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.1)
    hostile = [due(n) for n in range(number)]
    shapes = [make for name, make in POLICIES.items() if "denies" in name or "wildcards" in name]
    for n, connection in enumerate(hostile):
        (issued,) = store.issued(connection.id)
        report = a_self_report(connection.claimed_role_arn, issued.external_id)
        long = shapes[n % len(shapes)](LONGEST_POLICY)
        loose = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
        aws.reports(connection.claimed_role_arn, replace(report, inline_policies={"x": long}, trust_policy=loose))
    is_over = threading.Event()
    watcher = threading.Thread(target=keep_due, args=(store, hostile, is_over))

    with running(a_worker()):
        watcher.start()
        time.sleep(0.5)
        began = time.monotonic()
        mine = modest()
        eventually(lambda: status_of(store, mine) is Status.CONNECTED)
        took = time.monotonic() - began
        beat = store.last_beat()
        eventually(lambda: store.last_beat() > beat)
        is_over.set()
        watcher.join()
        stopping = time.monotonic()

    stopped = time.monotonic() - stopping
    measured.append(f"{number} hostile roles: connected after {took:.2f} s, stopped after {stopped:.2f} s")
    assert took < PROMPTLY_SECONDS
    assert stopped < PROMPTLY_SECONDS


def test_a_good_role_is_connected_while_all_others_of_another_tenant_hang(store, due, a_worker, aws, hang, modest):
    hanging = [due(n) for n in range(3)]
    answers = [hang(c) for c in hanging[:2]]

    with running(a_worker(threads=3)):
        mine = modest()
        eventually(lambda: status_of(store, mine) is Status.CONNECTED)
        eventually(lambda: status_of(store, hanging[2]) is Status.CONNECTED)
        for answer in answers:
            answer.set()
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in hanging))


def test_one_role_is_judged_at_a_time_so_that_judging_leaves_the_processor_to_the_others(
    store, due, a_worker, monkeypatch
):
    judging, most = [], []

    def judge_slowly(probe, agreement):
        judging.append(probe)
        most.append(len(judging))
        time.sleep(0.01)
        judging.remove(probe)
        return judge(probe, agreement)

    monkeypatch.setattr("onboarding.verification.judge", judge_slowly)
    connections = [due(n) for n in range(8)]
    with running(a_worker()):
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in connections))

    assert most == [1] * 8
