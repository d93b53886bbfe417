"""What the product says of a trust policy, the sandbox's STS does: on policies and callers that chance makes.

The two share no code, and the callers are made without knowing how the product searches.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from onboarding.policy.document import PolicyDocument
from onboarding.policy.effort import at_most
from onboarding.proof.checks import MOST_STEPS
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from onboarding.trust.judgement import TrustJudgement, TrustVerdict, judge_trust, statements_too_many
from onboarding.trust.reading import parse_trust_policy
from onboarding.trust.witness import Witness
from sandbox.sts.replay import replay
from sandbox.sts.trust import evaluate
from tests.oracle.callers import AT, is_possible, other_requests, our_requests, strings_of
from tests.oracle.conditions import RIGHT, ROLE, VENDOR
from tests.oracle.policies import make_policy
from tests.oracle.shrinking import smallest
from tests.soak import TIMES

pytestmark = pytest.mark.soak

EXPECTED = ExpectedTrust("aws", VENDOR, ROLE, RIGHT)
TURNS, POLICIES = 5, 100 * TIMES
OTHERS, DRAWS = 60, 8
CANNOT_SAY = {TrustVerdict.TOO_COMPLEX, TrustVerdict.UNREADABLE, TrustVerdict.REFUSED_BY_AWS}


def judged(policy: dict[str, Any]) -> TrustJudgement:
    with at_most(MOST_STEPS):
        return judge_trust(policy, EXPECTED, now=AT)


def disagreement(policy: dict[str, Any], judgement: TrustJudgement) -> str:
    """Return what the product says of the policy and the STS does not do, or nothing."""
    if judgement.verdict in CANNOT_SAY:
        # AWS would store what chance makes, so nothing else is an excuse.
        return "" if judgement.verdict is TrustVerdict.TOO_COMPLEX else f"it is {judgement.verdict}"
    return (
        _about_us(policy, judgement)
        or _about_witnesses(policy, judgement)
        or _about_others(policy, judgement)
        or _about_advice(policy, judgement)
    )


def _about_us(policy: dict[str, Any], judgement: TrustJudgement) -> str:
    if judgement.lets_us_in is None:
        return ""
    chance = Random(json.dumps(policy))
    for request in our_requests(strings_of(policy), chance, DRAWS):
        if evaluate(policy, request).allowed is not judgement.lets_us_in:
            return f"it lets us in: {judgement.lets_us_in}, but the STS decides otherwise for {dict(request.context)}"
    return ""


def _about_witnesses(policy: dict[str, Any], judgement: TrustJudgement) -> str:
    if bool(judgement.witnesses) is not judgement.is_loose:
        return "it is loose without a witness, or has one and is not loose"
    # What hangs on something that no page says, no STS of ours can decide.
    certain = (witness for witness in judgement.witnesses if witness.is_certain)
    return next(filter(None, (_about_witness(policy, witness) for witness in certain)), "")


def _about_witness(policy: dict[str, Any], witness: Witness) -> str:
    told = {"kind": witness.kind, "arn": witness.arn, "account_id": witness.account_id, "actions": witness.actions}
    decision = replay(policy, **told, keys=witness.keys)  # type: ignore[arg-type]
    if not decision.allowed:
        return f"{told} {dict(witness.keys)} is no witness: {decision.reason}"
    if witness.kind in ("role", "user") and not is_possible(witness.arn):
        return f"there is no {witness.arn}: its account has our role, and no two of one name"
    is_us = (witness.arn, witness.external_id, len(witness.actions)) == (ROLE, RIGHT, 1)
    return "the witness is our own request" if is_us else ""


def _about_others(policy: dict[str, Any], judgement: TrustJudgement) -> str:
    if judgement.is_loose:
        return ""
    chance = Random(json.dumps(policy))
    for request in other_requests(strings_of(policy), chance, OTHERS):
        if evaluate(policy, request).allowed:
            return f"nobody else gets in, it says, but {request.principal_arn} does: {dict(request.context)}"
    return ""


def _about_advice(policy: dict[str, Any], judgement: TrustJudgement) -> str:
    """Without the statements called too many, a role must let in us and nobody else."""
    read = parse_trust_policy(policy)
    assert isinstance(read, PolicyDocument)
    with at_most(MOST_STEPS):
        too_many = statements_too_many(read, judgement, EXPECTED, now=AT)
    if not too_many:
        return ""
    rest = {**policy, "Statement": [s for n, s in enumerate(policy["Statement"], start=1) if n not in too_many]}
    found = disagreement(rest, judged(rest))
    return f"without the statements {too_many}: {found}" if found or judged(rest).verdict != "exact" else ""


@pytest.mark.parametrize("turn", range(TURNS))
def test_nobody_else_gets_in_exactly_when_there_is_no_witness(turn: int) -> None:
    verdicts: Counter[TrustVerdict] = Counter()
    for number in range(turn * POLICIES, (turn + 1) * POLICIES):
        policy = make_policy(Random(number))
        judgement = judged(policy)
        verdicts[judgement.verdict] += 1
        if disagreement(policy, judgement):
            small = smallest(policy, lambda tried: bool(disagreement(tried, judged(tried))))
            pytest.fail(f"policy {number}: {disagreement(small, judged(small))}\n{json.dumps(small, indent=1)}")

    assert verdicts[TrustVerdict.TOO_COMPLEX] <= verdicts.total() * 0.02, verdicts
    assert {TrustVerdict.EXACT, TrustVerdict.LOOSE, TrustVerdict.SHUT} <= verdicts.keys()


def test_the_corrected_policy_is_exact() -> None:
    corrected = corrected_policy(EXPECTED)
    judgement = judged(corrected)

    assert (judgement.verdict, disagreement(corrected, judgement)) == (TrustVerdict.EXACT, "")
