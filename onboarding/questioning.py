"""How a role is questioned: the order of the questions is what makes the answers a proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId, near_misses
from onboarding.ports import Clock, ManagedPolicies, Roles
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.handshake_checks import refuse_role
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import ManagedDocument, SelfReport

# However slow AWS answers, and however long our own budget of calls makes us wait, no question is begun later. What
# reading the role adds has a limit of its own, so that a round always ends before the worker's lease does.
LONGEST_QUESTIONING = timedelta(seconds=20)
# No managed policy is asked for later than this after the first. One that was not asked for is one that we cannot see.
LONGEST_READING = timedelta(seconds=5)
# AWS's quota of managed policies on one role, and its boundary.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_MANAGED = 20


def probe_role(
    roles: Roles,
    clock: Clock,
    *,
    role_arn: RoleArn,
    trusted: RoleArn,
    candidates: Sequence[ExternalId],
    session_name: str,
    role_seen_at: datetime | None = None,
    managed: ManagedPolicies | None = None,
) -> Probe:
    """Ask AWS for the role with each candidate; once one works, ask with none, wrong ones, and that one again.

    `trusted` is our own role: AWS is not asked about a role that `refuse_role` refuses.

    Policies that are attached to the role, or bound it, are looked up in `managed`, outside its session.

    The last session is the one in which the role reports on itself: one call serves the proof and the self-report.

    A refusal counts only between two successes: before the first, the role might not be known everywhere yet, and
    without the last, it might have been deleted meanwhile.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    started_at, began = clock.now(), clock.elapsed()
    if refusal := refuse_role(role_arn, trusted):
        # The settings might have changed since the tenant named the role.
        return Probe(role_arn, None, (), started_at, started_at, refusal=refusal)
    answers: list[Answer] = []

    def is_over(asked: Asked) -> bool:
        if clock.elapsed() - began < LONGEST_QUESTIONING:
            return False
        answers.append(Answer(asked, Outcome.TIMED_OUT))
        return True

    def ask(asked: Asked, external_id: ExternalId | None) -> Outcome:
        if is_over(asked):
            return Outcome.TIMED_OUT
        answers.append(roles.assume(role_arn, asked=asked, external_id=external_id, session_name=session_name))
        return answers[-1].outcome

    working: ExternalId | None = None
    report: SelfReport | None = None
    for candidate in candidates:
        outcome = ask(Asked.RIGHT, candidate)
        if outcome is Outcome.ASSUMED:
            working = candidate
        if outcome is not Outcome.REFUSED:
            break
    if working is not None:
        wrong = near_misses(working)
        negatives = ((Asked.NONE, None), (Asked.WRONG, wrong["wrong"]), (Asked.WRONG_CASE, wrong["wrong_case"]))
        # If one is let in or has no clear answer, the round is decided: asking on would only cost AWS calls.
        refuses = all(ask(asked, external_id) is Outcome.REFUSED for asked, external_id in negatives)
        if refuses and not is_over(Asked.RIGHT_AGAIN):
            answer, report = roles.report(role_arn, external_id=working, session_name=session_name)
            answers.append(answer)
            if report is not None and managed is not None:
                report = replace(report, managed=_documents(report, managed, clock))
    return Probe(role_arn, working, tuple(answers), started_at, clock.now(), report, role_seen_at)


def _documents(report: SelfReport, managed: ManagedPolicies, clock: Clock) -> Mapping[str, ManagedDocument | None]:
    """Return what each managed policy on the role says. AWS's quota bounds them, not whoever answers in its place."""
    began = clock.elapsed()
    attached = (report.attached_policies or ())[:MOST_MANAGED]
    return {
        arn: managed.read(arn) if clock.elapsed() - began < LONGEST_READING else None
        for arn in dict.fromkeys((report.boundary_arn, *attached))
        if arn
    }
