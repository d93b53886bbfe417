"""Checks on what was deployed, as the role itself tells it: trust and permissions."""

from __future__ import annotations

from collections.abc import Mapping

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.wording import Text, clean, say
from onboarding.permissions.comparison import (
    DeployedPermissions,
    MissingPermission,
    PermissionComparison,
    compare_permissions,
)
from onboarding.permissions.excess import ExcessPermission
from onboarding.permissions.reach import Reach
from onboarding.proof.agreement import Agreement
from onboarding.proof.handshake_checks import NO_ANSWER
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import SelfReport
from onboarding.proof.unread import SPREADS_FOR, unread
from onboarding.trust.judgement import TrustVerdict, judge_trust

_MOST_NAMED = 10
_MOST_LINES = 100

_TRUST = ("iam:GetRole",)
_PERMISSIONS = ("iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies")


def trust_is_exact(probe: Probe, agreement: Agreement) -> CheckResult:
    """The deployed trust policy lets in our principal with our external ID, and nobody else."""
    name = "trust_is_exact"
    report = probe.self_report
    if report is None or probe.external_id is None:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    if report.trust_policy is None:
        return unread(name, probe, *_TRUST)
    judged = judge_trust(report.trust_policy, agreement.trust(probe.external_id), now=probe.finished_at, is_stored=True)
    verdict, sentence, finding_code = _TRUST_RESULTS[judged.verdict]
    is_old = abs(probe.finished_at - (probe.role_seen_at or probe.started_at)) >= SPREADS_FOR
    if judged.verdict is TrustVerdict.SHUT and is_old:
        # It cannot have just changed each time, so we do not understand it.
        verdict, sentence, finding_code = Verdict.FAILED, _UNCLEAR, "trust_is_loose"
    return CheckResult(name, verdict, sentence, finding_code, evidence=judged.sentences)


_OURS_ALONE = say("The trust policy lets in our one role with your external ID, and nobody else.")
_UNCLEAR = say("We cannot tell whom the role’s trust policy lets in.")
_TRUST_RESULTS: Mapping[TrustVerdict, tuple[Verdict, Text, str]] = {
    TrustVerdict.EXACT: (Verdict.PASSED, _OURS_ALONE, ""),
    TrustVerdict.DEPENDS: (
        Verdict.PASSED,
        say("The trust policy lets in nobody else. That it lets us in, AWS has just shown."),
        "",
    ),
    # AWS has just let us in, so it judged by another policy than the one that it told us of afterwards.
    TrustVerdict.SHUT: (
        Verdict.INCONCLUSIVE,
        say("The trust policy that AWS shows us does not let us in, although AWS does: it has just changed."),
        "changed_while_checking",
    ),
    TrustVerdict.LOOSE: (
        Verdict.FAILED,
        say("The role’s trust policy lets in somebody or something that was not agreed."),
        "trust_is_loose",
    ),
    TrustVerdict.TOO_COMPLEX: (Verdict.FAILED, _UNCLEAR, "too_complex"),
    TrustVerdict.UNREADABLE: (Verdict.FAILED, _UNCLEAR, "trust_is_loose"),
    TrustVerdict.REFUSED_BY_AWS: (Verdict.FAILED, _UNCLEAR, "trust_is_loose"),
}


def permissions_match(probe: Probe, agreement: Agreement) -> CheckResult:
    """The role can do what the published template lists: nothing less, nothing more."""
    name = "permissions_match"
    report = probe.self_report
    if report is None or probe.external_id is None:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    if report.inline_policies is None or report.attached_policies is None or report.trust_policy is None:
        return unread(name, probe, *_PERMISSIONS)
    stack_id = report.stack.stack_id if report.stack else ""
    deployed = DeployedPermissions(
        inline=report.inline_policies,
        attached={arn: _text_of(report, arn) for arn in report.attached_policies},
        boundary_arn=report.boundary_arn or None,
        boundary=_text_of(report, report.boundary_arn),
    )
    asked = agreement.permissions(probe.role_arn, probe.external_id, stack_id)
    found = compare_permissions(deployed, asked, role_arn=probe.role_arn, now=probe.finished_at)
    evidence = (*_permission_lines(found), *_copied_lines(report))
    if found.is_exact:
        exactly = say("The role’s policies allow exactly what the template lists.")
        return CheckResult(name, Verdict.PASSED, exactly, evidence=evidence)
    finding_code, sentence = _differing(found)
    return CheckResult(name, Verdict.FAILED, sentence, finding_code, evidence=evidence)


