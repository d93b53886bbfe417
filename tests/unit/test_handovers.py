"""Hand-overs: a signed link for one connection, that expires, can be taken back, asked for again, and not made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from onboarding.entry.api_keys import ApiKeys
from onboarding.entry.handovers import DEFAULT_LIFETIME, LIFETIMES, Handovers
from onboarding.entry.invites import Invites
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.model import Actor, HandoverState
from onboarding.ports import ConcurrentChange, NotFound
from tests.builders import NOON, a_handover, an_event

KEY = "a-key-for-tests-0123456789abcdef"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def connection(stored):
    return stored(Status.WAITING)


@pytest.fixture
def handover(handovers, connection):
    return handovers.hand_over(connection, asked_by="Sam", days=DEFAULT_LIFETIME)


def kinds(store):
    return [(e.kind, e.actor) for e in store.events() if e.kind.startswith("handover.")]


def test_a_token_opens_the_hand_over_it_was_made_for(handovers, handover, connection):
    found = handovers.find(handovers.token(handover))

    assert found == handover
    assert (found.connection_id, found.tenant_id, found.asked_by) == (connection.id, connection.tenant_id, "Sam")


def test_a_link_works_for_three_days_unless_one_or_seven_were_chosen(handovers, connection):
    assert (DEFAULT_LIFETIME, LIFETIMES) == (3, (1, 3, 7))
    for days in LIFETIMES:
        made = handovers.hand_over(connection, asked_by="", days=days)
        assert made.is_open(NOON + days * DAY - timedelta(seconds=1))
        assert not made.is_open(NOON + days * DAY)


@pytest.mark.parametrize("status", Status)
def test_only_what_is_unfinished_is_handed_over(handovers, stored, store, status):
    connection = stored(status)
    if status not in (Status.CONNECTED, Status.DISCONNECTED):
        assert handovers.hand_over(connection, asked_by="", days=1).connection_id == connection.id
        return

    with pytest.raises(Refused) as refusal:
        handovers.hand_over(connection, asked_by="", days=1)

    assert refusal.value.code == "nothing_to_hand_over"
    assert (store.list_handovers(connection.id), kinds(store)) == ([], [])


def test_what_was_connected_since_the_page_was_loaded_is_not_handed_over(handovers, connection, store):
    store.commit(connection, replace(connection, status=Status.CONNECTED), an_event())

    with pytest.raises(Refused):
        handovers.hand_over(connection, asked_by="", days=1)


def test_its_states_follow_from_what_happened_and_the_time():
    made = a_handover()
    opened, revoked = replace(made, opened_at=NOON), replace(made, opened_at=NOON, revoked_at=NOON + HOUR)

    assert made.state(NOON) is HandoverState.SENT
    assert opened.state(NOON) is HandoverState.OPENED
    assert opened.state(made.expires_at) is HandoverState.EXPIRED
    assert revoked.state(NOON) is revoked.state(made.expires_at) is HandoverState.REVOKED


@pytest.mark.parametrize(
    ("values", "after", "lets_in"),
    [
        ({}, HOUR, False),
        ({"opened_at": NOON}, 3 * DAY - HOUR, True),
        ({"opened_at": NOON}, 3 * DAY, False),
        ({"opened_at": NOON, "revoked_at": NOON}, HOUR, False),
        ({"opened_at": NOON + 3 * DAY - timedelta(minutes=1)}, 3 * DAY + timedelta(minutes=58), True),
        ({"opened_at": NOON + 3 * DAY - timedelta(minutes=1)}, 3 * DAY + HOUR, False),
        ({"opened_at": NOON + 3 * DAY - timedelta(minutes=1), "revoked_at": NOON + 3 * DAY}, 3 * DAY, False),
    ],
)
def test_a_session_goes_on_as_long_as_the_link_and_an_hour_from_its_opening(values, after, lets_in):
    assert a_handover(**values).lets_in(NOON + after) is lets_in


def test_opening_is_noted_once_and_opening_it_again_writes_nothing(handovers, handover, connection, clock, store):
    handovers.open(handover.id)
    version = store.get_connection(connection.id).version
    clock.forward(minutes=5)

    assert handovers.open(handover.id).opened_at == NOON
    assert kinds(store) == [("handover.made", Actor.TENANT), ("handover.opened", Actor.COLLEAGUE)]
    assert store.get_connection(connection.id).version == version


def test_whatever_becomes_of_it_is_a_new_version_of_the_connection_and_changes_nothing_else(
    handovers, handover, connection, store, clock
):
    handovers.open(handover.id)
    clock.forward(days=3)
    handovers.ask_again(handover.id)
    handovers.revoke(handover.id)

    now = store.get_connection(connection.id)
    assert now == replace(connection, version=connection.version + 4)


def test_an_expired_link_opens_nothing_and_can_be_asked_for_again_once(handovers, handover, clock, store):
    with pytest.raises(NotFound):
        handovers.ask_again(handover.id)
    clock.forward(days=3)

    with pytest.raises(NotFound):
        handovers.open(handover.id)
    for _ in range(2):
        assert handovers.ask_again(handover.id).asked_again_at == clock.now()
    assert kinds(store)[1:] == [("handover.asked_again", Actor.COLLEAGUE)]


def test_a_revoked_link_opens_nothing_and_is_not_asked_for_again(handovers, handover, clock, store):
    for _ in range(2):
        assert handovers.revoke(handover.id).revoked_at == NOON

    clock.forward(days=4)
    for verb in (handovers.open, handovers.ask_again):
        with pytest.raises(NotFound):
            verb(handover.id)
    assert kinds(store)[1:] == [("handover.revoked", Actor.TENANT)]


def test_what_was_made_with_an_invite_ends_with_it(handovers, invites, connection, tenant):
    invite = invites.invite(name="Acme", reference=tenant.reference, lifetime=DAY)
    made = handovers.hand_over(connection, asked_by="", days=3, invite_id=invite.id)
    handovers.open(made.id)
    assert handovers.get(made.id).lets_in(NOON)

    invites.revoke(invite.id)

    assert not handovers.get(made.id).lets_in(NOON)
    assert [h.state(NOON) for h in handovers.of(connection)] == [HandoverState.REVOKED]
    with pytest.raises(NotFound):
        handovers.open(made.id)


def test_what_was_made_in_a_portal_ends_with_its_api_key(handovers, connection, store, clock):
    keys = ApiKeys(store=store, clock=clock)
    key, _ = keys.create("portal")
    made = handovers.hand_over(connection, asked_by="", days=3, api_key_id=key.id)

    keys.revoke(key.id)

    assert handovers.find(handovers.token(made)).state(NOON) is HandoverState.REVOKED


def test_an_invite_that_merely_expired_takes_nothing_with_it(handovers, invites, connection, tenant, clock):
    invite = invites.invite(name="Acme", reference=tenant.reference, lifetime=HOUR)
    made = handovers.hand_over(connection, asked_by="", days=3, invite_id=invite.id)
    clock.forward(hours=2)

    assert handovers.open(made.id).lets_in(clock.now())


def test_a_revocation_that_comes_between_is_read_before_anything_is_opened(handovers, handover, store, monkeypatch):
    commit, rivals = store.commit, [handover.id]

    def commit_after_a_rival(*given, **values):
        if rivals:
            handovers.revoke(rivals.pop())
        return commit(*given, **values)

    monkeypatch.setattr(store, "commit", commit_after_a_rival)

    with pytest.raises(NotFound):
        handovers.open(handover.id)
    assert store.get_handover(handover.id).opened_at is None


def test_a_race_that_is_lost_again_and_again_is_said(handovers, handover, store, monkeypatch):
    def lose(*_, **__):
        raise ConcurrentChange("connection-1")

    monkeypatch.setattr(store, "commit", lose)

    with pytest.raises(ConcurrentChange):
        handovers.open(handover.id)


def test_the_token_stays_out_of_the_record(handovers, handover, store):
    handovers.open(handover.id)
    handovers.revoke(handover.id)

    assert handovers.token(handover) not in repr(store.events())
    assert [e.detail["handover"] for e in store.events() if e.kind.startswith("handover.")] == [handover.id] * 3


def test_a_link_that_a_fallback_key_signed_still_opens(handovers, handover, store, clock):
    rotated = Handovers(store=store, clock=clock, secret_key="a-new-key-0123456789abcdefabcdef", fallbacks=[KEY])

    assert rotated.find(handovers.token(handover)) == handover
    with pytest.raises(NotFound):
        handovers.find(rotated.token(handover))


def test_a_token_signed_for_something_else_is_no_hand_over(handovers, handover, store, clock):
    invites = Invites(store=store, clock=clock, secret_key=KEY)
    for salt in ("rolecall.invite", "rolecall.session", "itsdangerous"):
        with pytest.raises(NotFound):
            handovers.find(URLSafeSerializer(KEY, salt=salt).dumps(handover.id))
    with pytest.raises(NotFound):
        invites.open(handovers.token(handover))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(raw="\ud800")
@given(raw=st.text(st.characters(exclude_categories=()), max_size=80))
@pytest.mark.parametrize("shape", ["{}", "{}.{}", "ImhhbmRvdmVyLTEi.{}", "{}é"])
def test_no_text_that_a_stranger_makes_up_opens_anything(handovers, shape, raw):
    with pytest.raises(NotFound):
        handovers.find(shape.format(raw, raw))


def test_the_verbs_of_a_colleague_name_the_colleague_and_the_hand_over(onboarding, store, tenant):
    connection = onboarding.start_connection(tenant.id)
    colleague = onboarding.done_by(Actor.COLLEAGUE, handover="handover-1")

    colleague.show_external_id(connection)
    colleague.submit_account(connection.id, raw_account_id="111122223333")

    started, *theirs = store.events(connection.id)
    assert (started.actor, dict(started.detail)) == (Actor.TENANT, {})
    assert {(e.actor, e.detail["handover"]) for e in theirs} == {(Actor.COLLEAGUE, "handover-1")}
    assert theirs[-1].detail["account_id"] == "111122223333"
