"""The checks: one question each about a role, judged purely from the facts that a probe gathered.

A verdict has four values, never a boolean: what we could not find out is neither a pass nor a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from onboarding.arn import RoleArn, spaced
from onboarding.probe import Asked, Outcome, Probe


class Verdict(StrEnum):
    """What a check found."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check, in words for the tenant. `finding` is a code in onboarding.diagnosis, or empty."""

    check: str
    verdict: Verdict
    sentence: str
    finding: str = ""


Check = Callable[[Probe], CheckResult]


def judge(probe: Probe) -> tuple[CheckResult, ...]:
    """Return the result of every check, in the order of CHECKS."""
    return tuple(check(probe) for check in CHECKS.values())


def _role_is_assumable(probe: Probe) -> CheckResult:
    name = "role_is_assumable"
    right = probe.answer(Asked.RIGHT)
    if right is None:
        return CheckResult(name, Verdict.NOT_CHECKED, "There was no external ID to ask with.", "no_external_id")
    if right.outcome is Outcome.ASSUMED:
        return CheckResult(name, Verdict.PASSED, "AWS lets us use the role with this connection’s external ID.")
    if right.outcome is Outcome.REFUSED:
        return CheckResult(name, Verdict.FAILED, "AWS does not let us use the role yet.", "not_answering")
    return CheckResult(name, Verdict.INCONCLUSIVE, "We could not ask AWS about the role.", right.outcome.value)


def _account_matches(probe: Probe) -> CheckResult:
    name = "account_matches"
    right = probe.answer(Asked.RIGHT)
    if right is None or right.outcome is not Outcome.ASSUMED:
        return CheckResult(name, Verdict.NOT_CHECKED, "Not checked: the role did not answer.")
    claimed = probe.role_arn
    if (right.account_id, right.role_name) == (claimed.account_id, claimed.name):
        return CheckResult(
            name, Verdict.PASSED, f"It is the role {claimed.name} in account {spaced(claimed.account_id)}, as agreed."
        )
    return CheckResult(
        name, Verdict.FAILED, "AWS answered for another account or role than the one named here.", "account_differs"
    )


def _external_id_is_enforced(probe: Probe) -> CheckResult:
    """Ask right, none, wrong, wrong case, right again: only refusals between two successes prove anything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    name = "external_id_is_enforced"
    first, last = probe.answer(Asked.RIGHT), probe.answer(Asked.RIGHT_AGAIN)
    if first is None or first.outcome is not Outcome.ASSUMED:
        return CheckResult(name, Verdict.NOT_CHECKED, "Not checked: the role did not answer.")
    for asked, sentence in _TOO_LOOSE.items():
        answer = probe.answer(asked)
        if answer is not None and answer.outcome is Outcome.ASSUMED:
            return CheckResult(name, Verdict.FAILED, sentence, f"ignores_external_id_{asked.value}")
    negatives = [probe.answer(asked) for asked in _TOO_LOOSE]
    was_refused = all(a is not None and a.outcome is Outcome.REFUSED for a in negatives)
    if was_refused and last is not None and last.outcome is Outcome.ASSUMED:
        return CheckResult(
            name,
            Verdict.PASSED,
            "AWS refuses without the external ID and with a wrong one, so nobody can use it through us.",
        )
    unclear = next((a.outcome for a in (*negatives, last) if a and a.outcome.is_unclear), None)
    return CheckResult(
        name,
        Verdict.INCONCLUSIVE,
        "AWS did not answer every question, so this is not proved yet.",
        unclear.value if unclear else "changed_while_checking",
    )


_TOO_LOOSE: Mapping[Asked, str] = {
    Asked.NONE: "The role can be used without its external ID.",
    Asked.WRONG: "The role can be used with a wrong external ID.",
    Asked.WRONG_CASE: "The role does not tell capital letters in the external ID apart.",
}

CHECKS: Mapping[str, Check] = {
    "role_is_assumable": _role_is_assumable,
    "account_matches": _account_matches,
    "external_id_is_enforced": _external_id_is_enforced,
}

QUESTIONS: Mapping[str, str] = {
    "role_is_assumable": "Can we use the role with your external ID?",
    "account_matches": "Is it the role and the account you named?",
    "external_id_is_enforced": "Does AWS refuse anyone without that external ID?",
}


def refuse_role(arn: RoleArn, *, partition: str, vendor_account_id: str) -> str:
    """Return the finding that refuses a role before AWS is asked anything, or an empty string.

    Roles in the vendor's own account carry no external ID, so whoever names one would make us act on ourselves.
    """
    if arn.partition != partition:
        return "partition_not_served"
    if arn.account_id == vendor_account_id:
        return "role_is_ours"
    return ""
