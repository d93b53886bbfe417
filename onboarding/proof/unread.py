"""Why a part of the role could not be read: AWS did not answer, its policies still spread, or something forbids it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.wording import Text, say
from onboarding.policy.document import PolicyDocument, parse_policy
from onboarding.policy.evaluate import Decision, Request, evaluate
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import Limit

# IAM spreads a role's policies after the role itself: until then, that the role cannot read is no finding.
SPREADS_FOR = timedelta(minutes=2)
_FORBIDDING: Mapping[Limit, Text] = {
    Limit.BOUNDARY: say("The role’s permissions boundary forbids it to read itself."),
    Limit.SERVICE_CONTROL: say("A service control policy of your AWS organization forbids the role to read itself."),
    Limit.RESOURCE_CONTROL: say("A resource control policy of your AWS organization forbids the role to read itself."),
}


def unread(name: str, probe: Probe, *questions: str) -> CheckResult:
    """Return the result of the check `name`, which needed the answers to `questions` and lacks one of them."""
    report = probe.self_report
    assert report is not None
    raw_codes = tuple(f"{q}: {report.raw_codes[q]}" for q in questions if q in report.raw_codes)
    unclear = next((o for q in questions if (o := report.outcomes.get(q)) is not None and o.is_unclear), None)
    if unclear is not None:
        sentence = say("AWS did not answer every question, so this is not known yet.")
        return CheckResult(name, Verdict.INCONCLUSIVE, sentence, unclear.value, raw_codes=raw_codes)
    seen_at = probe.role_seen_at or probe.started_at
    # Either way: a clock that was set back must not make it new for longer.
    if abs(probe.finished_at - seen_at) < SPREADS_FOR:
        sentence = say("The role’s policies have not spread through AWS yet.")
        return CheckResult(name, Verdict.INCONCLUSIVE, sentence, "policies_spreading", raw_codes=raw_codes)
    refused = [q for q in questions if report.was_refused(q)]
    if limit := next((report.limits[q] for q in refused if q in report.limits), None):
        return CheckResult(name, Verdict.FAILED, _FORBIDDING[limit], "reading_is_forbidden", raw_codes=raw_codes)
    if any(_is_allowed_by_its_own_policies(probe, q) for q in refused):
        sentence = say("The role’s own policies let it read itself, but something else in the account forbids it.")
        return CheckResult(name, Verdict.FAILED, sentence, "reading_is_forbidden", raw_codes=raw_codes)
    sentence = say("The role cannot read its own policies, although the template allows it.")
    return CheckResult(name, Verdict.FAILED, sentence, "role_cannot_be_read", raw_codes=raw_codes)


def _is_allowed_by_its_own_policies(probe: Probe, question: str) -> bool:
    """Whether the role's inline policies certainly allow the action on the role.

    AWS's refusal then comes from elsewhere: a permissions boundary, a managed policy, or a policy of the tenant's
    organization. A stack that is created again would meet it too.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    report = probe.self_report
    assert report is not None
    policies = [parse_policy(policy) for policy in (report.inline_policies or {}).values()]
    request = Request(question, keys={}, resource=str(probe.role_arn))
    return evaluate([p for p in policies if isinstance(p, PolicyDocument)], request) is Decision.ALLOWED
