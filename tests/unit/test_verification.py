"""The worker's verb: what it asks, what it concludes, when it looks again, and when it gives up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.ground.status import Status
from onboarding.model import Actor, Flow
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import CHECKS
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, OTHER_ACCOUNT, ROLE, ROLE_ARN, an_event

UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]


@pytest.fixture
def waiting(stored, store):
    """A connection that waits for ROLE_ARN with EXTERNAL_ID pinned."""
    connection = stored(Status.WAITING, pinned_external_id=EXTERNAL_ID)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection


def snapshot(store):
    """Every row that a verification could write, without the worker's schedule."""
    connections = [replace(c, check_at=None, attempts=0, watched_at=None) for c in store.list_connections()]
    return connections, [store.last_verification(c.id) for c in connections], store.events()


class TestConnecting:
    def test_a_sound_role_connects_and_binds_the_external_id_that_worked(self, verifier, aws, waiting, store, clock):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        after = verifier.verify(waiting)

        assert after == store.get_connection(waiting.id)
        assert (after.status, after.role_arn, after.account_id) == (Status.CONNECTED, ROLE, ACCOUNT)
        assert (after.bound_external_id, after.finding_code) == (EXTERNAL_ID, None)
        assert after.connected_at == after.role_seen_at == clock.now()
        assert (after.attempts, after.version) == (0, waiting.version + 1)
        assert after.check_at == clock.now() + timedelta(days=1)

    def test_it_leaves_one_event_and_one_verification_with_every_result(self, verifier, aws, waiting, store):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        verifier.verify(waiting)

        event = store.events(waiting.id)[-1]
        assert (event.kind, event.actor, event.detail["role_arn"]) == ("connection.connected", Actor.WORKER, ROLE_ARN)
        kept = store.last_verification(waiting.id)
        assert (kept.conclusion, kept.role_arn) == ("passed", ROLE)
        assert {r.check: r.verdict for r in kept.results} == dict.fromkeys(CHECKS, "passed")

    def test_the_unpinned_id_that_was_copied_before_a_reload_connects_too(
        self, verifier, aws, onboarding, stored, store
    ):
        connection = stored(Status.WAITING)
        copied, *_ = (onboarding.show_external_id(connection).external_id for _ in range(4))
        aws.accepts_only(ROLE_ARN, copied)

        rounds = 1
        while (connection := verifier.verify(store.get_connection(connection.id))).status is Status.WAITING:
            rounds += 1

        assert (connection.status, connection.bound_external_id) == (Status.CONNECTED, copied)
        assert rounds == 3

    def test_bound_to_one_the_others_are_void(self, verifier, aws, waiting, onboarding, store):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        connected = verifier.verify(waiting)
        aws.calls.clear()

        verifier.verify(connected)

        assert {c.external_id for c in aws.calls if c.asked is Asked.RIGHT} == {EXTERNAL_ID}
        assert onboarding.show_external_id(connected).external_id == EXTERNAL_ID

    def test_a_role_that_takes_ninety_seconds_to_spread_connects(self, verifier, aws, waiting, store, clock):
        findings = set()
        connection = waiting
        while connection.status is Status.WAITING:
            if clock.now() - NOON >= timedelta(seconds=90):
                aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
            verifier.verify(connection)
            connection = store.get_connection(waiting.id)
            findings.add(connection.finding_code)
            clock.at = connection.check_at or clock.at

        assert connection.status is Status.CONNECTED
        assert findings == {"not_answering", None}
        assert connection.connected_at - NOON < timedelta(seconds=100)