def _text_of(report: SelfReport, arn: str) -> str | None:
    document = report.managed.get(arn)
    return document.text if document else None


def _copied_lines(report: SelfReport) -> tuple[Text, ...]:
    """Say which of AWS's policies were judged by a copy, since AWS did not tell what they say now."""
    copied = ((arn, document) for arn, document in report.managed.items() if document and document.published_on)
    return tuple(
        say("The policy {policy} was judged as AWS published it on {day}.", policy=clean(arn), day=d.published_on)
        for arn, d in copied
    )


# What to say of an excess: of the role in one sentence, the most serious first, and of each policy.
_ROLE_CAN: Mapping[Reach, Text] = {
    Reach.CHANGE: say("The role can do much more than was agreed: it can change things."),
    Reach.CREDENTIALS: say("The role can do much more than was agreed: it can hand out credentials."),
    Reach.DATA: say("The role can do much more than was agreed: it can read your data."),
    Reach.UNKNOWN: say(
        "The role can do something that was not agreed and that our list of AWS’s actions does not have."
    ),
    Reach.READ: say("The role can read more than was agreed."),
}
_POLICY_CAN: Mapping[Reach, Text] = {
    Reach.CHANGE: say("By the policy {policy} the role can change things: {actions}."),
    Reach.CREDENTIALS: say("By the policy {policy} the role can hand out credentials: {actions}."),
    Reach.DATA: say("By the policy {policy} the role can read your data: {actions}."),
    Reach.UNKNOWN: say(
        "By the policy {policy} the role can do what our list of AWS’s actions does not have: {actions}."
    ),
    Reach.READ: say("By the policy {policy} the role can read more than was agreed: {actions}."),
}
_WIDER = say("By the policy {policy} the role can do this on more than was agreed, or without a condition: {actions}.")


def _differing(found: PermissionComparison) -> tuple[str, Text]:
    """Return the code and the sentence of the most serious finding."""
    for reach, sentence in _ROLE_CAN.items():
        if any(e.reach is reach for e in found.excess):
            return "permissions_excess", sentence
    if found.missing:
        sentence = say("The role cannot read everything that was listed, so some features do not work.")
        return "permissions_missing", sentence
    if found.unseen:
        return "permissions_unseen", say("A policy is attached to the role, and we cannot see what it allows.")
    return "permissions_bounded", say("Something that we cannot see limits what the role can do.")


def _permission_lines(found: PermissionComparison) -> tuple[Text, ...]:
    lines = (
        *(_excess_line(e) for e in found.excess),
        *(_missing_line(m) for m in found.missing),
        *(sentence for _, sentence in found.unknown),
    )
    return lines[:_MOST_LINES]


def _excess_line(excess: ExcessPermission) -> Text:
    """Name the policy and what it allows, ten actions at most."""
    named = excess.actions[:_MOST_NAMED] + (("…",) if len(excess.actions) > _MOST_NAMED else ())
    sentence = _WIDER if excess.is_wider else _POLICY_CAN[excess.reach]
    return sentence.filled(policy=clean(excess.policy), actions=named)


def _missing_line(missing: MissingPermission) -> Text:
    if missing.is_perhaps:
        sentence = say("Only under a condition, so perhaps missing for “{title}”: {actions}")
    else:
        sentence = say("Missing for “{title}”: {actions}")
    return sentence.filled(title=missing.title, actions=missing.actions)
