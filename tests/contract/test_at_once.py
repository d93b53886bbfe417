"""Forty at once do what is allowed once, or so many times, and no more: the transaction decides."""

from __future__ import annotations

import pytest

from onboarding.entry.handovers import MOST_OPEN, Handovers
from onboarding.entry.invites import DEFAULT_LIFETIME, Invites
from onboarding.entry.portal import Portal
from onboarding.ground.external_id import ISSUES_PER_CONNECTION
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.model import ApiKey, Flow
from onboarding.ports import UNFINISHED_PER_TENANT, ConcurrentChange, NotFound
from onboarding.service import Onboarding
from tests.builders import NOON, a_connection, a_vendor, an_event
from tests.fakes import HandClock

THREADS = 40
KEY = "a-key-for-tests-0123456789abcdef"


@pytest.fixture
def at_once(backend):
    """Run `work(verbs of its own, number)` in forty threads, and return what each got: a value or an error."""

    def run(work, verbs=Onboarding):
        parts = {"vendor": a_vendor()} if verbs is Onboarding else {"secret_key": KEY}
        return backend.at_once(
            lambda store, number: work(verbs(store=store, clock=HandClock(), **parts), number), threads=THREADS
        )

    return run


def won(outcomes):
    """Return what was done. Who lost a race too often is told so, and tries again."""
    lost = [o for o in outcomes if isinstance(o, Exception)]
    assert [error for error in lost if not isinstance(error, ConcurrentChange | Refused)] == []
    return [o for o in outcomes if not isinstance(o, Exception)]


def test_connecting_another_account_starts_one_connection(at_once, store, tenant):
    started = won(at_once(lambda verbs, _: verbs.start_connection(tenant.id)))

    assert len(started) == THREADS
    assert set(started) == set(store.list_connections(tenant.id))
    assert len(store.list_connections(tenant.id)) == 1
    assert [e.kind for e in store.events() if e.kind == "connection.started"] == ["connection.started"]


def test_a_tenant_has_no_more_unfinished_connections_than_anybody_needs(at_once, store, tenant):
    for number in range(UNFINISHED_PER_TENANT - 1):
        waiting = a_connection(Status.WAITING, id=f"c{number}", handle=f"c{number:07}", tenant_id=tenant.id)
        store.add_connection(waiting, an_event())

    def start_and_launch(verbs, _):
        return verbs.launch(verbs.start_connection(tenant.id).id, flow=Flow.QUICK_CREATE, region="us-east-1")

    won(at_once(start_and_launch))

    unfinished = [c for c in store.list_connections(tenant.id) if c.status in (Status.DRAFT, Status.WAITING)]
    assert len(unfinished) == UNFINISHED_PER_TENANT
    with pytest.raises(Refused, match="Too many accounts"):
        Onboarding(store=store, clock=HandClock(), vendor=a_vendor()).start_connection(tenant.id)


def test_step_3_issues_no_more_than_twenty_external_ids(at_once, store, stored):
    connection = stored(Status.DRAFT)

    shown = won(at_once(lambda verbs, _: verbs.show_external_id(connection)))

    assert len(shown) == THREADS
    assert len(store.issued(connection.id)) == ISSUES_PER_CONNECTION
    assert {i.external_id for i in shown} == {i.external_id for i in store.issued(connection.id)}


def test_launching_issues_one_external_id(at_once, store, stored):
    connection = stored(Status.DRAFT)

    launched = won(at_once(lambda verbs, _: verbs.launch(connection.id, flow=Flow.QUICK_CREATE, region="us-east-1")))

    [issued] = store.issued(connection.id)
    assert {c.pinned_external_id for c in launched} == {issued.external_id}


def test_a_connection_has_no_more_open_links_than_anybody_needs(at_once, store, stored):
    connection, made = stored(Status.WAITING), 0
    for _ in range(20):
        made += len(won(at_once(lambda verbs, _: verbs.hand_over(connection, asked_by="", days=1), Handovers)))
        if made >= MOST_OPEN:
            break

    won(at_once(lambda verbs, _: verbs.hand_over(connection, asked_by="", days=1), Handovers))
    assert len(store.list_handovers(connection.id)) == made == MOST_OPEN


def test_a_reference_is_one_tenant(at_once, store):
    made = won(at_once(lambda verbs, _: verbs.invite(name="New", reference="new", lifetime=DEFAULT_LIFETIME), Invites))

    assert len(made) == THREADS
    assert {invite.tenant_id for invite in made} == {store.find_tenant("new").id}


def test_a_start_of_a_portals_is_exchanged_once(backend, store, tenant, vendor):
    def portal(own):
        verbs = Onboarding(store=own, clock=HandClock(), vendor=vendor)
        return Portal(store=own, clock=HandClock(), onboarding=verbs, embed_origins=("https://portal.example.net",))

    key = ApiKey(id="k", name="portal", secret_hash="x", created_at=NOON)
    store.add_api_key(key, an_event())
    start, secret = portal(store).start(
        key, reference=tenant.reference, name=tenant.name, raw_origin="https://portal.example.net"
    )

    outcomes = backend.at_once(lambda own, _: portal(own).exchange(start.id, secret), threads=THREADS)

    assert sum(isinstance(o, NotFound) for o in outcomes) == THREADS - 1
