"""While a role is verified, anybody can write anything: a verdict is dropped only if what it is about has changed.

Every verb that writes is in the table. So whoever adds one says here whether a verdict survives it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onboarding.entry.handovers import Handovers
from onboarding.ground.arn import AccountId
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Connection, Flow
from onboarding.ports import ConcurrentChange, HandoverStore, NotFound, QueueStore, Store
from onboarding.service import Onboarding
from onboarding.verification import Verifier
from tests.builders import (
    EXTERNAL_ID,
    NOON,
    OTHER_ACCOUNT,
    ROLE_ARN,
    STACK,
    a_connection,
    a_handover,
    a_report,
    a_tenant,
    an_event,
    an_external_id,
    an_invite,
)
from tests.fakes import FakeRoles
from tests.stores import a_store

_LEASE = timedelta(minutes=1)
NOTHING_TO_DO = (ConcurrentChange, IllegalTransition, NotFound, Refused)


@dataclass(frozen=True)
class Scene:
    """What an act has at hand."""

    store: Store
    onboarding: Onboarding
    handovers: Handovers
    before: Connection

    @property
    def id(self) -> str:
        return self.before.id

    @property
    def newest(self) -> Connection:
        return self.store.get_connection(self.id)

    def handover(self, number: int) -> str:
        return self.store.list_handovers(self.id)[number].id


Act = Callable[[Scene], object]


def _confirmed(scene: Scene, account_id: AccountId | None) -> object:
    """A stack reports from the account, and the tenant says that it is theirs."""
    report = a_report(scene.id, stack_id=replace(STACK, account_id=account_id), request_id=uuid4().hex)
    scene.store.commit(scene.newest, scene.newest, an_event("stack.begun"), report=report)
    return scene.onboarding.confirm_account(scene.id, raw_account_id=str(account_id))


# The verbs of Onboarding, Handovers and the store; of those that change what a verdict can be about, each way to.
HARMLESS: dict[str, Act] = {
    "start_connection": lambda s: s.onboarding.start_connection("tenant-acme"),
    "show_external_id": lambda s: s.onboarding.show_external_id(s.newest),
    "launch": lambda s: s.onboarding.launch(s.id, flow=Flow.PAGE_BY_PAGE, region="eu-west-1"),
    "try_again": lambda s: s.onboarding.try_again(s.id),
    "pin_external_id, the one that is pinned": lambda s: s.onboarding.pin_external_id(s.id, external_id=EXTERNAL_ID),
    "submit_account, the same": lambda s: s.onboarding.submit_account(s.id, raw_account_id=s.before.account_id),
    "submit_role, the same": lambda s: s.onboarding.submit_role(s.id, raw_role_arn=ROLE_ARN),
    "confirm_account, the same": lambda s: _confirmed(s, s.before.account_id),
    "note_queue": lambda s: s.store.note_queue("eu-west-1", at=NOON),
    "note_unknown_host": lambda s: s.store.note_unknown_host("eu-west-1", host="host.example", at=NOON),
    "look": lambda s: s.onboarding.look(s.newest),
    "check_now": lambda s: s.onboarding.check_now(s.id),
    "check_even_at_rest": lambda s: s.onboarding.check_even_at_rest(s.newest),
    "hand_over": lambda s: s.handovers.hand_over(s.newest, asked_by="Ada", days=1),
    "open": lambda s: s.handovers.open(s.handover(0)),
    "ask_again": lambda s: s.handovers.ask_again(s.handover(1)),
    "revoke": lambda s: s.handovers.revoke(s.handover(0)),
    "commit, of nothing new": lambda s: s.store.commit(s.newest, s.newest, an_event()),
    "note_watched": lambda s: s.store.note_watched(s.id, at=NOON),
    "issue": lambda s: s.store.issue(an_external_id(9), s.id, at=NOON, event=an_event()),
    "release, of another round": lambda s: s.store.release(s.id, round=s.before.round - 1),
    "beat": lambda s: s.store.beat(worker="another", at=NOON),
    "claim, which is refused": lambda s: s.store.claim(s.id, now=NOON, lease=_LEASE),
    "claim_due, of others": lambda s: s.store.claim_due(now=NOON, lease=_LEASE),
    "set_embed_origins": lambda s: s.store.set_embed_origins("tenant-acme", (), an_event()),
    "set_brand": lambda s: s.store.set_brand("tenant-acme", a_tenant().brand, an_event()),
    "add_tenant": lambda s: s.store.add_tenant(a_tenant("other"), an_event(connection_id=None)),
    "add_invite": lambda s: s.store.add_invite(an_invite(), an_event(connection_id=None)),
    "revoke_invite": lambda s: s.store.revoke_invite("invite-1", an_event(connection_id=None)),
    "add_connection": lambda s: s.store.add_connection(a_connection(id="more", handle="more0001"), an_event()),
}
OTHER_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/another"
CHANGES_THE_SUBJECT: dict[str, Act] = {
    "disconnect": lambda s: s.onboarding.disconnect(s.id),
    "submit_account": lambda s: s.onboarding.submit_account(s.id, raw_account_id=OTHER_ACCOUNT),
    "submit_role": lambda s: s.onboarding.submit_role(s.id, raw_role_arn=OTHER_ROLE, account_may_change=True),
    "confirm_account": lambda s: _confirmed(s, OTHER_ACCOUNT),
    "pin_external_id": lambda s: s.onboarding.pin_external_id(s.id, external_id=EXTERNAL_ID),
    "launch, which pins": lambda s: s.onboarding.launch(s.id, flow=Flow.QUICK_CREATE, region="eu-west-1"),
    "commit": lambda s: s.store.commit(s.newest, replace(s.newest, status=Status.EXPIRED), an_event()),
    "claim": lambda s: s.store.claim(s.id, now=NOON + 2 * _LEASE, lease=_LEASE),
    "claim_due": lambda s: s.store.claim_due(now=NOON + 2 * _LEASE, lease=_LEASE),
}
# What only the worker that holds the lease calls.
THE_WORKERS_OWN = {"reschedule", "release"}
# Once connected, these are refused or change nothing that the verdict is about.
ONLY_WHILE_WAITING = {"confirm_account", "submit_account", "submit_role", "pin_external_id", "launch, which pins"}


@pytest.fixture
def scene(store, stored, onboarding, aws, clock) -> Callable[[Status], Scene]:
    """A connection of that status, claimed, whose role is sound; and two hand-overs, the second expired."""
    handovers = Handovers(store=store, clock=clock, secret_key="key")

    def make(status: Status) -> Scene:
        values = {"check_at": NOON, "waiting_since": NOON}
        connection = stored(status, **values)
        store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event())
        if status is not Status.WAITING:
            values["pinned_external_id"] = EXTERNAL_ID
            connection = store.commit(connection, replace(connection, **values), an_event())
        for n, expires_at in enumerate((NOON.replace(year=2031), NOON.replace(year=2029))):
            handover = a_handover(id=f"handover-{n}", expires_at=expires_at)
            connection = store.commit(connection, connection, an_event(), handover=handover)
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        claimed = store.claim(connection.id, now=NOON, lease=_LEASE)
        assert claimed is not None
        return Scene(store, onboarding, handovers, claimed)

    return make


def verified_during(acts: list[Act], *, scene: Scene, verifier: Verifier, aws: FakeRoles) -> Connection:
    """Verify while AWS answers its last question only after the acts."""
    left = list(acts)

    def act(_: object) -> None:
        while len(aws.calls) >= 3 and left:
            with suppress(*NOTHING_TO_DO):
                left.pop()(scene)

    aws.before_answering = act
    try:
        return verifier.verify(scene.before)
    finally:
        assert not left, "every act was done"


@pytest.mark.parametrize("act", HARMLESS)
@pytest.mark.parametrize("status", [Status.WAITING, Status.CONNECTED, Status.DEGRADED])
def test_whatever_else_is_written_meanwhile_the_verdict_lands(scene, verifier, aws, store, act, status):
    if act.startswith("pin_external_id") and status is Status.WAITING:
        pytest.skip("there it pins one")
    here = scene(status)
    verified_during([HARMLESS[act]], scene=here, verifier=verifier, aws=aws)

    assert here.newest.status is Status.CONNECTED
    assert store.last_verification(here.id).conclusion == "passed"
    assert store.claim(here.id, now=NOON, lease=_LEASE) is not None, "the lease is over"


@pytest.mark.parametrize("act", CHANGES_THE_SUBJECT)
@pytest.mark.parametrize("status", [Status.WAITING, Status.CONNECTED])
def test_what_changes_the_subject_drops_the_verdict(scene, verifier, aws, store, act, status):
    if act in ONLY_WHILE_WAITING and status is not Status.WAITING:
        pytest.skip("a connected one keeps what was proved")
    here = scene(status)
    with pytest.raises(ConcurrentChange):
        verified_during([CHANGES_THE_SUBJECT[act]], scene=here, verifier=verifier, aws=aws)

    assert store.last_verification(here.id) is None


@given(acts=st.lists(st.sampled_from(sorted(HARMLESS)), min_size=1, max_size=8))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_role_that_was_loosened_is_found_out_under_any_attack(acts, tmp_path_factory, verifier, aws, vendor, clock):
    store = a_store(tmp_path_factory.mktemp("attack") / "rolecall.db")
    store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
    store.add_connection(a_connection(Status.CONNECTED, check_at=NOON, pinned_external_id=EXTERNAL_ID), an_event())
    store.issue(EXTERNAL_ID, "connection-1", at=NOON, event=an_event())
    connection = store.get_connection("connection-1")
    for n in range(2):
        connection = store.commit(connection, connection, an_event(), handover=a_handover(id=f"handover-{n}"))
    handovers = Handovers(store=store, clock=clock, secret_key="key")
    onboarding = Onboarding(store=store, clock=clock, vendor=vendor)
    aws.calls.clear()
    aws.accepts_anyone(ROLE_ARN)
    here = Scene(store, onboarding, handovers, store.claim(connection.id, now=NOON, lease=_LEASE))
    left = [HARMLESS[name] for name in acts]

    def attack(_: object) -> None:
        while left:
            with suppress(Exception):
                left.pop()(here)

    aws.before_answering = attack
    after = replace(verifier, store=store).verify(here.before)

    assert (after.status, after.finding_code) == (Status.DEGRADED, "ignores_external_id_none")
    assert not left
    store.close()


def test_every_verb_that_writes_is_in_the_table():
    named = {name.partition(",")[0] for name in (*HARMLESS, *CHANGES_THE_SUBJECT)} | THE_WORKERS_OWN
    reads = (
        "get_",
        "list_",
        "find",
        "last_",
        "has_",
        "events",
        "queue_states",
        "reported_",
        "count_",
        "issued",
        "examine",
        "of",
        "token",
        "waiting_since",
    )
    of_portals = ("api_key", "portal_start")
    verbs = {
        name
        for kind in (Onboarding, Handovers, HandoverStore, QueueStore, Store)
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith(("_", "done_by", "vendor_finding_code", *reads)) and not name.endswith(of_portals)
    } - {"get"}

    assert named == verbs
