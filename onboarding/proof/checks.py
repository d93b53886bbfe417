"""The checks: one question each about a role, judged purely from the facts that a probe gathered.

This table is all there is to say which checks there are, in which order they are shown, and which must pass before
anything is connected. A setting can require more of them, never fewer (docs/checks.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.wording import Text, say
from onboarding.policy.effort import TooComplex, at_most
from onboarding.proof import deployed_checks, handshake_checks, stack_checks
from onboarding.proof.agreement import Agreement
from onboarding.proof.probe import Probe


@dataclass(frozen=True)
class Check:
    """One check: its question to the tenant, its short name on the panel, how it is judged, whether it must pass."""

    question: Text
    label: Text
    judge: Callable[[Probe, Agreement], CheckResult]
    is_required: bool


CHECKS: Mapping[str, Check] = {
    "role_is_not_ours": Check(
        say("Is the role in your account, not in ours?"),
        say("It is not one of our roles"),
        handshake_checks.role_is_not_ours,
        is_required=True,
    ),
    "partition_is_served": Check(
        say("Is it in the part of AWS that we serve?"),
        say("It is in the right part of AWS"),
        handshake_checks.partition_is_served,
        is_required=True,
    ),
    "role_is_assumable": Check(
        say("Can we use the role with your external ID?"),
        say("We can use the role"),
        handshake_checks.role_is_assumable,
        is_required=True,
    ),
    "account_matches": Check(
        say("Is it the role and the account you named?"),
        say("It is your account’s role"),
        handshake_checks.account_matches,
        is_required=True,
    ),
    "external_id_is_enforced": Check(
        say("Does AWS refuse anyone without that external ID?"),
        say("It requires your external ID"),
        handshake_checks.external_id_is_enforced,
        is_required=True,
    ),
    "trust_is_exact": Check(
        say("Does the role trust only us?"), say("It trusts only us"), deployed_checks.trust_is_exact, is_required=True
    ),
    "permissions_match": Check(
        say("Is the role allowed to do only what was listed?"),
        say("It can do only what was listed"),
        deployed_checks.permissions_match,
        is_required=False,
    ),
    "stack_is_complete": Check(
        say("Is the role’s stack complete?"),
        say("Its stack is complete"),
        stack_checks.stack_is_complete,
        is_required=False,
    ),
    "template_is_current": Check(
        say("Was it made from the current template?"),
        say("Its template is current"),
        stack_checks.template_is_current,
        is_required=False,
    ),
}

ALWAYS_REQUIRED: frozenset[str] = frozenset(name for name, check in CHECKS.items() if check.is_required)
QUESTIONS: Mapping[str, Text] = {name: check.question for name, check in CHECKS.items()}


# What one check can take, some 40 ms of processor time. Judging a role as the template makes it takes 17,000 steps, one
# with AWS's full 10,240 characters of ordinary policies up to 65,000.
MOST_STEPS = 400_000


def judge(probe: Probe, agreement: Agreement) -> tuple[CheckResult, ...]:
    """Return the result of every check, in the order of CHECKS.

    A check that takes more work than it may has failed: nobody knows what the role can do, and asking again would not
    change that.
    """
    return tuple(_judged(name, check, probe, agreement) for name, check in CHECKS.items())


def _judged(name: str, check: Check, probe: Probe, agreement: Agreement) -> CheckResult:
    try:
        with at_most(MOST_STEPS):
            return check.judge(probe, agreement)
    except TooComplex:
        return CheckResult(name, Verdict.FAILED, say("The role’s policies are too complex to judge."), "too_complex")
