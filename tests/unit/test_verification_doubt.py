"""Where there is no verdict, or not for long: outages, roles that vanish, and tenants who are quicker."""

from __future__ import annotations

import pytest

from onboarding.ground.status import Status
from onboarding.ports import ConcurrentChange
from onboarding.proof.answer import Asked, Outcome
from tests.builders import EXTERNAL_ID, NOON, OTHER_ACCOUNT, ROLE_ARN, an_event

UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]


@pytest.fixture
def waiting(stored, store):
    """A connection that waits for ROLE_ARN with EXTERNAL_ID pinned."""
    connection = stored(Status.WAITING, pinned_external_id=EXTERNAL_ID)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection


class TestNoVerdict:
    @pytest.mark.parametrize("outcome", UNCLEAR)
    @pytest.mark.parametrize("asked", Asked)
    def test_an_unclear_answer_neither_connects_nor_rejects(self, verifier, aws, waiting, outcome, asked):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.answers(outcome, to=(asked,))

        after = verifier.verify(waiting)

        assert (after.status, after.finding_code, after.role_arn) == (Status.WAITING, outcome.value, None)
        assert after.bound_external_id is None

    @pytest.mark.parametrize("asked", [a for a in Asked if a is not Asked.RIGHT])
    def test_a_role_removed_while_it_is_questioned_gives_none(self, verifier, aws, waiting, asked):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.disappears_before(asked)

        after = verifier.verify(waiting)

        assert (after.status, after.finding_code) == (Status.WAITING, "changed_while_checking")

    def test_after_the_outage_it_connects(self, verifier, aws, waiting):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.answers(Outcome.THROTTLED)
        unsure = verifier.verify(waiting)
        aws.recovers()

        assert verifier.verify(unsure).status is Status.CONNECTED


class TestRaces:
    @pytest.mark.parametrize("act", ["disconnect", "submit_account"])
    def test_when_the_tenant_was_quicker_it_raises_and_writes_nothing(
        self, verifier, aws, waiting, onboarding, store, act
    ):
        acts = {
            "disconnect": lambda: onboarding.disconnect(waiting.id),
            "submit_account": lambda: onboarding.submit_account(waiting.id, raw_account_id=OTHER_ACCOUNT),
        }
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.before_answering = lambda call: acts[act]() if call.asked is Asked.RIGHT_AGAIN else None

        with pytest.raises(ConcurrentChange):
            verifier.verify(waiting)

        acted = store.get_connection(waiting.id)
        assert (acted.version, acted.role_arn) == (waiting.version + 1, None)
        assert store.last_verification(waiting.id) is None
        assert "connection.connected" not in [e.kind for e in store.events(waiting.id)]

    def test_it_raises_too_where_it_had_nothing_new_to_tell(self, verifier, aws, waiting, onboarding, store):
        seen = verifier.verify(waiting)
        aws.before_answering = lambda call: onboarding.submit_account(waiting.id, raw_account_id=OTHER_ACCOUNT)

        with pytest.raises(ConcurrentChange):
            verifier.verify(seen)

        assert store.get_connection(waiting.id).check_at == NOON, "the tenant's act is due, not what we put off"

    def test_what_is_found_meanwhile_counts_and_what_the_tenant_does_stays_due(
        self, verifier, aws, waiting, onboarding, clock
    ):
        def act(call):
            if call.asked is Asked.NONE:
                clock.forward(seconds=1)
                onboarding.try_again(waiting.id)

        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.before_answering = act

        after = verifier.verify(waiting)

        assert (after.status, after.stack_attempt, after.check_at) == (Status.CONNECTED, 2, clock.now())
