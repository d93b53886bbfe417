"""Checks on the handshake itself: who answers, and whom AWS refuses."""

from __future__ import annotations

from collections.abc import Mapping

from onboarding.ground.arn import RoleArn, spaced
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.hint import Hint
from onboarding.ground.wording import Text, say
from onboarding.proof.agreement import Agreement
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.probe import Probe

NO_ANSWER = say("Not checked: the role did not answer.")


def refuse_role(arn: RoleArn, trusted: RoleArn) -> str:
    """Return the code that refuses a role before AWS is asked anything, or an empty string.

    An account ID belongs to its partition, so the same digits in another one are another account.
    """
    if arn.partition != trusted.partition:
        return "partition_not_served"
    return "role_is_ours" if arn.account_id == trusted.account_id else ""


def finding_of(answer: Answer) -> str:
    """Return the finding code of an AssumeRole with the right external ID that gave no session."""
    return "not_answering" if answer.outcome is Outcome.REFUSED else answer.outcome.value


def role_is_not_ours(probe: Probe, agreement: Agreement) -> CheckResult:
    """Roles in the vendor's own account need no external ID: whoever names one would make us act on ourselves."""
    name = "role_is_not_ours"
    if probe.refusal == "role_is_ours":
        return CheckResult(name, Verdict.FAILED, say("The role is in our own AWS account."), "role_is_ours")
    return CheckResult(
        name,
        Verdict.PASSED,
        say("The role is in account {account}, not in ours.", account=spaced(probe.role_arn.account_id)),
    )


def partition_is_served(probe: Probe, agreement: Agreement) -> CheckResult:
    """An installation serves the partition of its trusted principal."""
    name = "partition_is_served"
    if probe.refusal == "partition_not_served":
        return CheckResult(
            name, Verdict.FAILED, say("The role is in a part of AWS that we do not serve."), "partition_not_served"
        )
    return CheckResult(
        name,
        Verdict.PASSED,
        say("The role is in the part of AWS that we serve: {partition}.", partition=probe.role_arn.partition),
    )


def role_is_assumable(probe: Probe, agreement: Agreement) -> CheckResult:
    """AssumeRole with the external ID succeeds."""
    name = "role_is_assumable"
    right = probe.answer(Asked.RIGHT)
    if right is None:
        return _unasked(name, probe)
    evidence = _evidence(probe, Asked.RIGHT)
    codes = _raw_codes(probe, Asked.RIGHT)
    if right.outcome is Outcome.ASSUMED:
        sentence = say("We can use the role with your external ID.")
        return CheckResult(name, Verdict.PASSED, sentence, evidence=evidence)
    if right.outcome is Outcome.REFUSED:
        return CheckResult(
            name,
            Verdict.FAILED,
            say("AWS does not let us use the role yet."),
            finding_of(right),
            evidence=evidence,
            raw_codes=codes,
        )
    sentence = say("We could not ask AWS about the role.")
    return CheckResult(name, Verdict.INCONCLUSIVE, sentence, finding_of(right), evidence=evidence, raw_codes=codes)


def _unasked(name: str, probe: Probe) -> CheckResult:
    """Say why AWS was asked nothing: the role was refused, or there is no external ID to ask with."""
    if probe.refusal:
        return CheckResult(name, Verdict.NOT_CHECKED, say("Not checked: we do not ask AWS about such a role."))
    return CheckResult(name, Verdict.NOT_CHECKED, say("We had no external ID to ask AWS with."), "no_external_id")


def account_matches(probe: Probe, agreement: Agreement) -> CheckResult:
    """The session's account and role are those claimed, by AssumeRole's answer and by GetCallerIdentity."""
    name = "account_matches"
    right = probe.answer(Asked.RIGHT)
    if right is None or right.outcome is not Outcome.ASSUMED:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    claimed = probe.role_arn
    said = [(right.account_id, right.role_name)]
    if probe.self_report is not None and probe.self_report.identity is not None:
        said.append((probe.self_report.identity.account_id, probe.self_report.identity.role_name))
    if any(who != (claimed.account_id, claimed.name) for who in said):
        sentence = say("AWS answered for another account or role than the one named here.")
        return CheckResult(name, Verdict.FAILED, sentence, "account_differs")
    where = say(
        "It is the role {role} in account {account}, as agreed.", role=claimed.name, account=spaced(claimed.account_id)
    )
    return CheckResult(name, Verdict.PASSED, where, evidence=_identity_evidence(probe))


