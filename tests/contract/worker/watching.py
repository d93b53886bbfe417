"""Run workers in threads and look at what they do, patiently."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.ports import Store
from tests.fakes import FakeRoles
from worker import Worker

PATIENCE_SECONDS = 10.0
EPOCH = datetime.fromtimestamp(0, UTC)


def eventually(is_so: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


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


def status_of(store: Store, connection: Connection) -> Status:
    return store.get_connection(connection.id).status


def asked_about(aws: FakeRoles, connection: Connection) -> int:
    return sum(call.role_arn == connection.claimed_role_arn for call in list(aws.calls))
