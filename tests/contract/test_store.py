"""What the domain relies on in a store, on every store there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.hint import Hint
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.model import Actor, Flow
from onboarding.ports import HANDOVERS_LISTED, AlreadyConnected, ConcurrentChange, NotFound
from tests.builders import (
    ACCOUNT,
    NOON,
    a_connection,
    a_handover,
    a_tenant,
    a_verification,
    an_event,
    an_external_id,
    an_invite,
)

LEASE = timedelta(seconds=60)


@pytest.fixture
def connection(stored):
    return stored(Status.WAITING)


class TestRoundTrips:
    @pytest.mark.parametrize("status", Status)
    def test_a_connection_comes_back_as_it_was_written(self, stored, tenant, store, status):
        full = {
            "flow": Flow.COMMAND,
            "stack_attempt": 3,
            "finding_code": "not_answering",
            "refusal_hint": Hint.ORGANIZATION,
            "trust_fine_at": NOON,
            "trust_shut_at": NOON,
            "pinned_external_id": an_external_id(7),
            "launched_at": NOON,
            "watched_at": NOON + timedelta(milliseconds=250),
            "attempts": 4,
        }

        assert stored(status, **full) == a_connection(status, tenant_id=tenant.id, **full)

    def test_a_time_comes_back_in_utc_and_one_without_a_zone_is_refused(self, stored):
        berlin = datetime(2030, 5, 17, 14, 0, 0, 125_000, tzinfo=timezone(timedelta(hours=2)))

        kept = stored(Status.WAITING, launched_at=berlin)

        assert kept.launched_at == berlin
        assert kept.launched_at.tzinfo is UTC
        with pytest.raises(ValueError, match="without a zone"):
            stored(Status.WAITING, id="another", handle="another1", launched_at=datetime(2030, 5, 17))

    def test_a_verification_comes_back_with_its_results(self, store, connection):
        results = (
            CheckResult("role_is_assumable", Verdict.PASSED, "Ja – “gut”."),
            CheckResult("account_matches", Verdict.FAILED, "No.", "account_differs", (say("{n} differ.", n=2),)),
            CheckResult("template_is_current", Verdict.FAILED, "Old.", update_url="https://console.aws.amazon.com"),
        )
        verification = a_verification("refused", results=results)

        store.commit(connection, connection, an_event(), verification)

        assert store.last_verification(connection.id) == verification

    def test_a_hand_over_comes_back_as_it_last_was(self, store, connection):
        made = a_handover(asked_by="Söhne & “Sam”")
        later = a_handover(id="handover-2", created_at=NOON + timedelta(hours=1))
        for handover in (later, made, replace(made, opened_at=NOON), replace(made, opened_at=NOON, revoked_at=NOON)):
            connection = store.commit(connection, connection, an_event(), handover=handover)

        kept = replace(made, opened_at=NOON, revoked_at=NOON)
        assert store.get_handover(made.id) == kept
        assert store.list_handovers(connection.id) == [kept, later]
        assert store.list_handovers("nowhere") == []

    def test_of_many_hand_overs_those_are_listed_that_can_be_open(self, store, connection):
        soon, late = (NOON + timedelta(days=days) for days in (1, 7))
        kept = a_handover(id="open-soon", expires_at=soon)
        for number in range(HANDOVERS_LISTED + 5):
            ended = a_handover(id=f"revoked-{number}", expires_at=late + timedelta(seconds=number), revoked_at=NOON)
            connection = store.commit(connection, connection, an_event(), handover=ended)
        connection = store.commit(connection, connection, an_event(), handover=kept)

        listed = store.list_handovers(connection.id)

        assert len(listed) == HANDOVERS_LISTED
        assert kept in listed
        assert next(h.id for h in listed if h.revoked_at) == "revoked-6"

    def test_what_was_found_comes_back_as_what_it_was_made_of(self, store, connection):
        sentence = say(
            "The policy {policy} allows {actions}. {why}",
            policy="more",
            actions=("s3:GetObject", say("not {name}", name="iam:*")),
            why=say("It may do more than read."),
        )
        plain = say("AWS does not let us use the role yet.")
        results = (CheckResult("permissions_match", Verdict.FAILED, sentence, evidence=(sentence, plain)),)
        store.commit(connection, replace(connection, finding_code="x"), an_event(), a_verification(results=results))

        [kept] = store.last_verification(connection.id).results

        assert kept == results[0]
        for text in (kept.sentence, kept.evidence[0]):
            assert (text.source, text.params) == (sentence.source, sentence.params)
            assert [type(text.params[name]) for name in ("policy", "actions", "why")] == [str, tuple, Text]
        assert kept.evidence[1].source == plain

    def test_the_last_verification_is_the_one_that_ended_last(self, store, connection):
        for n, minutes in enumerate((1, 3, 2)):
            ended = a_verification(id=f"v{n}", finished_at=NOON + timedelta(minutes=minutes))
            connection = store.commit(connection, connection, an_event(), ended)

        assert store.last_verification(connection.id).id == "v1"
        assert store.last_verification("nowhere") is None

    def test_an_event_comes_back_whatever_text_it_holds(self, store, connection):
        hostile = {"name": "a\nconnection.connected tenant=x\x1b[31m", "quote": "'; drop table events; --"}
        event = an_event("connection.launched", actor=Actor.WORKER, detail=hostile)

        store.commit(connection, connection, event)

        assert store.events(connection.id)[-1] == event

    def test_events_are_told_oldest_first_and_by_connection(self, store, stored, connection):
        other = stored(Status.DRAFT, id="connection-2", handle="another1")
        store.commit(connection, connection, an_event("a"))
        store.commit(other, other, an_event("b", connection_id=other.id))

        assert [e.kind for e in store.events(connection.id)][-1] == "a"
        assert [e.kind for e in store.events()][-2:] == ["a", "b"]

    def test_connections_are_listed_oldest_first_and_by_tenant(self, store, stored, other_tenant):
        late = stored(Status.DRAFT, created_at=NOON + timedelta(hours=1))
        early = stored(Status.WAITING, id="b", handle="bbbbbbbb")
        store.add_connection(a_connection(id="c", handle="cccccccc", tenant_id=other_tenant.id), an_event())

        assert [c.id for c in store.list_connections(late.tenant_id)] == [early.id, late.id]
        assert len(store.list_connections()) == 3
        assert store.list_connections("nobody") == []

    @pytest.mark.parametrize("read", ["get_connection", "get_tenant", "get_invite", "get_handover"])
    def test_what_is_not_there_is_not_found(self, store, read):
        with pytest.raises(NotFound):
            getattr(store, read)("nowhere")

    def test_a_tenant_is_known_by_its_reference(self, store, tenant):
        again = store.add_tenant(a_tenant(id="other", name="Other"), an_event("tenant.added"))

        assert again == tenant == store.get_tenant(tenant.id)
        assert [e.kind for e in store.events()] == ["tenant.added"]

    def test_an_invite_is_revoked_once(self, store, tenant):
        store.add_invite(an_invite(), an_event("invite.made"))
        for hours in (1, 2):
            store.revoke_invite("invite-1", an_event("invite.revoked", at=NOON + timedelta(hours=hours)))

        assert store.list_invites() == [an_invite(revoked_at=NOON + timedelta(hours=1))]
        with pytest.raises(NotFound):
            store.revoke_invite("nowhere", an_event())

    def test_the_heartbeat_is_the_last_of_any_worker(self, store):
        assert store.last_beat() is None
        for worker, second in (("a", 1), ("b", 3), ("a", 2)):
            store.beat(worker=worker, at=NOON + timedelta(seconds=second))

        assert store.last_beat() == NOON + timedelta(seconds=3)


class TestCommitting:
    def test_a_commit_counts_one_version_and_leaves_one_event(self, store, connection):
        events = len(store.events())

        after = store.commit(connection, replace(connection, finding_code="x", version=99), an_event())

        assert (after.version, after.finding_code) == (connection.version + 1, "x")
        assert store.get_connection(connection.id) == after
        assert len(store.events()) == events + 1

    def test_a_commit_on_an_old_version_writes_nothing_at_all(self, store, connection):
        newer = store.commit(connection, replace(connection, finding_code="first"), an_event())
        events = store.events()

        with pytest.raises(ConcurrentChange):
            lost = replace(connection, finding_code="second")
            store.commit(connection, lost, an_event(), a_verification(), a_handover())

        assert store.get_connection(connection.id) == newer
        assert store.list_handovers(connection.id) == []
        assert store.events() == events
        assert store.last_verification(connection.id) is None

    def test_of_two_threads_exactly_one_wins_each_round(self, backend, store, connection):
        for _ in range(25):
            before = store.get_connection(connection.id)
            events = len(store.events())

            outcomes = backend.at_once(
                lambda own, number, seen=before: own.commit(
                    seen, replace(seen, finding_code=f"by {number}"), an_event()
                ),
                threads=2,
            )

            after = store.get_connection(connection.id)
            assert sorted(isinstance(o, ConcurrentChange) for o in outcomes) == [False, True], outcomes
            assert (after.version, len(store.events())) == (before.version + 1, events + 1)
            assert after in outcomes

    @pytest.mark.parametrize(("actor", "is_free"), [(Actor.WORKER, True), (Actor.TENANT, False)])
    def test_a_workers_commit_ends_its_lease_and_a_tenants_leaves_it(self, store, connection, actor, is_free):
        leased = store.claim(connection.id, now=NOON, lease=LEASE)

        store.commit(leased, replace(leased, finding_code="x"), an_event(actor=actor))

        assert (store.claim(connection.id, now=NOON, lease=LEASE) is not None) is is_free

    def test_a_commit_forgets_nobody_who_watches(self, store, connection):
        store.note_watched(connection.id, at=NOON)

        assert store.commit(connection, connection, an_event()).watched_at == NOON

    def test_one_tenant_connects_an_account_once(self, store, stored, connected):
        second = stored(Status.WAITING, id="connection-2", handle="another1")
        events = store.events()

        with pytest.raises(AlreadyConnected):
            store.commit(second, replace(second, status=Status.CONNECTED), an_event(), a_verification())

        assert store.get_connection(second.id) == second
        assert store.events() == events
        assert store.last_verification(second.id) is None

    def test_two_tenants_may_connect_the_same_account(self, store, connected, other_tenant):
        store.add_connection(
            a_connection(Status.WAITING, id="theirs", handle="another1", tenant_id=other_tenant.id), an_event()
        )
        theirs = store.get_connection("theirs")

        after = store.commit(theirs, replace(theirs, status=Status.CONNECTED), an_event())

        assert (after.status, after.account_id) == (Status.CONNECTED, ACCOUNT)
