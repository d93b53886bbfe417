"""Checks on the stack that made the role, as the role itself tells it: is it complete, and from which template."""

from __future__ import annotations

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.wording import Text, say
from onboarding.proof.agreement import Agreement
from onboarding.proof.answer import Outcome
from onboarding.proof.handshake_checks import NO_ANSWER
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import SelfReport, StackFacts
from onboarding.proof.unread import unread

_DESCRIBING = "cloudformation:DescribeStacks"
_NAMING = ("iam:ListRolePolicies", "iam:GetRolePolicy")
# The states in which a stack is as somebody meant it to be: a rolled-back update or import leaves it as it was before.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html calls them stable.
_WHOLE = frozenset(f"{act}_COMPLETE" for act in ("CREATE", "UPDATE", "UPDATE_ROLLBACK", "IMPORT", "IMPORT_ROLLBACK"))


def stack_is_complete(probe: Probe, agreement: Agreement) -> CheckResult:
    """The role belongs to a stack that is complete."""
    name = "stack_is_complete"
    report = probe.self_report
    if report is None:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    if report.stack is None:
        if unseen := _unseen(name, probe, report):
            return unseen
        sentence = say("The role does not name its stack, so somebody might have made or changed it by hand.")
        return CheckResult(name, Verdict.FAILED, sentence, "stack_unknown")
    verdict, sentence, finding_code = _state_of(report.stack, str(probe.role_arn))
    evidence = (
        say(
            "Stack {stack} in {region}: {status}",
            stack=report.stack.name,
            region=report.stack.region,
            status=report.stack.status,
        ),
    )
    return CheckResult(name, verdict, sentence, finding_code, evidence=evidence)


def _state_of(stack: StackFacts, role_arn: str) -> tuple[Verdict, Text, str]:
    """Return the verdict, the sentence and the finding code.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    if stack.status == "DELETE_COMPLETE":
        return Verdict.FAILED, say("The role’s stack no longer exists. Only the role is left."), "stack_unknown"
    if stack.status.endswith("_IN_PROGRESS"):
        return Verdict.INCONCLUSIVE, say("The stack is still being worked on."), "stack_in_progress"
    if stack.role_arn and stack.role_arn != role_arn:
        return Verdict.FAILED, say("The stack that the role names made another role."), "stack_unknown"
    if stack.status in _WHOLE:
        return Verdict.PASSED, say("The stack {stack} is complete.", stack=stack.name), ""
    return Verdict.FAILED, say("The stack has failed."), "stack_broken"


def template_is_current(probe: Probe, agreement: Agreement) -> CheckResult:
    """The stack was made from the template that is published now; an older one works, and can be updated."""
    name = "template_is_current"
    report = probe.self_report
    if report is None:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    stack = report.stack
    if stack is None and (unseen := _unseen(name, probe, report)):
        return unseen
    if stack is None or not stack.template_version:
        if stack is not None and stack.status.endswith("_IN_PROGRESS"):
            sentence = say("The stack shows its template’s version once it is complete.")
            return CheckResult(name, Verdict.INCONCLUSIVE, sentence, "stack_in_progress")
        sentence = say("Not checked: the stack does not show its template’s version.")
        return CheckResult(name, Verdict.NOT_CHECKED, sentence, "stack_unknown")
    ours = agreement.template_version
    evidence = (say("Stack: version {theirs}. Published: version {ours}.", theirs=stack.template_version, ours=ours),)
    if _numbers(stack.template_version) >= _numbers(ours):
        return CheckResult(
            name,
            Verdict.PASSED,
            say("The stack was made from the current template, version {version}.", version=stack.template_version),
            evidence=evidence,
        )
    sentence = say("The stack was made from an older template. It works, and you can update it.")
    return CheckResult(name, Verdict.FAILED, sentence, "template_outdated", evidence=evidence)


def _unseen(name: str, probe: Probe, report: SelfReport) -> CheckResult | None:
    """Say why AWS did not tell which stack it is or how it is; None if it did, and there is just none."""
    if not (report.was_refused(*_NAMING, _DESCRIBING) or report.is_unclear(*_NAMING, _DESCRIBING)):
        return None
    raw_codes = tuple(f"{_DESCRIBING}: {code}" for code in [report.raw_codes.get(_DESCRIBING)] if code)
    if _is_region_off(report):
        sentence = say("The region of the role’s stack is turned off in your account, so we cannot see the stack.")
        return CheckResult(name, Verdict.FAILED, sentence, "stack_region_off", raw_codes=raw_codes)
    result = unread(name, probe, *_NAMING, _DESCRIBING)
    if result.verdict is Verdict.FAILED and not report.was_refused(*_NAMING):
        sentence = say("The role can read itself, but not its stack. What it trusts and allows was read.")
        return CheckResult(name, Verdict.FAILED, sentence, "stack_cannot_be_read", raw_codes=raw_codes)
    return result


def _is_region_off(report: SelfReport) -> bool:
    """Whether only the stack's region does not know the session's key, which other regions have just accepted.

    A region that an account has not enabled answers so to any of its keys: https://github.com/aws/aws-cli/issues/8413
    and https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    """
    is_key_unknown = report.raw_codes.get(_DESCRIBING, _KEY_UNKNOWN[0]) in _KEY_UNKNOWN
    others = (outcome for question, outcome in report.outcomes.items() if question != _DESCRIBING)
    return report.outcomes.get(_DESCRIBING) is Outcome.VENDOR_INVALID and is_key_unknown and Outcome.ASSUMED in others


_KEY_UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClientException")


def _numbers(version: str) -> tuple[int, ...]:
    """Return `1.10.2` as numbers, which can be compared; anything else counts as 0."""
    return tuple(int(part) if part.isdecimal() and part.isascii() else 0 for part in version.split("."))
