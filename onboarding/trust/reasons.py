"""Why a trust policy does not let us in, or may not: statement by statement, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from onboarding.ground.wording import Text, clean, say
from onboarding.policy.conditions import holds, parse_operator
from onboarding.policy.document import Condition, Path, PolicyDocument, Statement
from onboarding.policy.evaluate import Request, applies, has_variables, names_action, names_caller
from onboarding.policy.values import instant
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.findings import Finding, Severity
from onboarding.trust.request_keys import (
    ASSUME_ROLE,
    EXTERNAL_ID,
    MFA,
    NOW,
    PRINCIPAL_ARN,
    is_of_provider,
    is_of_services,
)
from onboarding.trust.slips import how_it_differs


def reasons(policy: PolicyDocument, requests: Sequence[Request], expected: ExpectedTrust) -> Iterator[Finding]:
    """Yield what keeps our request out, surely or perhaps. `requests` are all that ours can be."""
    about = [s for s in policy.statements if names_action(s, ASSUME_ROLE)]
    allows = [s for s in about if s.effect == "Allow"]
    if not allows:
        sentence = say("No statement in it allows {action}.", action=ASSUME_ROLE)
        yield Finding("action_missing", Severity.SHUT, sentence, needed=ASSUME_ROLE)
    does = has_variables(policy)
    for statement in about:
        answers = {applies(statement, request, has_variables=does) for request in requests}
        if statement.effect == "Deny" and answers != {False}:
            yield _denied(statement, requests, does=does, is_sure=answers == {True})
    if not any(all(applies(s, r, has_variables=does) for r in requests) for s in allows):
        for statement in allows:
            yield from _not_met(statement, requests, expected, does=does)


def _denied(statement: Statement, requests: Sequence[Request], *, does: bool, is_sure: bool) -> Finding:
    if is_sure:
        sentence = say("This Deny keeps us out.")
    elif unclear := [c for c in statement.conditions if _answers(c, requests, does=does) != {True}]:
        sentence = say("This Deny may keep us out: that depends on {keys}.", keys=tuple(clean(c.key) for c in unclear))
    else:
        sentence = say("This Deny may keep us out: it names a session of our role.")
    return Finding("deny", Severity.SHUT, sentence, statement=statement.number, path=statement.path)


def _not_met(
    statement: Statement, requests: Sequence[Request], expected: ExpectedTrust, *, does: bool
) -> Iterator[Finding]:
    if names_caller(statement, requests[0]) is not True:
        yield from _principals(statement, expected)
    for condition in statement.conditions:
        answers = _answers(condition, requests, does=does)
        if answers != {True}:
            code, sentence, found, needed = _unmet(condition, expected, is_sure=answers == {False}, at=_now(requests))
            path = (*statement.path, "Condition", condition.operator, condition.key)
            yield Finding(code, Severity.SHUT, sentence, found, needed, statement.number, path)


def _answers(condition: Condition, requests: Sequence[Request], *, does: bool) -> set[bool | None]:
    return {holds(condition, request.keys, has_variables=does) for request in requests}


def _now(requests: Sequence[Request]) -> str:
    said = requests[0].keys.get(NOW)
    return said[0] if isinstance(said, tuple) else ""


def _principals(statement: Statement, expected: ExpectedTrust) -> Iterator[Finding]:
    entries = statement.principals.get("AWS", ())
    path: Path = (*statement.path, "Principal", "AWS") if entries else (*statement.path, "Principal")
    for entry in entries or ("",):
        hint = how_it_differs(entry, expected.principal_arn) or how_it_differs(entry, expected.account_root)
        sentence = _of_principal(entry, hint, expected)
        code = "principal_misspelt" if hint else "principal_other"
        yield Finding(code, Severity.SHUT, sentence, clean(entry), expected.account_root, statement.number, path)


def _of_principal(entry: str, hint: Text, expected: ExpectedTrust) -> Text:
    account = expected.account_id
    if not entry:
        return say("This statement names no principal that could be us.")
    if entry.startswith(("AROA", "AIDA")):
        return say("This is the ID of a role or user that was deleted, so nobody can use it.")
    if entry.startswith("arn:") and not entry.startswith(f"arn:{expected.partition}:") and f"::{account}:" in entry:
        return say("This names another part of AWS than ours: it must be {needed}.", needed=expected.account_root)
    if f":sts::{account}:assumed-role/" in entry:
        return say("This names one session of our role; the next one has another name.")
    if hint:
        return say("This is almost our account or role, but not quite. {hint}", hint=hint)
    return say("This names somebody other than us.")


def _unmet(condition: Condition, expected: ExpectedTrust, *, is_sure: bool, at: str) -> tuple[str, Text, str, str]:
    """Return the code, the sentence, what was found and what is needed for a condition that we do not surely meet."""
    name, operator = condition.name, parse_operator(condition.operator)
    value = condition.values[0] if condition.values else ""
    if is_sure and not operator.is_null and name == EXTERNAL_ID:
        return _external_id(value, expected.external_id)
    if is_sure and not operator.is_null and name == PRINCIPAL_ARN:
        return _principal_arn(value, expected.principal_arn)
    has_ended = is_sure and name == NOW and condition.operator.startswith("DateLess") and _is_past(value, at)
    is_of_others = is_sure and (is_of_services(name) or is_of_provider(name))
    key = clean(condition.key)
    rules = (
        (not operator.is_known, "condition_unclear",
         say("We do not know the operator {operator}, so this may keep us out.", operator=clean(condition.operator))),
        (is_sure and name == MFA, "condition_mfa",
         say("This asks for a second factor (MFA), which a person has and our role does not.")),
        (has_ended, "condition_ended", say("The access ended on {date}.", date=_date(value))),
        (is_of_others, "condition_unmet",
         say("Only a request of another kind than ours carries {key}, so this keeps us out.", key=key)),
        (is_sure, "condition_unmet", say("A further condition on {key}, which we do not meet.", key=key)),
        (True, "condition_unclear",
         say("A further condition on {key}: whether we meet it, only AWS can tell.", key=key)),
    )  # fmt: skip
    code, sentence = next((code, sentence) for is_so, code, sentence in rules if is_so)
    return code, sentence, clean(value if has_ended else condition.operator), ""


def _is_past(date: str, at: str) -> bool:
    ends, now = instant(date), instant(at)
    return ends is not None and now is not None and ends < now


def _external_id(value: str, wanted: str) -> tuple[str, Text, str, str]:
    hint = how_it_differs(value, wanted)
    if not value:
        return "external_id_other", say("This condition cannot be met with any external ID."), "", wanted
    if hint:
        sentence = say("This is almost the external ID, but not quite. {hint}", hint=hint)
        return "external_id_misspelt", sentence, clean(value), wanted
    return "external_id_other", say("This is another external ID than this connection’s."), clean(value), wanted


def _principal_arn(value: str, wanted: str) -> tuple[str, Text, str, str]:
    hint = how_it_differs(value, wanted)
    if ":assumed-role/" in value:
        sentence = say("This names a session, but AWS compares the role: {needed}.", needed=wanted)
        return "principal_arn_session", sentence, clean(value), wanted
    if hint:
        sentence = say("This is almost our role, but not quite. {hint}", hint=hint)
        return "principal_arn_misspelt", sentence, clean(value), wanted
    return "principal_arn_other", say("This names another role or user than ours."), clean(value), wanted


def _date(text: str) -> datetime | str:
    """Return a policy's date so that it can be said in any language, or as it stands."""
    seconds = instant(text)
    try:
        return clean(text) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return clean(text)


def remarks(policy: PolicyDocument, requests: Sequence[Request], expected: ExpectedTrust) -> Iterator[Finding]:
    """Yield what is safe, and worth knowing, of the statements that let us in."""
    for statement in policy.statements:
        if statement.effect != "Allow" or not names_action(statement, ASSUME_ROLE):
            continue
        if expected.principal_arn in statement.principals.get("AWS", ()):
            sentence = say("Our role is named directly. That is as safe, but it breaks if we ever make that role anew.")
            path: Path = (*statement.path, "Principal", "AWS")
            found, needed = expected.principal_arn, expected.account_root
            yield Finding("principal_direct", Severity.REMARK, sentence, found, needed, statement.number, path)
        if not all(applies(statement, request, has_variables=has_variables(policy)) for request in requests):
            continue
        for c in statement.conditions:
            if c.name == NOW and c.operator.startswith("DateLess") and c.values:
                sentence = say("The access ends by itself on {date}.", date=_date(c.values[0]))
                path = (*statement.path, "Condition", c.operator, c.key)
                yield Finding("ends", Severity.REMARK, sentence, clean(c.values[0]), "", statement.number, path)
