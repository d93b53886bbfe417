"""A witness in words: who gets in, how, and by which statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from onboarding.ground.arn import spaced
from onboarding.ground.wording import Text, clean, say, together
from onboarding.policy.document import Path, PolicyDocument, Statement
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.findings import Finding, Severity
from onboarding.trust.request_keys import ALWAYS, CALLER_KEYS, EXTERNAL_ID, PRINCIPAL_ARN, TAG_SESSION
from onboarding.trust.shapes import EXAMPLE
from onboarding.trust.witness import Witness


def testimony(policy: PolicyDocument, witnesses: Sequence[Witness], expected: ExpectedTrust) -> Iterator[Finding]:
    """Yield what each witness shows, once: a role stands for the users of its account too."""
    said = set()
    sure = {w.statement for w in witnesses if w.is_certain}
    for witness in witnesses:
        if not witness.is_certain and witness.statement in sure:
            continue
        statement = next(s for s in policy.statements if s.number == witness.statement)
        # Tags and a source identity are said one by one, and of others not at all: they are let in anyhow.
        shows = (witness.statement, witness.account_id or witness.arn, witness.actions[1:] if witness.is_ours else ())
        if shows in said or (witness.is_ours and len(witness.actions) > 2):
            continue
        said.add(shows)
        sentence = _sentence(witness, statement, expected)
        path, found = _place(witness, statement, expected)
        yield Finding(_code(witness, expected), Severity.LOOSE, sentence, clean(found), "", statement.number, path)


def _sentence(witness: Witness, statement: Statement, expected: ExpectedTrust) -> Text:
    number = statement.number
    if witness.is_ours and len(witness.actions) > 1:
        if TAG_SESSION in witness.actions:
            return say("Our own role can also set tags on its session, by statement {number}.", number=number)
        return say("Our own role can also name a source identity, by statement {number}.", number=number)
    who, how = _who(witness, statement, expected), _how(witness, expected)
    if not witness.is_certain:
        return say("{who} may get in {how}, by statement {number}.", who=who, how=how, number=number)
    sentence = say("{who} gets in {how}, by statement {number}.", who=who, how=how, number=number)
    asked = tuple(dict.fromkeys(clean(c.key) for c in statement.conditions if c.name not in _SAID))
    return together(sentence, say("The condition on {keys} must be met too.", keys=asked)) if asked else sentence


# What a witness is said to be, or every request meets.
_SAID = CALLER_KEYS | ALWAYS.keys() | {EXTERNAL_ID}


def _who(witness: Witness, statement: Statement, expected: ExpectedTrust) -> Text:
    if witness.is_ours:
        return say("Our own role")
    if witness.arn == "*":
        return say("Some AWS service") if witness.kind == "service" else say("Whoever signs in through some provider")
    if witness.kind == "service":
        return say("The AWS service {name}", name=clean(witness.arn))
    if witness.kind not in ("role", "user"):
        return say("Whoever signs in through {name}", name=clean(witness.arn))
    if witness.arn in statement.principals.get("AWS", ()):
        return _named(witness, expected)
    return _of_ours(witness) if witness.account_id == expected.account_id else _stranger(witness, statement)


def _named(witness: Witness, expected: ExpectedTrust) -> Text:
    is_of_ours = witness.account_id == expected.account_id
    whose = say("our account") if is_of_ours else say("account {account}", account=spaced(witness.account_id))
    name = clean(witness.arn.partition("/")[2])
    if witness.kind == "role":
        return say("The role {name} of {whose}", name=name, whose=whose)
    return say("The user {name} of {whose}", name=name, whose=whose)


def _of_ours(witness: Witness) -> Text:
    name = clean(witness.arn.partition("/")[2])
    if witness.kind == "user":
        return say("A user of our account")
    if name == EXAMPLE:
        return say("Another role of our account")
    return say("Another role of our account, such as {name},", name=name)


def _stranger(witness: Witness, statement: Statement) -> Text:
    account = spaced(witness.account_id)
    entries = statement.principals.get("AWS", ())
    about_callers = [c for c in statement.conditions if c.name in CALLER_KEYS]
    if "*" in entries and not about_callers:
        return say("Anyone with an AWS account")
    if any(witness.account_id in text for text in (*entries, *(v for c in about_callers for v in c.values))):
        is_role = witness.kind == "role"
        return (
            say("A role of account {account}", account=account)
            if is_role
            else say("A user of account {account}", account=account)
        )
    return say("Somebody in another account, such as {account},", account=account)


def _how(witness: Witness, expected: ExpectedTrust) -> Text:
    sent = witness.external_id
    if sent is None:
        return say("without an external ID")
    if sent == expected.external_id:
        return say("with your external ID")
    if sent.casefold() == expected.external_id.casefold():
        return say("with your external ID in other letter case")
    return say("with another external ID, such as {id}", id=clean(sent, longest=80))


def _code(witness: Witness, expected: ExpectedTrust) -> str:
    if not witness.is_ours:
        return f"lets_in_{witness.kind}"
    return "lets_in_session_choices" if len(witness.actions) > 1 else "lets_in_other_id"


def _place(witness: Witness, statement: Statement, expected: ExpectedTrust) -> tuple[Path, str]:
    """Return where to look: the line that lets the witness in, and the value there where it is one of several."""
    if witness.is_ours and len(witness.actions) > 1:
        is_listed = statement.not_actions is None
        extra = [a for a in statement.actions if a.lower() in (x.lower() for x in witness.actions[1:])]
        return (*statement.path, "Action" if is_listed else "NotAction"), extra[0] if extra else ""
    key = EXTERNAL_ID if witness.is_ours else PRINCIPAL_ARN
    for condition in statement.conditions:
        if condition.name == key:
            others = [v for v in condition.values if v not in (expected.external_id, expected.principal_arn)]
            place: Path = (*statement.path, "Condition", condition.operator, condition.key)
            return place, others[0] if others else ""
    if witness.is_ours:
        return (*statement.path, "Condition") if statement.conditions else statement.path, ""
    kind = {"role": "AWS", "user": "AWS", "service": "Service"}.get(witness.kind, "Federated")
    return (*statement.path, "Principal", kind), witness.arn