class TestClaimedIsNotProved:
    @pytest.mark.parametrize("fault", ["accepts_anyone", "accepts_any_external_id"])
    def test_a_role_that_is_refused_never_becomes_the_role(self, verifier, aws, waiting, fault):
        getattr(aws, fault)(ROLE_ARN)

        after = verifier.verify(waiting)

        assert (after.status, after.role_arn, after.bound_external_id) == (Status.REJECTED, None, None)
        assert after.claimed_role_arn == ROLE

    def test_each_loose_trust_is_told_apart(self, verifier, aws, waiting, store):
        found = []
        for loosen in (
            lambda: aws.accepts_anyone(ROLE_ARN),
            lambda: aws.accepts_none_or(ROLE_ARN, EXTERNAL_ID),
            lambda: aws.accepts_any_external_id(ROLE_ARN),
            lambda: aws.accepts_prefix(ROLE_ARN, "northwind-7kq2m9xd-"),
            lambda: aws.ignores_case(ROLE_ARN, EXTERNAL_ID),
        ):
            loosen()
            found.append(verifier.verify(store.get_connection(waiting.id)).finding_code)

        assert found == [f"ignores_external_id_{fault}" for fault in ("none", "none", "wrong", "wrong", "wrong_case")]

    @pytest.mark.parametrize(
        "identity", [(OTHER_ACCOUNT, "northwind-7kq2m9xd"), (ACCOUNT, "somebody-else"), ("", "")], ids=str
    )
    def test_aws_answering_for_another_role_is_refused(self, verifier, aws, waiting, identity):
        account_id, role_name = identity
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.answers_as(ROLE_ARN, account_id=account_id, role_name=role_name)

        after = verifier.verify(waiting)

        assert (after.status, after.finding_code, after.role_arn) == (Status.REJECTED, "account_differs", None)

    def test_an_account_connected_meanwhile_is_refused_and_turns_green_once_it_is_free(
        self, verifier, aws, waiting, onboarding, store, clock
    ):
        second = onboarding.start_connection(waiting.tenant_id)
        second = onboarding.launch(second.id, flow=Flow.QUICK_CREATE, region="us-east-1", raw_account_id=ACCOUNT)
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.accepts_only(second.claimed_role_arn, second.pinned_external_id)
        verifier.verify(waiting)

        refused = verifier.verify(second)

        assert (refused.status, refused.finding_code) == (Status.REJECTED, "account_already_connected")
        assert (refused.role_arn, refused.bound_external_id) == (None, None)
        assert store.last_verification(second.id).conclusion == "refused"
        before = snapshot(store)
        assert verifier.verify(refused) == refused
        assert snapshot(store) == before, "finding the same again changes nothing"

        onboarding.disconnect(waiting.id)
        assert store.get_connection(second.id).check_at > clock.now()
        assert verifier.verify(store.get_connection(second.id)).status is Status.CONNECTED


class TestRejected:
    @pytest.fixture
    def rejected(self, verifier, aws, waiting):
        aws.accepts_anyone(ROLE_ARN)
        return verifier.verify(waiting)

    def test_it_keeps_watching(self, rejected, clock):
        assert rejected.check_at == clock.now() + timedelta(seconds=5)
        assert rejected.role_seen_at == clock.now()

    def test_a_corrected_role_turns_green_by_itself(self, verifier, aws, rejected, store):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        after = verifier.verify(rejected)

        assert (after.status, after.finding_code) == (Status.CONNECTED, None)
        assert [e.kind for e in store.events(after.id)][-2:] == ["connection.rejected", "connection.connected"]

    def test_a_role_that_is_gone_is_no_acquittal(self, verifier, aws, rejected, store):
        aws.is_gone(ROLE_ARN)

        verifier.verify(rejected)

        after = store.get_connection(rejected.id)
        assert (after.status, after.finding_code) == (Status.REJECTED, "ignores_external_id_none")

    def test_the_same_refusal_again_is_no_news(self, verifier, rejected, store):
        before = snapshot(store)

        verifier.verify(rejected)

        assert snapshot(store) == before

    def test_another_refusal_is_news(self, verifier, aws, rejected, store):
        aws.accepts_any_external_id(ROLE_ARN)

        assert verifier.verify(rejected).finding_code == "ignores_external_id_wrong"
        kept = {r.check: r for r in store.last_verification(rejected.id).results}
        assert kept["external_id_is_enforced"].finding_code == "ignores_external_id_wrong"
