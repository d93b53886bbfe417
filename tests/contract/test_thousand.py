"""A thousand connections that wait, an AWS that hangs, and five hundred tabs on one of them."""

from __future__ import annotations

import resource
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from aws import clients as clients_module
from aws.budget import Budget
from aws.clients import Clients
from aws.roles import AwsRoles
from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.verification import Verifier
from tests.builders import a_connection, an_event
from tests.contract.faulty_aws import HANGS, faulty_aws
from tests.deployed import an_agreement
from tests.fakes import FakeRoles
from tests.web.visitor import Visitor, an_app
from wiring import SystemClock
from worker import Worker

pytestmark = pytest.mark.clocked

MANY = 1000
THREADS = 8
PER_SECOND = 500
CALLS_EACH = 5  # AssumeRole, that is: what the budget counts.


class Metered:
    """FakeRoles that keeps to a budget, as AwsRoles does."""

    def __init__(self, roles: FakeRoles, budget: Budget) -> None:
        self.roles, self.budget = roles, budget

    def assume(self, *args, **values):
        self.budget.take()
        return self.roles.assume(*args, **values)

    def report(self, *args, **values):
        self.budget.take()
        return self.roles.report(*args, **values)


class Switched:
    """Roles that can be exchanged while the worker runs."""

    def __init__(self, roles) -> None:
        self.roles = roles

    def assume(self, *args, **values):
        return self.roles.assume(*args, **values)

    def report(self, *args, **values):
        return self.roles.report(*args, **values)


@pytest.fixture
def thousand(store, tenant):
    """A thousand connections of one tenant's, each waiting for a role in an account of its own."""
    now = datetime.now(UTC)
    with store._db.atomic():
        for number in range(MANY):
            handle, account_id = f"h{number:07d}", f"{100000000000 + number}"
            external_id = ExternalId(f"northwind-{handle}-{number:032x}")
            connection = a_connection(
                Status.WAITING,
                id=f"c{number}",
                handle=handle,
                account_id=account_id,
                claimed_role_arn=RoleArn("aws", account_id, "/", f"northwind-{handle}"),
                waiting_since=now,
                check_at=now,
            )
            store.add_connection(connection, an_event(connection_id=connection.id))
            store.issue(external_id, connection.id, at=now, event=an_event(connection_id=connection.id))
    return store.list_connections(tenant.id)


@contextmanager
def working(store, roles) -> Iterator[Worker]:
    verifier = Verifier(store=store, roles=roles, clock=SystemClock(), agreement=an_agreement(), jitter=lambda: 0.5)
    worker = Worker(store=store, verifier=verifier, clock=verifier.clock, threads=THREADS)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop.set()
        thread.join(30)


def median_milliseconds(ask: Callable[[], object], times: int = 60) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def test_with_aws_hanging_for_a_thousand_nobody_waits_and_all_are_proved_once_it_is_back(
    store, tenant, thousand, monkeypatch, capsys
):
    for name, value in {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(clients_module, "READ_SECONDS", 0.3)
    visitor = Visitor(an_app(store, SystemClock())).enter(tenant)
    asks = {
        "step page": lambda: visitor._client.get("/connect/c7/step/9", base_url=visitor.base_url),
        "poll": lambda: visitor._client.get("/connect/c7/status?has=old", base_url=visitor.base_url),
    }
    healthy = {name: median_milliseconds(ask) for name, ask in asks.items()}

    with faulty_aws() as aws:
        aws.fault = lambda action, nth: HANGS
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        roles = Switched(AwsRoles(Clients(region="us-east-1"), Budget(PER_SECOND)))
        with working(store, roles):
            time.sleep(1.5)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            # The worker's own, and those of the stand-in for AWS, which has one for each call that hangs.
            own = [t for t in threading.enumerate() if t.name.startswith("verify")]
            hanging = {name: median_milliseconds(ask) for name, ask in asks.items()}
            time.sleep(2)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory

            fake = FakeRoles()
            for c in thousand:
                fake.accepts_only(c.claimed_role_arn, store.issued(c.id)[0].external_id)
            begun = time.monotonic()
            roles.roles = Metered(fake, Budget(PER_SECOND))
            arithmetic = MANY * CALLS_EACH / PER_SECOND
            while time.monotonic() - begun < arithmetic + 60:
                proved = store._all("select count(*) as n from connections where status = 'connected'")[0]["n"]
                if proved == MANY:
                    break
                time.sleep(0.2)
            took = time.monotonic() - begun

    with capsys.disabled():
        print(f"\n{MANY} waiting, AWS hanging: {len(own)} verifying threads, {grown / 1024:.1f} MiB more")
        for name in asks:
            ratio = hanging[name] / healthy[name]
            print(f"  {name}: {healthy[name]:.1f} ms healthy, {hanging[name]:.1f} ms hanging, {ratio:.2f} times")
        print(f"  back: {proved} proved in {took:.1f} s; the budget alone takes {arithmetic:.1f} s")
    assert len(own) <= THREADS
    assert grown < 30 * 1024
    # One process does all the work here, and shares one interpreter: in production the worker is another process.
    assert all(hanging[name] <= 3 * healthy[name] + 20 for name in asks)
    assert proved == MANY
    assert took >= (arithmetic - 1) * 0.9
    assert len(fake.calls) == MANY * CALLS_EACH, "each was verified once"


def test_five_hundred_tabs_on_one_connection_bring_one_verification_at_a_time_and_one_a_second(store, tenant, stored):
    connection = stored(Status.WAITING, check_at=datetime.now(UTC), waiting_since=datetime.now(UTC))
    store.issue(
        ExternalId(f"northwind-{connection.handle}-{1:032x}"),
        connection.id,
        at=datetime.now(UTC),
        event=an_event(connection_id=connection.id),
    )
    in_flight, most, rounds = [0], [0], []
    lock = threading.Lock()

    class Counting(FakeRoles):
        def assume(self, *args, **values):
            with lock:
                in_flight[0] += 1
                most[0] = max(most[0], in_flight[0])
                rounds.append(time.monotonic())
            time.sleep(0.05)
            with lock:
                in_flight[0] -= 1
            return super().assume(*args, **values)

    visitor = Visitor(an_app(store, SystemClock())).enter(tenant)
    begun = time.monotonic()
    with working(store, Counting()):
        for _ in range(500):
            visitor._client.get(f"/connect/{connection.id}/status?has=old", base_url=visitor.base_url)
        while time.monotonic() - begun < 4:
            time.sleep(0.05)
        took = time.monotonic() - begun

    assert most[0] == 1
    # One at once, one that the first tab brings forward, then one a second.
    assert 2 <= len(rounds) <= took + 3
