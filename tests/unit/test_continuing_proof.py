"""A role that was proved is proved again each day: what weakens is told at once, and a blip is no news (security 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from onboarding.ground.status import Status
from onboarding.proof.answer import Asked, Outcome
from onboarding.verification import Verifier
from tests.builders import EXTERNAL_ID, NOON, ROLE, ROLE_ARN, an_event
from tests.deployed import a_self_report, a_stack, an_agreement

UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]
ARN = ROLE
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def proved(verifier, aws, connected):
    """A role that answers to its external ID alone, connected since NOON."""
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    return verifier.verify(connected)


@pytest.fixture
def round_(verifier, store, clock, proved):
    """Turn the clock to the next check and do it, as the worker does; returns the connection as it then is."""

    def do():
        clock.at = store.get_connection(proved.id).check_at
        verifier.verify(store.claim_due(now=clock.now(), lease=MINUTE))
        return store.get_connection(proved.id)

    return do


def kinds(store, connection):
    return [event.kind for event in store.events(connection.id)]


class TestEachDay:
    def test_a_sound_role_is_asked_about_again_a_day_later_and_the_proof_is_kept(self, round_, proved, store, clock):
        first = store.last_verification(proved.id)

        again = round_()

        assert clock.now() == NOON + DAY
        assert (again.status, again.finding_code, again.check_at) == (Status.CONNECTED, None, NOON + 2 * DAY)
        assert again.connected_at == again.role_seen_at == NOON
        kept = store.last_verification(proved.id)
        assert (kept.conclusion, kept.finished_at) == ("passed", clock.now())
        assert kept.id != first.id
        assert kinds(store, proved)[-2:] == ["connection.verified", "connection.verified"]

    def test_an_outdated_stack_comes_with_the_page_on_which_to_update_it(self, round_, proved, store, aws):
        stack = a_stack(ARN, template_version="0.1.0")
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, stack=stack))

        round_()

        links = {r.check: r.update_url for r in store.last_verification(proved.id).results if r.update_url}
        assert links.keys() == {"template_is_current"}
        assert quote(stack.stack_id, safe="") in links["template_is_current"]

    @pytest.mark.parametrize(("is_plain", "template"), [(False, "role-0a1b.yaml"), (True, "plain.yaml")])
    def test_an_outdated_stack_is_updated_with_the_kind_of_template_that_made_it(
        self, verifier, proved, store, aws, is_plain, template
    ):
        ours = an_agreement(plain_template_url="https://northwind-templates.s3.us-east-1.amazonaws.com/plain.yaml")
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, stack=a_stack(ARN, template_version="0.1.0")))

        plain = store.commit(proved, replace(proved, is_plain=is_plain), an_event(connection_id=proved.id))
        replace(verifier, agreement=ours).verify(plain)

        [link] = [r.update_url for r in store.last_verification(proved.id).results if r.update_url]
        assert link.endswith(quote(f"/{template}", safe=""))

    @pytest.mark.parametrize("jitter", [0.0, 0.25, 0.999])
    def test_the_days_are_spread(self, store, aws, clock, connected, jitter):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        verifier = Verifier(store=store, roles=aws, clock=clock, agreement=an_agreement(), jitter=lambda: jitter)

        after = verifier.verify(connected)

        assert after.check_at - clock.now() == DAY * (0.8 + 0.4 * jitter)

    def test_however_often_somebody_looks_a_proved_role_is_asked_no_sooner(self, onboarding, proved, store):
        onboarding.look(proved)

        assert store.get_connection(proved.id).check_at == NOON + DAY


class TestLoosened:
    def test_a_role_that_no_longer_asks_for_its_external_id_is_degraded_at_once(self, round_, aws, proved, store):
        aws.accepts_anyone(ROLE_ARN)

        weak = round_()

        assert (weak.status, weak.finding_code) == (Status.DEGRADED, "ignores_external_id_none")
        assert kinds(store, proved)[-1] == "connection.weakened"
        assert store.last_verification(proved.id).conclusion == "refused"

    def test_so_is_one_whose_policy_now_names_somebody_else_too(self, round_, aws):
        trust = dict(a_self_report(ARN, EXTERNAL_ID).trust_policy)
        stranger = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
        trust["Statement"] = [*trust["Statement"], stranger]
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, trust_policy=trust))

        weak = round_()

        assert (weak.status, weak.finding_code) == (Status.DEGRADED, "trust_is_loose")

    def test_one_that_is_mended_is_connected_again_by_itself(self, round_, aws, proved, store):
        aws.accepts_anyone(ROLE_ARN)
        round_()
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        mended = round_()

        assert (mended.status, mended.finding_code) == (Status.CONNECTED, None)
        assert (mended.connected_at, mended.bound_external_id) == (proved.connected_at, EXTERNAL_ID)
        assert kinds(store, proved)[-1] == "connection.connected"

    def test_falling_silent_afterwards_is_no_acquittal(self, round_, aws):
        aws.accepts_anyone(ROLE_ARN)
        round_()
        aws.is_gone(ROLE_ARN)

        after = [round_() for _ in range(4)]

        assert {(c.status, c.finding_code) for c in after} == {(Status.DEGRADED, "ignores_external_id_none")}


class TestSilent:
    def test_a_role_that_is_gone_is_lost_after_three_rounds_a_minute_apart(self, round_, aws, proved, store, clock):
        aws.is_gone(ROLE_ARN)
        events = kinds(store, proved)

        for number in range(2):
            doubted = round_()
            assert (doubted.status, doubted.finding_code, doubted.role_arn) == (Status.CONNECTED, None, ROLE)
            assert clock.now() == NOON + DAY + number * MINUTE
        assert kinds(store, proved) == events, "until then nobody is told anything"

        lost = round_()

        assert (lost.status, lost.finding_code) == (Status.DEGRADED, "role_lost")
        assert clock.now() == NOON + DAY + 2 * MINUTE
        assert kinds(store, proved) == [*events, "connection.weakened"]

    def test_a_blip_of_two_rounds_leaves_no_trace(self, round_, aws, store, proved):
        aws.is_gone(ROLE_ARN)
        round_(), round_()
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        after = round_()

        assert (after.status, after.attempts) == (Status.CONNECTED, 0)
        assert "connection.weakened" not in kinds(store, proved)

    def test_it_takes_three_rounds_anew_after_every_blip(self, round_, aws):
        for _ in range(2):
            aws.is_gone(ROLE_ARN)
            round_(), round_()
            aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
            assert round_().status is Status.CONNECTED

    def test_a_lost_role_that_is_back_is_connected_by_itself(self, round_, aws):
        aws.is_gone(ROLE_ARN)
        assert [round_() for _ in range(3)][-1].status is Status.DEGRADED
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

        assert round_().status is Status.CONNECTED

    def test_a_lost_role_that_is_back_without_its_condition_is_told_so(self, round_, aws):
        aws.is_gone(ROLE_ARN)
        [round_() for _ in range(3)]
        aws.accepts_anyone(ROLE_ARN)

        assert round_().finding_code == "ignores_external_id_none"


class TestAnOutage:
    @pytest.mark.parametrize("asked", Asked)
    @pytest.mark.parametrize("outcome", UNCLEAR)
    def test_never_degrades_however_long_it_lasts(self, round_, aws, proved, store, outcome, asked):
        aws.answers(outcome, to=(asked,))
        events = kinds(store, proved)

        after = [round_() for _ in range(5)]

        assert {(c.status, c.finding_code, c.role_arn) for c in after} == {(Status.CONNECTED, None, ROLE)}
        assert kinds(store, proved) == events

    def test_is_no_silence_of_the_roles(self, round_, aws):
        aws.answers(Outcome.TIMED_OUT)
        [round_() for _ in range(5)]
        aws.recovers()
        aws.is_gone(ROLE_ARN)

        assert [round_().status for _ in range(3)] == [Status.CONNECTED, Status.CONNECTED, Status.DEGRADED]

    @pytest.mark.parametrize("outcome", UNCLEAR)
    def test_of_iam_alone_does_not_degrade_either(self, round_, aws, outcome):
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, trust_policy=None, outcomes={"iam:GetRole": outcome}))

        assert {c.status for c in (round_(), round_(), round_())} == {Status.CONNECTED}


class TestStillBeingCompleted:
    """What withholds nothing may be unanswered when the role connects: then the next round is near."""

    @pytest.fixture
    def unfinished(self, aws, connected):
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, stack=a_stack(ARN, status="CREATE_IN_PROGRESS")))
        return connected

    def test_a_stack_in_progress_connects_and_is_asked_about_a_minute_later(self, verifier, unfinished, clock, store):
        after = verifier.verify(unfinished)

        assert (after.status, after.check_at) == (Status.CONNECTED, clock.now() + MINUTE)
        found = {r.check: r.finding_code for r in store.last_verification(after.id).results if r.finding_code}
        assert found == {"stack_is_complete": "stack_in_progress"}

    def test_once_it_is_complete_the_days_begin(self, verifier, unfinished, clock, aws):
        verifier.verify(unfinished)
        clock.forward(minutes=1)
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID))

        assert verifier.verify(verifier.store.get_connection(unfinished.id)).check_at == clock.now() + DAY

    def test_one_that_never_is_complete_is_asked_about_ever_less_often(self, verifier, unfinished, clock, store):
        pauses = []
        for _ in range(14):
            after = verifier.verify(store.get_connection(unfinished.id))
            pauses.append(after.check_at - clock.now())
            clock.at = after.check_at

        assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
        assert pauses[-1] == DAY


class TestPoliciesThatSpread:
    """IAM spreads a role's policies after the role: two minutes of not being allowed to read itself are normal."""

    @pytest.fixture
    def unreadable(self, aws, stored, store):
        connection = stored(Status.WAITING, pinned_external_id=EXTERNAL_ID)
        store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
        aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
        refused = dict.fromkeys(("iam:GetRole", "iam:ListRolePolicies"), Outcome.REFUSED)
        unread = {"trust_policy": None, "inline_policies": None, "stack": None, "outcomes": refused}
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID, **unread))
        return connection

    def test_for_two_minutes_after_the_role_first_answered_it_is_normal_and_then_a_finding(
        self, verifier, unreadable, store, clock
    ):
        found = {}
        for seconds in (0, 60, 119, 120, 600):
            clock.at = NOON + timedelta(seconds=seconds)
            verifier.verify(store.get_connection(unreadable.id))
            after = store.get_connection(unreadable.id)
            found[seconds] = (after.status, after.finding_code)

        spreading, unread = (Status.WAITING, "policies_spreading"), (Status.REJECTED, "role_cannot_be_read")
        assert found == {0: spreading, 60: spreading, 119: spreading, 120: unread, 600: unread}

    def test_a_role_made_anew_has_its_two_minutes_anew(self, verifier, unreadable, onboarding, store, clock):
        verifier.verify(unreadable)
        clock.forward(minutes=10)
        onboarding.try_again(unreadable.id)

        verifier.verify(store.get_connection(unreadable.id))

        assert store.get_connection(unreadable.id).finding_code == "policies_spreading"

    def test_it_connects_as_soon_as_they_have_spread(self, verifier, unreadable, aws, store):
        verifier.verify(unreadable)
        aws.reports(ROLE_ARN, a_self_report(ARN, EXTERNAL_ID))

        assert verifier.verify(store.get_connection(unreadable.id)).status is Status.CONNECTED


def test_a_role_that_has_just_weakened_is_looked_at_again_at_once_however_long_it_was_connected(
    verifier, aws, store, clock, proved
):
    clock.forward(days=30)
    store.note_watched(proved.id, at=clock.now())
    aws.accepts_anyone(ROLE_ARN)

    weakened = verifier.verify(store.claim(proved.id, now=clock.now(), lease=MINUTE))

    assert weakened.status is Status.DEGRADED
    assert weakened.check_at == clock.now() + timedelta(seconds=1)
