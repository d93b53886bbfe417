"""What every test may ask for. Nothing here reaches the network or the machine's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from onboarding.entry.handovers import Handovers
from onboarding.entry.invites import Invites
from onboarding.ground.status import Status
from onboarding.model import Connection, Tenant
from onboarding.service import Onboarding
from onboarding.vendor import Vendor
from onboarding.verification import Verifier
from store.sqlite import SqliteStore
from tests.builders import EXTERNAL_ID, NOON, a_connection, a_tenant, a_vendor, an_event
from tests.deployed import an_agreement
from tests.fakes import FakeRoles, HandClock
from tests.soak import TIMES
from tests.stores import a_store

pytest_plugins = ["tests.run_plugin"]

settings.register_profile("rolecall", deadline=None, max_examples=100 * TIMES)
settings.load_profile("rolecall")


@pytest.fixture
def clock() -> HandClock:
    """A clock that a hand turns: `clock.forward(seconds=90)`."""
    return HandClock()


@pytest.fixture
def aws() -> FakeRoles:
    """AWS with no roles in it yet."""
    return FakeRoles()


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store in a file of its own."""
    store = a_store(tmp_path / "rolecall.db")
    yield store
    store.close()


@pytest.fixture
def tenant(store: SqliteStore) -> Tenant:
    return store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))


@pytest.fixture
def other_tenant(store: SqliteStore) -> Tenant:
    return store.add_tenant(a_tenant("globex"), an_event("tenant.added", connection_id=None))


@pytest.fixture
def onboarding(store: SqliteStore, clock: HandClock, vendor: Vendor) -> Onboarding:
    return Onboarding(store=store, clock=clock, vendor=vendor)


@pytest.fixture
def verifier(store: SqliteStore, aws: FakeRoles, clock: HandClock) -> Verifier:
    """A verifier whose jitter is none: 0.5 is the middle of the spread."""
    return Verifier(store=store, roles=aws, clock=clock, agreement=an_agreement(), jitter=lambda: 0.5)


@pytest.fixture
def invites(store: SqliteStore, clock: HandClock) -> Invites:
    return Invites(store=store, clock=clock, secret_key="a-key-for-tests-0123456789abcdef")


@pytest.fixture
def handovers(store: SqliteStore, clock: HandClock) -> Handovers:
    return Handovers(store=store, clock=clock, secret_key="a-key-for-tests-0123456789abcdef")


@pytest.fixture
def stored(store: SqliteStore, tenant: Tenant) -> Callable[..., Connection]:
    """`stored(Status.REJECTED, attempts=7)`: a connection of the tenant's, written as it stands."""

    def write(status: Status, **values: Any) -> Connection:
        connection = a_connection(status, tenant_id=tenant.id, **values)
        store.add_connection(connection, an_event(tenant_id=tenant.id))
        return store.get_connection(connection.id)

    return write


@pytest.fixture
def connected(stored: Callable[..., Connection], store: SqliteStore) -> Connection:
    """A connection of the tenant's that was proved, with the external ID it is bound to."""
    connection = stored(Status.CONNECTED)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection
