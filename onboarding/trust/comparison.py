"""Is a deployed trust policy exactly the one agreed? If not, which line differs, and what does it let in or shut out?

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (an explicit Deny wins).
Every doubt is decided against the policy: it may be called loose or shut where it is neither, never the reverse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from onboarding.ground.wording import say
from onboarding.policy.document import PolicyDocument, Statement
from onboarding.policy.json_text import Unreadable
from onboarding.trust.allow_statement import Line, grants_assume_role, lets_us_in, lines_of, our_request
from onboarding.trust.conditions import Operator, holds
from onboarding.trust.differences import Severity, TrustDifference, difference
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.principals import MAYBE_US, named_by
from onboarding.trust.reading import parse_trust_policy

_MOST_DIFFERENCES = 40


@dataclass(frozen=True)
class _Read:
    """A statement, what is not as agreed in it, and whether it surely lets us in."""

    statement: Statement
    lines: tuple[Line, ...]
    lets_us_in: bool


def compare_trust(document: object, expected: ExpectedTrust) -> tuple[TrustDifference, ...]:
    """Return how a trust policy differs from the one agreed, in the policy's order; nothing returned, nothing differs.

    `document` is whatever parse_trust_policy takes, or what it returned. Without a LOOSE difference the policy lets
    in our role with our external ID and nobody else; without a SHUT one it lets us in.
    """
    policy = document if isinstance(document, PolicyDocument | Unreadable) else parse_trust_policy(document)
    if isinstance(policy, Unreadable):
        return difference("unreadable", hint=policy.sentence), difference("not_let_in")
    read = [_read(statement, expected) for statement in policy.statements]
    is_let_in = not policy.oddities and any(one.lets_us_in for one in read)
    found = [difference("not_in_grammar", hint=odd.sentence) for odd in policy.oddities]
    main = _main(read)
    for one in read:
        found += _of_statement(one, is_main=one.statement is main, is_let_in=is_let_in)
    if not is_let_in and not any(d.severity is Severity.SHUT for d in found):
        found.append(_not_let_in(main))
    return _shortened(found)


def corrected_policy(expected: ExpectedTrust) -> dict[str, Any]:
    """Return the trust policy that the stack template makes."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OneRoleOfTheVendorWithTheExternalId",
                "Effect": "Allow",
                "Principal": {"AWS": expected.account_root},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": expected.principal_arn},
                    "StringEquals": {"sts:ExternalId": expected.external_id},
                },
            }
        ],
    }


def corrected_text(expected: ExpectedTrust) -> str:
    """Return that policy as text to copy, indented as AWS's console and CLI do."""
    return json.dumps(corrected_policy(expected), indent=4)


def _read(statement: Statement, expected: ExpectedTrust) -> _Read:
    lines = [Line("not_in_grammar", odd.path, hint=odd.sentence) for odd in statement.oddities]
    if statement.effect == "Deny":
        lines.append(Line("deny_may_hit_us" if _may_deny_us(statement, expected) else "deny_elsewhere", statement.path))
    if statement.effect == "Allow":
        lines += lines_of(statement, expected)
    return _Read(statement, tuple(lines), lets_us_in(statement, expected))


def _main(read: Sequence[_Read]) -> Statement | None:
    """Return the statement that is meant for us: the nearest that lets us in, else the nearest."""
    allows = [one for one in read if one.statement.effect == "Allow"]
    nearest = min(allows, key=lambda one: (not one.lets_us_in, len(one.lines)), default=None)
    return nearest.statement if nearest else None


def _of_statement(one: _Read, *, is_main: bool, is_let_in: bool) -> list[TrustDifference]:
    statement = one.statement
    found = [_placed(line, statement, beside=is_let_in) for line in one.lines]
    if statement.effect == "Allow" and not is_main:
        adds = any(d.severity is Severity.LOOSE for d in found)
        extra = Line("extra_statement_lets_in" if adds else "extra_statement", statement.path)
        found.insert(0, _placed(extra, statement, beside=is_let_in))
    return found


def _may_deny_us(statement: Statement, expected: ExpectedTrust) -> bool:
    """Whether a Deny could apply to our request: what is not understood, does."""
    if statement.oddities or not all(Operator.parse(c.operator).is_known for c in statement.conditions):
        return True
    if not grants_assume_role(statement):
        return False
    if statement.not_principals is None and MAYBE_US.isdisjoint(named_by(statement.principals, expected)):
        return False
    known = our_request(expected)
    return not any(holds(condition, known) is False for condition in statement.conditions)


def _placed(line: Line, statement: Statement, *, beside: bool) -> TrustDifference:
    made = difference(line.code, hint=line.hint, found=line.found, needed=line.needed, beside=beside)
    return replace(made, statement=statement.number, sid=statement.sid, path=line.path)


def _not_let_in(main: Statement | None) -> TrustDifference:
    if main is None:
        return difference("not_let_in", hint=say("There is no Allow statement in it."))
    return replace(difference("not_let_in"), statement=main.number, sid=main.sid, path=main.path)


def _shortened(found: list[TrustDifference]) -> tuple[TrustDifference, ...]:
    """Return at most a page of differences, the first of every severity among them."""
    firsts = {severity: next((i for i, d in enumerate(found) if d.severity is severity), None) for severity in Severity}
    return tuple(d for i, d in enumerate(found) if i < _MOST_DIFFERENCES or i in firsts.values())
