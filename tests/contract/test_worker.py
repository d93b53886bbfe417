"""The worker on a real store: several at once, none twice, and nobody waits for one that hangs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

import worker as worker_module
from aws.clients import CONNECT_SECONDS, READ_SECONDS
from onboarding.lifecycle import Status
from onboarding.model import Connection
from onboarding.ports import NotFound, Store
from onboarding.probe import Asked
from onboarding.verification import Verifier
from tests.builders import a_connection, a_tenant, an_event
from tests.deployed import an_agreement
from tests.fakes import FakeRoles
from worker import LEASE, SystemClock, Worker

pytestmark = pytest.mark.clocked

PATIENCE_SECONDS = 10.0
EPOCH = datetime.fromtimestamp(0, UTC)


def eventually(is_so: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def tenant(store):
    store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))


@pytest.fixture
def due(store: Store, aws: FakeRoles) -> Callable[[int], Connection]:
    """`due(3)`: a connection in an account of its own, due now, whose role is sound."""

    def make(number: int) -> Connection:
        handle, account_id, now = f"handle{number:02}", f"{number:012}", datetime.now(UTC)
        arn = f"arn:aws:iam::{account_id}:role/northwind-{handle}"
        connection = a_connection(
            Status.WAITING,
            id=uuid4().hex,
            handle=handle,
            account_id=account_id,
            claimed_role_arn=arn,
            waiting_since=now,
            check_at=now,
        )
        store.add_connection(connection, an_event(connection_id=connection.id))
        issued = store.issue(
            f"northwind-{handle}-{number:032x}", connection.id, at=now, event=an_event(connection_id=connection.id)
        )
        aws.accepts_only(arn, issued.external_id)
        return connection

    return make


@pytest.fixture
def a_worker(backend, aws: FakeRoles) -> Callable[..., Worker]:
    def make(**values) -> Worker:
        store = backend.open()
        return Worker(
            store=store,
            verifier=Verifier(
                store=store, roles=aws, clock=SystemClock(), agreement=an_agreement(), jitter=lambda: 0.5
            ),
            **values,
        )

    return make


@contextmanager
def running(*workers: Worker) -> Iterator[None]:
    """Run the workers, and stop them at the end; what they were told to wait for must be over by then."""
    threads = [threading.Thread(target=w.run, daemon=True) for w in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in workers:
            each.stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the worker did not stop"


@pytest.fixture
def hang(aws: FakeRoles) -> Iterator[Callable[[Connection], threading.Event]]:
    """`hang(connection)`: AWS keeps silent about this role until the event is set, at the latest when the test ends."""
    held: dict[str, threading.Event] = {}

    def before_answering(call) -> None:
        if call.role_arn in held:
            assert held[call.role_arn].wait(PATIENCE_SECONDS)

    aws.before_answering = before_answering
    yield lambda connection: held.setdefault(connection.claimed_role_arn, threading.Event())
    for event in held.values():
        event.set()


def status_of(store: Store, connection: Connection) -> Status:
    return store.get_connection(connection.id).status


def asked_about(aws: FakeRoles, connection: Connection) -> int:
    return sum(call.role_arn == connection.claimed_role_arn for call in list(aws.calls))


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
        store.commit(read, read, an_event("connection.launched", connection_id=connection.id))
        answer.set()
        eventually(lambda: status_of(store, connection) is Status.CONNECTED)

    assert asked_about(aws, connection) == 2 * len(Asked)


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

    def gone(_):
        raise NotFound(connection.id)

    monkeypatch.setattr(work.verifier, "verify", gone)

    assert work.verify(connection) is None


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
    """What watches the installation must learn of it: a heart that outlived the hands would say that all is well."""
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


def test_the_lease_outlasts_a_round_in_which_every_question_times_out():
    questions = len(Asked) + 1  # two candidates may be tried
    assert timedelta(seconds=questions * (CONNECT_SECONDS + READ_SECONDS)) < LEASE
