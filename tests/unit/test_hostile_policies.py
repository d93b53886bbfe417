"""However a tenant writes a role's policies, judging them costs little, and what cannot be judged is never fine."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from onboarding.ground.check_result import Verdict
from onboarding.policy.effort import TooComplex, at_most, share, spend
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import ALWAYS_REQUIRED, MOST_STEPS, judge
from onboarding.settling import Conclusion, conclude
from tests.abuse.policies import LONGEST_POLICY, POLICIES, policy, statement
from tests.builders import EXTERNAL_ID, ROLE
from tests.deployed import a_policy, a_probe, a_self_report, a_stack, an_agreement

# The whole verification may cost 250 ms. A judgement was measured at a third of this.
MOST_SECONDS = 0.2
# What AWS takes of a trust policy, in characters.
LONGEST_TRUST = 4_096
TWENTY = [f"p{n}" for n in range(20)]

PASSING = {Asked.RIGHT: Outcome.ASSUMED} | dict.fromkeys((Asked.NONE, Asked.WRONG, Asked.WRONG_CASE), Outcome.REFUSED)
PROBE = a_probe({**PASSING, Asked.RIGHT_AGAIN: Outcome.ASSUMED})


def probe_of(**values):
    return replace(PROBE, self_report=a_self_report(ROLE, EXTERNAL_ID, **values))


def results_of(probe):
    return {result.check: result for result in judge(probe, an_agreement())}


def seconds_to_judge(probe):
    """The least of three, so that what else the machine does counts little."""
    judge(PROBE, an_agreement())
    return min(_seconds(probe) for _ in range(3))


def _seconds(probe):
    began = time.thread_time()
    judge(probe, an_agreement())
    return time.thread_time() - began


@pytest.mark.clocked
@pytest.mark.parametrize("shape", POLICIES)
def test_inline_policies_as_long_as_aws_takes_them_are_judged_within_the_budget(shape):
    probe = probe_of(inline_policies={"mine": POLICIES[shape](LONGEST_POLICY)})

    assert seconds_to_judge(probe) < MOST_SECONDS
    assert results_of(probe)["permissions_match"].verdict is Verdict.FAILED


@pytest.mark.clocked
@pytest.mark.parametrize("shape", POLICIES)
def test_twenty_policies_far_longer_than_aws_takes_them_cost_no_more(shape):
    probe = probe_of(inline_policies=dict.fromkeys(TWENTY, POLICIES[shape](40_000)))

    assert seconds_to_judge(probe) < MOST_SECONDS
    assert results_of(probe)["permissions_match"].verdict is Verdict.FAILED


@pytest.mark.clocked
@pytest.mark.parametrize("shape", POLICIES)
@pytest.mark.parametrize("size", [LONGEST_TRUST, 60_000])
def test_a_trust_policy_costs_no_more_either(shape, size):
    probe = probe_of(trust_policy=POLICIES[shape](size))

    assert seconds_to_judge(probe) < MOST_SECONDS


def test_policies_that_an_honest_role_has_are_judged_and_not_called_too_complex():
    ours = a_policy(ROLE, EXTERNAL_ID, a_stack(ROLE))
    kept_secret = [
        statement([f"s3:Get{i}*" for i in range(6)], [f"arn:aws:s3:::secret-{n}/*"], "Deny") for n in range(40)
    ]
    lists = statement([f"ec2:DescribeSomething{n}" for n in range(200)])
    probe = probe_of(inline_policies={"ours": ours, "secret": policy(*kept_secret), "more": policy(lists)})

    assert results_of(probe)["permissions_match"].finding_code == "permissions_excess"


def test_a_required_check_that_is_too_complex_refuses_the_role_and_another_is_only_shown():
    results = judge(probe_of(inline_policies={"mine": POLICIES["long wildcards"](LONGEST_POLICY)}), an_agreement())

    refused = conclude(results, required=ALWAYS_REQUIRED | {"permissions_match"})
    assert refused == (Conclusion.REFUSED, "too_complex")
    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.PASSED, "")


def test_a_trust_policy_that_is_too_complex_is_never_let_through(monkeypatch):
    monkeypatch.setattr("onboarding.proof.checks.MOST_STEPS", 100)
    results = judge(PROBE, an_agreement())

    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.REFUSED, "too_complex")


def test_the_verdict_depends_on_the_policy_alone_not_on_the_time_it_takes(monkeypatch):
    probe = probe_of(inline_policies={"mine": POLICIES["actions against a deny each"](5_000)})
    first = judge(probe, an_agreement())
    monkeypatch.setattr("onboarding.permissions.excess.clean", lambda text: (time.sleep(0.001), text)[1])

    assert judge(probe, an_agreement()) == first


def test_steps_are_counted_for_the_whole_judgement_and_for_nothing_outside_it():
    spend(10 * MOST_STEPS)
    with at_most(10):
        spend(10)
        with pytest.raises(TooComplex):
            spend(1)
    spend(10 * MOST_STEPS)


def test_a_share_of_the_steps_is_taken_from_those_that_are_left():
    with at_most(10):
        with share(6):
            spend(6)
        with pytest.raises(TooComplex), share(6):
            spend(5)
    with share(3), pytest.raises(TooComplex):
        spend(4)
