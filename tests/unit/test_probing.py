"""The order of the questions is what makes the answers a proof (security 6 and 7)."""

from __future__ import annotations

import pytest

from onboarding.ground.external_id import near_misses
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.self_report import ManagedDocument
from onboarding.questioning import MOST_MANAGED, probe_role
from tests.builders import EXTERNAL_ID, NOON, ROLE, ROLE_ARN, a_vendor, an_external_id
from tests.deployed import a_self_report
from tests.fakes import HandClock

UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]
TRUSTED = a_vendor().trusted_principal
IN_ORDER = [Asked.RIGHT, Asked.NONE, Asked.WRONG, Asked.WRONG_CASE, Asked.RIGHT_AGAIN]


@pytest.fixture
def probe(aws, clock):
    """Probe the usual role, with the usual external ID if no others are given."""

    def run(*candidates):
        return probe_role(
            aws,
            clock,
            role_arn=ROLE,
            trusted=TRUSTED,
            candidates=candidates or (EXTERNAL_ID,),
            session_name="rolecall-7kq2m9xd",
        )

    return run


def test_a_sound_role_is_asked_right_none_wrong_wrong_case_right_again(aws, probe):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

    found = probe()

    assert aws.asked == IN_ORDER
    assert found.external_id == EXTERNAL_ID
    assert [a.outcome for a in found.answers] == [
        Outcome.ASSUMED, Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED, Outcome.ASSUMED,
    ]  # fmt: skip


def test_each_question_carries_the_external_id_it_means(aws, probe):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)

    probe()

    sent = {call.asked: call.external_id for call in aws.calls}
    assert sent[Asked.RIGHT] == sent[Asked.RIGHT_AGAIN] == EXTERNAL_ID
    assert sent[Asked.NONE] is None
    assert sent[Asked.WRONG] not in (None, EXTERNAL_ID)
    assert sent[Asked.WRONG].rpartition("-")[0] == EXTERNAL_ID.rpartition("-")[0]
    assert sent[Asked.WRONG_CASE] == near_misses(EXTERNAL_ID)["wrong_case"]
    assert {(call.role_arn, call.session_name) for call in aws.calls} == {(ROLE, "rolecall-7kq2m9xd")}


def test_nothing_but_the_right_id_is_tried_before_a_success(aws, probe):
    assert probe(an_external_id(1), an_external_id(2)).external_id is None

    assert aws.asked == [Asked.RIGHT, Asked.RIGHT]


def test_the_second_candidate_is_tried_when_the_first_is_refused_and_proved_on_its_own(aws, probe):
    aws.accepts_only(ROLE_ARN, an_external_id(2))

    found = probe(an_external_id(1), an_external_id(2))

    assert found.external_id == an_external_id(2)
    assert aws.asked == [Asked.RIGHT, *IN_ORDER]
    assert aws.calls[-1].external_id == an_external_id(2)
    assert found.answer(Asked.RIGHT).outcome is Outcome.ASSUMED


def test_without_a_candidate_aws_is_not_asked_at_all(aws, clock):
    found = probe_role(aws, clock, role_arn=ROLE, trusted=TRUSTED, candidates=(), session_name="x")

    assert (aws.calls, found.answers, found.external_id) == ([], (), None)


@pytest.mark.parametrize("outcome", UNCLEAR)
def test_an_unclear_answer_to_the_first_question_ends_the_round(aws, probe, outcome):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.answers(outcome, to=(Asked.RIGHT,))

    assert probe(EXTERNAL_ID, an_external_id(1)).external_id is None
    assert aws.asked == [Asked.RIGHT]


@pytest.mark.parametrize("outcome", UNCLEAR)
@pytest.mark.parametrize("asked", [Asked.NONE, Asked.WRONG, Asked.WRONG_CASE])
def test_an_unclear_answer_to_a_wrong_one_ends_the_round(aws, probe, outcome, asked):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.answers(outcome, to=(asked,))

    probe()

    assert aws.asked == IN_ORDER[: IN_ORDER.index(asked) + 1]


def test_a_wrong_one_that_is_let_in_has_settled_it(aws, probe):
    aws.accepts_anyone(ROLE_ARN)

    probe()

    assert aws.asked == [Asked.RIGHT, Asked.NONE]


def test_a_probe_says_when_it_began_and_when_it_ended(aws, clock, probe):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.before_answering = lambda call: clock.forward(seconds=2)

    found = probe()

    assert (found.started_at, found.finished_at) == (NOON, clock.now())
    assert (found.finished_at - found.started_at).total_seconds() == 10


def test_a_role_that_is_refused_costs_no_call(aws, clock):
    found = probe_role(aws, clock, role_arn=ROLE, trusted=ROLE, candidates=(EXTERNAL_ID,), session_name="x")

    assert (aws.calls, found.answers, found.refusal) == ([], (), "role_is_ours")


class ManagedShelf:
    """onboarding.ports.ManagedPolicies: each policy takes `seconds` to read, and says its own ARN."""

    def __init__(self, clock: HandClock, *, seconds: float = 0) -> None:
        self.asked: list[str] = []
        self._clock, self._seconds = clock, seconds

    def read(self, arn: str) -> ManagedDocument | None:
        self.asked.append(arn)
        self._clock.forward(seconds=self._seconds)
        return ManagedDocument(arn)


def told_of(aws, clock, shelf, **report):
    aws.accepts_only(ROLE_ARN, EXTERNAL_ID)
    aws.reports(ROLE_ARN, a_self_report(ROLE, EXTERNAL_ID, **report))
    found = probe_role(
        aws, clock, role_arn=ROLE, trusted=TRUSTED, candidates=(EXTERNAL_ID,), session_name="x", managed=shelf
    )
    return found.self_report.managed


def test_what_is_attached_to_the_role_or_bounds_it_is_read_once_each(aws, clock):
    shelf = ManagedShelf(clock)

    told = told_of(aws, clock, shelf, attached_policies=("arn:a", "arn:b", "arn:a"), boundary_arn="arn:b")

    assert told == {"arn:a": ManagedDocument("arn:a"), "arn:b": ManagedDocument("arn:b")}
    assert sorted(shelf.asked) == ["arn:a", "arn:b"]


@pytest.mark.parametrize("attached", [(), None])
def test_for_an_ordinary_role_no_managed_policy_is_read(aws, clock, attached):
    shelf = ManagedShelf(clock)

    assert (told_of(aws, clock, shelf, attached_policies=attached), shelf.asked) == ({}, [])


def test_no_more_policies_are_read_than_a_role_can_have(aws, clock):
    shelf = ManagedShelf(clock)

    told_of(aws, clock, shelf, attached_policies=tuple(f"arn:{n}" for n in range(200)), boundary_arn="arn:edge")

    assert len(shelf.asked) == MOST_MANAGED + 1


def test_slow_reading_ends_and_the_rest_are_policies_that_we_cannot_see(aws, clock):
    shelf = ManagedShelf(clock, seconds=2)

    told = told_of(aws, clock, shelf, attached_policies=tuple("abcdef"))

    assert shelf.asked == ["a", "b", "c"]
    assert [told[arn] for arn in "def"] == [None] * 3
