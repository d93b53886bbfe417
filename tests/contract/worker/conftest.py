"""A worker on a real store, connections that are due, and an AWS that can keep silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from onboarding.ground.arn import parse_role_arn
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.ports import Store
from onboarding.verification import Verifier
from tests.builders import a_connection, a_tenant, an_event
from tests.contract.worker.watching import PATIENCE_SECONDS
from tests.deployed import an_agreement
from tests.fakes import FakeRoles
from wiring import SystemClock
from worker import Worker


@pytest.fixture(autouse=True)
def tenant(store):
    store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))


@pytest.fixture
def due(store: Store, aws: FakeRoles) -> Callable[..., Connection]:
    """`due(3)`: a connection in an account of its own, due now, whose role is sound."""

    def make(number: int, **values: Any) -> Connection:
        handle, account_id, now = f"handle{number:02}", f"{number:012}", datetime.now(UTC)
        arn = f"arn:aws:iam::{account_id}:role/northwind-{handle}"
        connection = a_connection(
            Status.WAITING,
            id=uuid4().hex,
            handle=handle,
            account_id=account_id,
            claimed_role_arn=parse_role_arn(arn),
            waiting_since=now,
            check_at=now,
            **values,
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
                store=store,
                roles=aws,
                clock=SystemClock(),
                agreement=an_agreement(),
                jitter=lambda: 0.5,
                judging=threading.Lock(),
            ),
            clock=SystemClock(),
            **values,
        )

    return make


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
