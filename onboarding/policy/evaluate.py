"""AWS's evaluation of policies: allowed, denied, or hanging on what nobody can know beforehand.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (an explicit Deny
wins, and nothing is allowed that no statement allows).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from onboarding.policy.conditions import every, holds
from onboarding.policy.document import PolicyDocument, Statement
from onboarding.policy.globs import glob
from onboarding.policy.keys import Keys

VERSION_WITH_VARIABLES = "2012-10-17"


class Decision(StrEnum):
    """What AWS would decide. DEPENDS: on a key of the request that nobody can know beforehand."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DEPENDS = "depends"


@dataclass(frozen=True)
class Request:
    """A request. `principals` are all the names that a policy may call the caller by, each with its kind: `AWS:*`,
    `AWS:999988887777`, `Service:ec2.amazonaws.com`, and `*:*` for everybody.

    `some_session_of` begins the ARN of the caller's session, where its name is not known.
    """

    action: str
    keys: Keys
    principals: frozenset[str] = field(default_factory=frozenset)
    some_session_of: str = ""
    resource: str | None = None


def has_variables(policy: PolicyDocument) -> bool:
    """Whether the policy's version fills in `${…}`."""
    return policy.version == VERSION_WITH_VARIABLES


def evaluate(policies: Iterable[PolicyDocument], request: Request) -> Decision:
    """Return what these policies together decide about the request. Raises nothing but TooComplex."""
    is_allowed: bool | None = False
    is_denied: bool | None = False
    for policy in policies:
        for statement in policy.statements:
            answer = applies(statement, request, has_variables=has_variables(policy))
            if statement.effect == "Deny":
                if answer:
                    return Decision.DENIED
                is_denied = None if answer is None else is_denied
            elif statement.effect == "Allow" and not is_allowed:
                is_allowed = is_allowed if answer is False else answer
    if is_allowed is False:
        return Decision.DENIED
    return Decision.ALLOWED if is_allowed and is_denied is False else Decision.DEPENDS


def applies(statement: Statement, request: Request, *, has_variables: bool) -> bool | None:
    """Return whether the statement is about the request, whatever its effect."""
    if not names_action(statement, request.action):
        return False
    return every(_about(statement, request, has_variables))


def _about(statement: Statement, request: Request, has_variables: bool) -> Iterable[bool | None]:
    yield names_caller(statement, request) if request.resource is None else names_resource(statement, request.resource)
    for condition in statement.conditions:
        yield holds(condition, request.keys, has_variables=has_variables)


def names_action(statement: Statement, action: str) -> bool:
    """Whether the statement is about the action. Letter case does not count.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    lowered = action.lower()
    if statement.not_actions is not None:
        return not any(glob(pattern.lower()).matches(lowered) for pattern in statement.not_actions)
    return any(glob(pattern.lower()).matches(lowered) for pattern in statement.actions)


def names_resource(statement: Statement, resource: str) -> bool:
    """Whether the statement is about the resource, letter case and all.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
    """
    if statement.not_resources is not None:
        return not any(glob(pattern).matches(resource) for pattern in statement.not_resources)
    return any(glob(pattern).matches(resource) for pattern in statement.resources)


def names_caller(statement: Statement, request: Request) -> bool | None:
    """Return whether the statement's Principal names the caller. Everything in it is exact but a `*` alone.

    Whether `{"AWS": "*"}` means services and those who sign in through a provider too, AWS's pages do not say.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if statement.not_principals is not None:
        return None  # No policy of a role can have it, so nobody has said what it does there.
    named = {f"{kind}:{entry}" for kind, entries in statement.principals.items() for entry in entries}
    if not named.isdisjoint(request.principals):
        return True
    if "AWS:*" in named:
        return None
    is_maybe = request.some_session_of and any(entry.startswith(request.some_session_of) for entry in named)
    return None if is_maybe else False
