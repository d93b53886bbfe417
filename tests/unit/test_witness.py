"""Who else gets in: a request is shown that does, and it is one that can be made; or nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.ground.check_result import Verdict
from onboarding.policy.document import parse_policy
from onboarding.policy.effort import TooComplex, at_most
from onboarding.policy.evaluate import Decision, Request, evaluate
from onboarding.policy.variables import names_in
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.deployed_checks import trust_is_exact
from onboarding.trust.judgement import TrustVerdict, judge_trust
from onboarding.trust.witness import find_witnesses
from tests.builders import EXTERNAL_ID, NOON
from tests.builders import ROLE as THEIRS
from tests.deployed import a_probe, a_self_report, an_agreement
from tests.unit.hard_policies import HARD, NOBODY, SOMEBODY
from tests.unit.trust_policies import EXPECTED, JUDGED, ROLE, deny, ours, policy, told


def judged(statements, expected=EXPECTED, now=NOON):
    return judge_trust(policy(*statements), expected, now=now)


@pytest.mark.parametrize(("statements", "who"), [row[1:] for row in SOMEBODY], ids=[row[0] for row in SOMEBODY])
def test_somebody_else_gets_in(statements, who):
    found = judged(statements)

    assert found.verdict is TrustVerdict.LOOSE
    assert who in [told(w) for w in found.witnesses]


@pytest.mark.parametrize("statements", [row[1] for row in NOBODY], ids=[row[0] for row in NOBODY])
def test_nobody_else_gets_in(statements):
    found = judged(statements)

    assert found.witnesses == ()
    assert found.is_loose is False


@pytest.mark.parametrize("statements", [row[1] for row in HARD], ids=[row[0] for row in HARD])
def test_what_is_too_complex_is_said_so_and_never_exact(statements):
    found = judged(statements)

    assert (found.verdict, found.lets_us_in, found.is_loose) == (TrustVerdict.TOO_COMPLEX, None, None)
    assert [f.code for f in found.findings] == ["too_complex"]


@pytest.mark.parametrize("statements", [row[1] for row in HARD], ids=[row[0] for row in HARD])
def test_a_role_whose_trust_is_too_complex_does_not_pass(statements):
    answered = a_probe({Asked.RIGHT: Outcome.ASSUMED, Asked.RIGHT_AGAIN: Outcome.ASSUMED})
    told_us = a_self_report(THEIRS, EXTERNAL_ID, trust_policy=policy(*statements))

    result = trust_is_exact(replace(answered, self_report=told_us), an_agreement())

    assert (result.verdict, result.finding_code) == (Verdict.FAILED, "too_complex")


EVERY = [(row[0], row[1]) for row in (*SOMEBODY, *NOBODY, *JUDGED)]


@pytest.mark.parametrize("statements", [row[1] for row in EVERY], ids=[row[0] for row in EVERY])
def test_a_witness_is_let_in_and_is_a_request_other_than_ours(statements):
    document = parse_policy(policy(*statements))
    for witness in judged(statements).witnesses:
        conditions = [c for s in document.statements for c in s.conditions]
        names = {c.name for c in conditions}.union(*(names_in(v) for c in conditions for v in c.values))
        keys = {**dict.fromkeys(names), **witness.keys}
        decisions = {evaluate([document], Request(a, keys, witness.principals)) for a in witness.actions}
        assert decisions == {Decision.ALLOWED} or not witness.is_certain
        assert not witness.is_ours or witness.external_id != EXTERNAL_ID or len(witness.actions) > 1


@pytest.mark.parametrize("statements", [row[1] for row in EVERY], ids=[row[0] for row in EVERY])
def test_a_caller_is_whole_its_account_its_type_and_its_name_agree_with_its_arn(statements):
    for witness in judged(statements).witnesses:
        if witness.kind not in ("role", "user"):
            assert not {"aws:principalarn", "aws:principalaccount"} & witness.keys.keys()
            assert witness.kind == "service" or witness.external_id is None
            continue
        assert witness.keys["aws:principalarn"] == (witness.arn,)
        assert witness.keys["aws:principalaccount"] == (witness.arn.split(":")[4],)
        assert witness.keys["aws:principaltype"] == ({"role": "AssumedRole", "user": "User"}[witness.kind],)
        name = (witness.arn.rpartition("/")[2],) if witness.kind == "user" else None
        assert witness.keys.get("aws:username") == name
        assert "*" not in witness.arn
        assert witness.is_ours is (witness.arn == ROLE)


def test_a_role_of_our_account_with_our_roles_name_is_our_role_whatever_its_path():
    other = ROLE.replace(":role/", ":role/team/")
    named = [ours(), ours(Principal={"AWS": other}, Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}})]

    assert judged(named).witnesses == ()
    assert judged(named, replace(EXPECTED, principal_arn=ROLE + "-2")).witnesses != ()


def test_a_user_of_our_account_with_our_roles_name_is_another():
    user = ROLE.replace(":role/", ":user/")
    named = [ours(Principal={"AWS": user}, Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}})]

    (witness,) = judged(named).witnesses
    assert (witness.kind, witness.arn) == ("user", user)


def test_a_door_that_opens_later_is_open():
    later = ours(Principal={"AWS": "*"}, Condition={"DateGreaterThan": {"aws:CurrentTime": "2040-01-01T00:00:00Z"}})
    earlier = ours(Principal={"AWS": "*"}, Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})

    (witness, *_) = judged([ours(), later]).witnesses
    assert witness.keys["aws:currenttime"] > ("2040-01-01T00:00:00Z",)
    assert judged([ours(), earlier]).verdict is TrustVerdict.EXACT
    assert judged([ours(), earlier], now=datetime(2019, 1, 1, tzinfo=UTC)).verdict is TrustVerdict.LOOSE


@pytest.mark.parametrize("statements", [row[1] for row in HARD], ids=[row[0] for row in HARD])
def test_the_work_is_counted_so_it_ends_at_the_same_step_on_every_machine(statements):
    with pytest.raises(TooComplex), at_most(500_000):
        list(find_witnesses(parse_policy(policy(*statements)), EXPECTED, NOON))


@pytest.mark.parametrize("statements", [row[1] for row in (*SOMEBODY, *NOBODY)])
def test_a_search_that_people_can_cause_ends_well_within_the_steps(statements):
    with at_most(250_000):
        list(find_witnesses(parse_policy(policy(*statements)), EXPECTED, NOON))


@pytest.mark.parametrize(
    ("seen_for", "verdict"), [(timedelta(seconds=1), "inconclusive"), (timedelta(hours=1), "failed")]
)
def test_a_policy_that_we_judge_shut_although_aws_lets_us_in_has_just_changed_or_is_not_understood(seen_for, verdict):
    answered = a_probe({Asked.RIGHT: Outcome.ASSUMED, Asked.RIGHT_AGAIN: Outcome.ASSUMED})
    told_us = a_self_report(THEIRS, EXTERNAL_ID, trust_policy=policy(ours(), deny(Action="*")))
    probe = replace(answered, self_report=told_us, role_seen_at=answered.finished_at - seen_for)

    assert trust_is_exact(probe, an_agreement()).verdict == verdict