def external_id_is_enforced(probe: Probe, agreement: Agreement) -> CheckResult:
    """Ask right, none, wrong, wrong case, right again: only refusals between two successes prove anything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
    """
    name = "external_id_is_enforced"
    first, last = probe.answer(Asked.RIGHT), probe.answer(Asked.RIGHT_AGAIN)
    if first is None or first.outcome is not Outcome.ASSUMED:
        return CheckResult(name, Verdict.NOT_CHECKED, NO_ANSWER)
    for asked, sentence in _TOO_LOOSE.items():
        answer = probe.answer(asked)
        if answer is not None and answer.outcome is Outcome.ASSUMED:
            finding_code = f"ignores_external_id_{asked.value}"
            return CheckResult(name, Verdict.FAILED, sentence, finding_code, evidence=_evidence(probe, asked))
    negatives = [probe.answer(asked) for asked in _TOO_LOOSE]
    was_refused = all(a is not None and a.outcome is Outcome.REFUSED for a in negatives)
    if was_refused and last is not None and last.outcome is Outcome.ASSUMED:
        sentence = say("AWS refuses us without the right external ID, so nobody else can use the role through us.")
        return CheckResult(name, Verdict.PASSED, sentence, evidence=_evidence(probe, *Asked))
    unclear = next((a.outcome for a in (*negatives, last) if a and a.outcome.is_unclear), None)
    finding_code = unclear.value if unclear else "changed_while_checking"
    sentence = say("AWS did not answer every question, so this is not proved yet.")
    return CheckResult(
        name,
        Verdict.INCONCLUSIVE,
        sentence,
        finding_code,
        evidence=_evidence(probe, *Asked),
        raw_codes=_raw_codes(probe, *Asked),
    )


_TOO_LOOSE: Mapping[Asked, Text] = {
    Asked.NONE: say("The role can be used without its external ID."),
    Asked.WRONG: say("The role can be used with a wrong external ID."),
    Asked.WRONG_CASE: say("The role accepts the external ID in any letter case."),
}

_ASKED: Mapping[Asked, Text] = {
    Asked.RIGHT: say("with the external ID"),
    Asked.NONE: say("without an external ID"),
    Asked.WRONG: say("with a wrong external ID"),
    Asked.WRONG_CASE: say("with the external ID in capitals"),
    Asked.RIGHT_AGAIN: say("with the external ID again"),
}


def _evidence(probe: Probe, *asked: Asked) -> tuple[Text, ...]:
    """Say what was asked and answered, with AWS's request IDs: the tenant finds the successful ones in CloudTrail."""
    return tuple(_exchange(answer) for answer in probe.answers if answer.asked in asked)


def _exchange(answer: Answer) -> Text:
    said = {Outcome.ASSUMED: say("allowed"), Outcome.REFUSED: say("refused")}.get(
        answer.outcome, say("no clear answer")
    )
    how = _ASKED[answer.asked]
    if not answer.request_id:
        return say("AssumeRole {how}: {answer}", how=how, answer=said)
    return say("AssumeRole {how}: {answer} (request {request})", how=how, answer=said, request=answer.request_id)


def _raw_codes(probe: Probe, *asked: Asked) -> tuple[str, ...]:
    """Return AWS's own words to these questions, for the operator."""
    return tuple(_raw_code(answer) for answer in probe.answers if answer.asked in asked and answer.raw_code)


def _raw_code(answer: Answer) -> str:
    hint = f" ({_BLAMED[answer.hint]})" if answer.hint else ""
    return f"AssumeRole {answer.asked}: {answer.raw_code}{hint}"


# For the operator: whose policy it is by AWS's own words.
_BLAMED: Mapping[Hint, str] = {
    Hint.OURS: "AWS names a policy on our side",
    Hint.TRUST: "AWS names the role's trust policy",
    Hint.ORGANIZATION: "AWS names a resource control policy",
}


def _identity_evidence(probe: Probe) -> tuple[Text, ...]:
    identity = probe.self_report.identity if probe.self_report else None
    if identity is None:
        return ()
    return (
        say(
            "GetCallerIdentity: account {account}, role {role}, session {session}",
            account=identity.account_id,
            role=identity.role_name,
            session=identity.session_name,
        ),
    )
