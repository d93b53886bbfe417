"""The worker on a real store: several at once, none twice, and nobody waits for one that hangs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws.clients import CONNECT_SECONDS, READ_SECONDS
from aws.self_report import REPORT_SECONDS
from commands.supervision import STOP_SECONDS
from onboarding.ground.status import Status
from onboarding.ports import ConcurrentChange, NotFound
from onboarding.proof.answer import Asked, Outcome
from onboarding.questioning import LONGEST_QUESTIONING, probe_role
from onboarding.schedule import LEASE
from onboarding.verification import Verifier
from tests.builders import EXTERNAL_ID, ROLE, ROLE_ARN, a_vendor, an_event
from tests.contract.worker.watching import PATIENCE_SECONDS, asked_about, eventually, running, status_of

pytestmark = pytest.mark.clocked


def test_what_is_due_is_verified_and_what_is_not_is_left_alone(store, due, a_worker, aws):
    now_due, later = due(1), due(2)
    store.reschedule(later, check_at=datetime.now(UTC) + timedelta(hours=1), attempts=0)

    with running(a_worker()):
        eventually(lambda: status_of(store, now_due) is Status.CONNECTED)

    assert status_of(store, later) is Status.WAITING
    assert asked_about(aws, later) == 0


def test_several_are_verified_at_the_same_time(store, due, a_worker, aws):
    meeting = threading.Barrier(4, timeout=PATIENCE_SECONDS)
    aws.before_answering = lambda call: meeting.wait() if call.asked is Asked.RIGHT else None
    connections = [due(number) for number in range(4)]

    with running(a_worker(threads=4)):
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in connections))

    assert not meeting.broken


def test_never_more_at_once_than_there_are_threads(store, due, a_worker, aws):
    under_way, most, lock = Counter(), [], threading.Lock()

    def count(call):
        with lock:
            under_way[call.role_arn] += 1
            most.append(len(under_way))
        time.sleep(0.01)
        if call.asked is Asked.RIGHT_AGAIN:
            with lock:
                del under_way[call.role_arn]

    aws.before_answering = count
    connections = [due(number) for number in range(6)]
    with running(a_worker(threads=2)):
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in connections))

    assert max(most) == 2


def test_one_role_that_hangs_delays_nobody(store, due, a_worker, hang):
    stuck = due(1)
    answer = hang(stuck)
    others = [due(number) for number in range(2, 8)]

    with running(a_worker(threads=2)):
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in others))
        assert status_of(store, stuck) is Status.WAITING
        answer.set()
        eventually(lambda: status_of(store, stuck) is Status.CONNECTED)


def test_a_connection_is_never_verified_twice_at_once(store, due, a_worker, aws, hang):
    connection = due(1)
    answer = hang(connection)

    with running(a_worker(), a_worker()):
        eventually(lambda: asked_about(aws, connection) == 1)
        for _ in range(30):
            # Somebody looks on: that makes it due again, and still it is held.
            store.note_watched(connection.id, at=datetime.now(UTC))
            time.sleep(0.02)
        assert asked_about(aws, connection) == 1
        answer.set()
        eventually(lambda: status_of(store, connection) is Status.CONNECTED)

    assert asked_about(aws, connection) == len(Asked)
    assert len([e for e in store.events(connection.id) if e.kind == "connection.connected"]) == 1


def test_two_workers_share_the_work_and_double_none(store, due, a_worker, aws):
    connections = [due(number) for number in range(10)]

    with running(a_worker(threads=2), a_worker(threads=2)):
        eventually(lambda: all(status_of(store, c) is Status.CONNECTED for c in connections))

    assert {asked_about(aws, c) for c in connections} == {len(Asked)}


def test_told_to_stop_it_finishes_what_is_under_way_and_begins_nothing_new(store, due, a_worker, aws, hang):
    connection = due(1)
    answer = hang(connection)
    work = a_worker()
    thread = threading.Thread(target=work.run, daemon=True)
    thread.start()
    eventually(lambda: asked_about(aws, connection) == 1)

    work.stop.set()
    time.sleep(0.3)
    late = due(2)
    assert thread.is_alive()
    answer.set()
    thread.join(PATIENCE_SECONDS)

    assert not thread.is_alive()
    assert status_of(store, connection) is Status.CONNECTED
    assert asked_about(aws, late) == 0


def test_told_to_stop_while_idle_it_stops_at_once(a_worker):
    work = a_worker()
    began = time.monotonic()
    with running(work):
        pass

    assert time.monotonic() - began < 2


def test_the_row_of_a_worker_that_died_comes_back_when_its_lease_ends(store, due, a_worker):
    connection = due(1)
    now = datetime.now(UTC)
    assert store.claim(connection.id, now=now - LEASE + timedelta(seconds=0.5), lease=LEASE)
    assert store.claim_due(now=now, lease=LEASE) is None

    with running(a_worker()):
        eventually(lambda: status_of(store, connection) is Status.CONNECTED)


def test_a_tenant_who_acts_meanwhile_wins_and_the_row_is_taken_up_again(store, due, a_worker, aws, hang):
    connection = due(1)
    answer = hang(connection)

    with running(a_worker()):
        eventually(lambda: asked_about(aws, connection) == 1)
        read = store.get_connection(connection.id)
        (issued,) = store.issued(connection.id)
        pinned = replace(read, pinned_external_id=issued.external_id)
        store.commit(read, pinned, an_event("external_id.pinned", connection_id=connection.id))
        answer.set()
        eventually(lambda: status_of(store, connection) is Status.CONNECTED)

    assert asked_about(aws, connection) == 2 * len(Asked)


def test_who_writes_something_else_all_the_time_keeps_no_verdict_from_landing(store, due, a_worker, aws, hang):
    connection = due(1)
    answer, is_over = hang(connection), threading.Event()

    def write():
        while not is_over.wait(0.005):
            read = store.get_connection(connection.id)
            with suppress(ConcurrentChange):
                store.commit(read, read, an_event("handover.opened", connection_id=connection.id))
        store.close()

    writer = threading.Thread(target=write)
    with running(a_worker()):
        eventually(lambda: asked_about(aws, connection) == 1)
        writer.start()
        answer.set()
        eventually(lambda: status_of(store, connection) is Status.CONNECTED)
        is_over.set()
        writer.join()

    assert asked_about(aws, connection) == len(Asked)


def test_a_verification_that_crashes_stops_neither_the_worker_nor_the_others(store, due, a_worker, aws, caplog):
    broken = due(1)

    def crash(call):
        if call.role_arn == broken.claimed_role_arn:
            raise RuntimeError("a bug")

    aws.before_answering = crash
    with running(a_worker(threads=1)):
        eventually(lambda: asked_about(aws, broken) == 1)
        other = due(2)
        eventually(lambda: status_of(store, other) is Status.CONNECTED)

    assert asked_about(aws, broken) == 1, "a bug does not spin: the lease keeps the row back"
    assert f"connection.verification_crashed connection={broken.id}" in caplog.text


def test_a_connection_that_is_gone_is_nobodys_trouble(due, a_worker, monkeypatch):
    connection = due(1)
    work = a_worker()

    def gone(*_):
        raise NotFound(connection.id)

    monkeypatch.setattr(Verifier, "verify", gone)

    assert work.verify(connection) is None


# docs/commands.md says so: the longest that a stop waits for a verification.
AS_DOCUMENTED = 60


def test_the_lease_and_a_supervisors_patience_outlast_the_longest_verification():
    a_slow_call, judging = CONNECT_SECONDS + READ_SECONDS, 1
    longest = LONGEST_QUESTIONING.total_seconds() + a_slow_call + REPORT_SECONDS + a_slow_call + judging

    assert longest < AS_DOCUMENTED < STOP_SECONDS < LEASE.total_seconds()


def test_a_round_in_which_every_answer_comes_slowly_ends_in_time_and_has_no_verdict(aws, clock):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.before_answering = lambda call: clock.forward(seconds=CONNECT_SECONDS + READ_SECONDS - 0.1)

    probe = probe_role(
        aws, clock, role_arn=ROLE, trusted=a_vendor().trusted_principal, candidates=[EXTERNAL_ID], session_name="x"
    )

    assert probe.finished_at - probe.started_at < LONGEST_QUESTIONING + timedelta(seconds=7)
    assert probe.self_report is None
    assert probe.answers[-1].outcome is Outcome.TIMED_OUT
