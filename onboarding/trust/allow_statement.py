"""One Allow statement of a trust policy, line by line: its actions, its principals, its conditions.

Every rule errs to the same side: what is not understood counts as letting in others and as keeping us out.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onboarding.ground.wording import NOTHING, Text
from onboarding.policy.document import Condition, Path, Statement
from onboarding.policy.patterns import matches_pattern
from onboarding.trust.conditions import (
    EXTERNAL_ID,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_TYPE,
    external_id_code,
    holds,
    pins,
    principal_arn_codes,
)
from onboarding.trust.differences import DIFFERENCE_KINDS, Severity, how_it_differs
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.principals import NOBODY, US, Named, name_principal, named_by

ASSUME_ROLE = "sts:AssumeRole"
_NOT_NEEDED = {"sts:tagsession": "action_tag_session", "sts:setsourceidentity": "action_source_identity"}
_IF_MET: Mapping[bool | None, str] = {True: "condition_met", False: "condition_unmet", None: "condition_unclear"}
_BY_NAME: Mapping[Named, str] = {
    Named.OUR_ACCOUNT_ELSEWHERE: "principal_wrong_partition",
    Named.OUR_ROLE_ELSEWHERE: "principal_wrong_partition",
    Named.OUR_ROLE: "principal_direct",
    Named.OUR_SESSION: "principal_session",
    Named.DEAD: "principal_dead",
    Named.MALFORMED: "principal_malformed",
}


@dataclass(frozen=True)
class Line:
    """A finding at its place, before it is known whether another statement lets us in."""

    code: str
    path: Path
    found: str = ""
    needed: str = ""
    hint: Text = NOTHING


def our_request(expected: ExpectedTrust) -> dict[str, str]:
    """Return the condition keys that we know our own requests to carry, in lower case."""
    known = {
        EXTERNAL_ID: expected.external_id,
        PRINCIPAL_ARN: expected.principal_arn,
        PRINCIPAL_ACCOUNT: expected.account_id,
    }
    return {**known, PRINCIPAL_TYPE: "AssumedRole"} if ":role/" in expected.principal_arn else known


def grants_assume_role(statement: Statement) -> bool:
    """Whether AssumeRole is among the actions, or may be (NotAction)."""
    return statement.not_actions is not None or any(_is_assume_role(action) for action in statement.actions)


def lets_us_in(statement: Statement, expected: ExpectedTrust) -> bool:
    """Whether the Allow surely applies to our request: everything in it is understood, and met."""
    known = our_request(expected)
    return (
        statement.effect == "Allow"
        and not statement.oddities
        and statement.not_actions is None
        and grants_assume_role(statement)
        and not US.isdisjoint(named_by(statement.principals, expected))
        and all(holds(condition, known) is True for condition in statement.conditions)
    )


def lines_of(statement: Statement, expected: ExpectedTrust) -> Iterator[Line]:
    """Yield what is not as agreed in an Allow statement."""
    yield from _actions(statement)
    if not grants_assume_role(statement):
        return
    yield from _principals(statement, expected)
    yield from _external_id(statement, expected)
    known = our_request(expected)
    for condition in statement.conditions:
        if condition.name not in (EXTERNAL_ID, PRINCIPAL_ARN):
            code = _IF_MET[holds(condition, known)]
            yield Line(code, _place(statement, condition), found=f"{condition.operator} {condition.key}")


def _is_assume_role(action: str) -> bool:
    return matches_pattern(ASSUME_ROLE.lower(), action.lower())


def _actions(statement: Statement) -> Iterator[Line]:
    if statement.not_actions is not None:
        yield Line("not_action", (*statement.path, "NotAction"), needed=ASSUME_ROLE)
    for action in statement.actions:
        if action.lower() != ASSUME_ROLE.lower():
            code = "action_wildcard" if _is_assume_role(action) else _NOT_NEEDED.get(action.lower(), "action_extra")
            yield Line(code, (*statement.path, "Action"), found=action, needed=ASSUME_ROLE)
    if not grants_assume_role(statement):
        yield Line("action_missing", (*statement.path, "Action"), needed=ASSUME_ROLE)


def _principals(statement: Statement, expected: ExpectedTrust) -> Iterator[Line]:
    on_arn = [c for c in statement.conditions if c.name == PRINCIPAL_ARN]
    is_pinned = any(pins(c, value=expected.principal_arn) for c in on_arn)
    wrong = [(c, principal_arn_codes(c, expected.principal_arn)) for c in on_arn]
    # A condition that is about our role but does not hold it fast says so on its own line.
    is_narrowed = is_pinned or any(code != "condition_unclear" for _, codes in wrong for code, _ in codes)
    if statement.not_principals is not None:
        yield Line("not_principal", (*statement.path, "NotPrincipal"), needed=expected.account_root)
    if not {"AWS", "*"} & set(statement.principals):
        yield Line("principal_missing", (*statement.path, "Principal"), needed=expected.account_root)
    for kind, entries in statement.principals.items():
        place = (*statement.path, "Principal") if kind == "*" else (*statement.path, "Principal", kind)
        for entry in entries:
            if kind in ("AWS", "*"):
                found = _principal(entry, expected, is_pinned=is_pinned, is_narrowed=is_narrowed)
                yield from (Line(code, place, entry, expected.account_root, hint) for code, hint in found)
            else:
                yield Line("principal_kind", place, entry)
    for condition, codes in wrong:
        place = _place(statement, condition)
        harmless = "condition_met" if holds(condition, our_request(expected)) is True else "condition_unmet"
        for code, value in codes:
            is_spare = is_pinned and DIFFERENCE_KINDS[code].alone is Severity.LOOSE
            hint = how_it_differs(value, expected.principal_arn)
            yield Line(harmless if is_spare else code, place, value, expected.principal_arn, hint)


def _principal(
    entry: str, expected: ExpectedTrust, *, is_pinned: bool, is_narrowed: bool
) -> Iterator[tuple[str, Text]]:
    named = name_principal(entry, expected)
    if named in (Named.OUR_ACCOUNT, Named.OUR_ACCOUNT_ELSEWHERE) and not is_narrowed:
        yield "account_not_narrowed", NOTHING
    if named is Named.OTHER_ACCOUNT:
        is_root = entry.startswith("arn:")
        hint = how_it_differs(entry, expected.account_root if is_root else expected.account_id)
        yield "principal_not_us" if is_pinned else "principal_other_account", hint
    elif named is Named.OTHER:
        hint = how_it_differs(entry, expected.principal_arn) or how_it_differs(entry, expected.account_root)
        yield "principal_misspelt" if hint else "principal_not_us" if is_pinned else "principal_other", hint
    elif named is Named.EVERYBODY:
        yield "principal_everybody_narrowed" if is_pinned else "principal_everybody", NOTHING
    elif named in _BY_NAME:
        yield _BY_NAME[named], NOTHING


def _external_id(statement: Statement, expected: ExpectedTrust) -> Iterator[Line]:
    wanted = expected.external_id
    on_id = [c for c in statement.conditions if c.name == EXTERNAL_ID]
    is_pinned = any(pins(c, value=wanted) for c in on_id)
    codes = {c: external_id_code(c, wanted) for c in on_id}
    known = our_request(expected)
    is_reachable = statement.not_principals is not None or bool(named_by(statement.principals, expected) - NOBODY)
    if is_reachable and set(codes.values()) <= {"condition_unclear"}:
        yield Line(
            "external_id_missing", (*statement.path, "Condition"), needed=f"StringEquals sts:ExternalId {wanted}"
        )
    for condition, plain_code in codes.items():
        is_met = holds(condition, known) is True
        is_spare = is_pinned and bool(plain_code) and DIFFERENCE_KINDS[plain_code].alone is Severity.LOOSE
        code = plain_code if not is_spare else "condition_met" if is_met else ""
        if code:
            yield from _id_lines(code, statement, condition, wanted)
        if not is_met and (not code or DIFFERENCE_KINDS[code].alone is not Severity.SHUT):
            yield Line("external_id_none_wanted", _place(statement, condition), condition.operator, wanted)


def _id_lines(code: str, statement: Statement, condition: Condition, wanted: str) -> Iterator[Line]:
    place = _place(statement, condition)
    others = [value for value in condition.values if value != wanted]
    for value in others or [condition.operator]:
        hint = how_it_differs(value, wanted)
        is_slip = code == "external_id_other" and hint
        yield Line("external_id_misspelt" if is_slip else code, place, value, wanted, hint)


def _place(statement: Statement, condition: Condition) -> Path:
    return (*statement.path, "Condition", condition.operator, condition.key)
