"""How often the worker looks, and for how long."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from onboarding.ground.status import Status
from onboarding.model import Flow
from onboarding.proof.answer import Asked, Outcome
from onboarding.verification import Verifier
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, ROLE_ARN, an_event
from tests.deployed import an_agreement

LEASE = timedelta(seconds=60)


@pytest.fixture
def waiting(stored, store):
    connection = stored(Status.WAITING, pinned_external_id=EXTERNAL_ID)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection


@pytest.fixture
def work(store, verifier, clock):
    """Do what the worker does, turning the clock to each next check; returns when it looked."""

    def until(end):
        looks = []
        while clock.now() < end:
            due = store.claim_due(now=clock.now(), lease=LEASE)
            if due is not None:
                looks.append(clock.now())
                verifier.verify(due)
                continue
            times = [c.check_at for c in store.list_connections() if c.check_at is not None]
            clock.at = max(min([*times, end]), clock.now() + timedelta(milliseconds=100))
        return looks

    return until


def test_nobody_watching_the_pauses_grow_and_the_first_days_looks_are_few(work, waiting):
    looks = work(NOON + timedelta(days=1))

    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=5), timedelta(minutes=5))
    assert len(looks) < 400


def test_while_somebody_watches_it_is_looked_at_once_a_second(work, waiting, onboarding, store, clock):
    clock.forward(minutes=5)
    onboarding.look(waiting)

    looks = work(clock.now() + timedelta(seconds=10))

    assert len(looks) == 10


def test_watching_a_wait_of_days_asks_at_once_and_then_less_often(work, waiting, onboarding, clock):
    clock.forward(days=3)
    onboarding.look(waiting)

    assert len(work(clock.now() + timedelta(seconds=59))) == 1


def test_the_watching_is_noticed_though_it_began_while_aws_was_answering(
    verifier, aws, waiting, onboarding, store, clock
):
    clock.forward(minutes=5)
    aws.before_answering = lambda call: onboarding.look(waiting)

    verifier.verify(waiting)

    assert store.get_connection(waiting.id).check_at == clock.now() + timedelta(seconds=1)


def test_a_fault_on_our_side_is_asked_about_every_five_seconds_at_most(work, waiting, onboarding, aws, clock):
    aws.answers(Outcome.VENDOR_EXPIRED)
    onboarding.look(waiting)

    assert len(work(clock.now() + timedelta(seconds=20))) == 4


def test_a_look_that_finds_nothing_new_leaves_no_record(work, waiting, store):
    work(NOON + timedelta(hours=1))

    assert store.get_connection(waiting.id).version == waiting.version + 1
    assert [e.kind for e in store.events(waiting.id)][-1] == "connection.checked"
    assert store.get_connection(waiting.id).attempts > 30


@pytest.mark.parametrize("jitter", [0.0, 0.25, 0.999])
def test_jitter_spreads_the_looks(store, aws, clock, waiting, jitter):
    verifier = Verifier(store=store, roles=aws, clock=clock, agreement=an_agreement(), jitter=lambda: jitter)

    after = verifier.verify(waiting)

    wait = (after.check_at - clock.now()).total_seconds()
    assert wait == pytest.approx(5 * (0.8 + 0.4 * jitter), abs=0.001)


def test_after_seven_days_it_expires_and_is_asked_about_no_more(work, waiting, store, aws, clock):
    work(NOON + timedelta(days=7, hours=1))

    expired = store.get_connection(waiting.id)
    assert (expired.status, expired.check_at) == (Status.EXPIRED, None)
    assert NOON + timedelta(days=7) <= expired.updated_at <= NOON + timedelta(days=7, minutes=31)
    assert store.events(waiting.id)[-1].kind == "connection.expired"
    asked = len(aws.calls)
    work(NOON + timedelta(days=9))
    assert len(aws.calls) == asked


def test_a_rejected_one_expires_too(verifier, waiting, aws, clock):
    aws.accepts_anyone(ROLE_ARN)
    rejected = verifier.verify(waiting)
    clock.forward(days=7)

    assert verifier.verify(rejected).status is Status.EXPIRED


def test_a_launch_without_an_account_expires_though_there_was_nothing_to_ask(work, onboarding, tenant, aws, store):
    launched = onboarding.launch(onboarding.start_connection(tenant.id).id, flow=Flow.QUICK_CREATE, region="us-east-1")
    onboarding.look(launched)

    looks = work(NOON + timedelta(days=7, hours=1))

    assert store.get_connection(launched.id).status is Status.EXPIRED
    assert len(looks) == 2, "once for being watched, once to expire"
    assert aws.calls == []


def test_an_act_of_the_tenant_starts_the_seven_days_anew(verifier, onboarding, waiting, clock, aws):
    clock.forward(days=6)
    onboarding.try_again(waiting.id)
    clock.forward(days=6)

    assert verifier.verify(onboarding.store.get_connection(waiting.id)).status is Status.WAITING


@pytest.mark.parametrize("status", [Status.DRAFT, Status.EXPIRED, Status.DISCONNECTED])
def test_what_nobody_waits_for_is_not_asked_about_even_when_told_to(verifier, stored, store, aws, status):
    connection = stored(status)
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    events = store.events()

    verifier.verify(store.claim(connection.id, now=NOON, lease=LEASE))

    assert aws.calls == []
    assert store.get_connection(connection.id) == connection
    assert store.events() == events


def test_without_an_external_id_aws_is_not_asked_and_the_tenant_is_told(verifier, onboarding, tenant, aws, store):
    connection = onboarding.start_connection(tenant.id)
    named = onboarding.submit_account(connection.id, raw_account_id=ACCOUNT)

    after = verifier.verify(named)

    assert (after.status, after.finding_code) == (Status.WAITING, "no_external_id")
    assert after.role_seen_at is None
    assert aws.calls == []


def test_a_round_costs_aws_two_calls_at_most_until_the_role_answers(verifier, onboarding, waiting, store, aws):
    for _ in range(20):
        store.issue(f"{EXTERNAL_ID[:-4]}{len(store.issued(waiting.id)):04x}", waiting.id, at=NOON, event=an_event())

    verifier.verify(waiting)

    assert aws.asked == [Asked.RIGHT, Asked.RIGHT]
    assert aws.calls[0].session_name == f"rolecall-{waiting.handle}"
