"""Whether a caller is allowed to assume a role: the sandbox's own evaluator of trust policies.

It is separate from the product's evaluator (onboarding/policy/, onboarding/trust/) on purpose: it is the oracle that
tests compare the product with. Keep it so: if the two shared code, a mistake in that code would pass every test.
Not evaluated: the caller's own identity policies, session tags, SourceIdentity, organisation policies.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.sts.trust_conditions import UnknownOperator, matches_glob, unmet_condition

ASSUME_ROLE = "sts:AssumeRole"
_ACCOUNT = re.compile(r"\d{12}|arn:[a-z-]+:iam::(?P<of_root>\d{12}):root")


@dataclass(frozen=True, kw_only=True)
class AssumeRoleRequest:
    """Everything in an AssumeRole call that a trust policy can mention.

    `principal_arn` is the IAM role or user behind the call (`aws:PrincipalArn`), `caller_arn` the session or user
    that signed it (`arn:aws:sts::…:assumed-role/…`), and `account_id` the account of the caller, not of the role.
    """

    principal_arn: str
    caller_arn: str
    account_id: str
    session_name: str = ""
    external_id: str | None = None

    @property
    def context(self) -> dict[str, str]:
        """The request's condition keys, in lower case, without those that an AssumeRole call does not carry."""
        keys = {
            "aws:principalarn": self.principal_arn,
            "aws:principalaccount": self.account_id,
            "aws:principaltype": "AssumedRole" if ":assumed-role/" in self.caller_arn else "User",
            "sts:rolesessionname": self.session_name,
        }
        if self.external_id is not None:
            keys["sts:externalid"] = self.external_id
        return keys


@dataclass(frozen=True)
class Decision:
    """The verdict and its reason. The reason is for the sandbox's log: AWS does not tell it to the caller."""

    allowed: bool
    reason: str


def evaluate(policy: object, request: AssumeRoleRequest) -> Decision:
    """Evaluate the parsed trust policy for the request.

    An explicit Deny wins. Without an Allow that matches in full, the request is denied. With an unknown operator, an
    Allow does not match and a Deny does, so that nothing unknown grants access.
    """
    try:
        statements = _statements(policy)
    except ValueError as error:
        return Decision(False, f"the trust policy is malformed: {error}")
    numbered = [(number, s.get("Effect"), _why_not(s, request)) for number, s in enumerate(statements, start=1)]
    for number, effect, miss in numbered:
        if effect == "Deny" and miss is None:
            return Decision(False, f"statement {number} denies it")
    for number, effect, miss in numbered:
        if effect == "Allow" and miss is None:
            return Decision(True, f"statement {number} allows it")
    allows = [(number, miss) for number, effect, miss in numbered if effect == "Allow"]
    return Decision(False, _no_allow(allows))


def _no_allow(misses: list[tuple[int, str | None]]) -> str:
    if not misses:
        return "the trust policy has no Allow statement"
    return "; ".join(f"statement {number}: {miss}" for number, miss in misses)


def _statements(policy: object) -> list[dict[str, object]]:
    if not isinstance(policy, dict):
        raise ValueError("not an object")
    raw = policy.get("Statement")
    listed: list[Any] = raw if isinstance(raw, list) else [raw]
    if not listed or not all(isinstance(statement, dict) for statement in listed):
        raise ValueError("Statement is neither an object nor a list of objects")
    return listed


def _why_not(statement: dict[str, object], request: AssumeRoleRequest) -> str | None:
    """Return what keeps the statement from applying to the request, or None when it applies."""
    if not _names_action(statement):
        return "the action does not match"
    if not _names_principal(statement, request):
        return "the principal does not match"
    try:
        unmet = unmet_condition(statement.get("Condition"), request.context)
    except (UnknownOperator, ValueError) as error:
        # To refuse is safe for both effects: such an Allow grants nothing, and such a Deny denies.
        return None if statement.get("Effect") == "Deny" else f"a condition is not understood: {error}"
    return None if unmet is None else f"{unmet} is not met"


def _names_action(statement: dict[str, object]) -> bool:
    if "NotAction" in statement:
        return not _any_action(statement["NotAction"])
    return _any_action(statement.get("Action"))


def _any_action(raw: object) -> bool:
    # Unlike almost everything in a policy, actions are case-insensitive.
    return any(matches_glob(ASSUME_ROLE.lower(), pattern.lower()) for pattern in _texts(raw))


def _names_principal(statement: dict[str, object], request: AssumeRoleRequest) -> bool:
    if "NotPrincipal" in statement:
        # AWS accepts NotPrincipal only with Deny. With Allow it would trust almost everybody.
        return statement.get("Effect") == "Deny" and not _any_principal(statement["NotPrincipal"], request)
    return _any_principal(statement.get("Principal"), request)


def _any_principal(raw: object, request: AssumeRoleRequest) -> bool:
    if raw == "*":
        return True
    # Service, Federated and CanonicalUser principals do not sign AssumeRole calls.
    named = raw.get("AWS") if isinstance(raw, dict) else None
    return any(_is_principal(entry, request) for entry in _texts(named))


def _is_principal(entry: str, request: AssumeRoleRequest) -> bool:
    account = _ACCOUNT.fullmatch(entry)
    if account is not None:
        return (account["of_root"] or entry) == request.account_id
    # AWS allows no wildcard inside an ARN here. A bare `*` is everybody. The ID of a deleted role (AROA…) is nobody.
    return entry == "*" or entry in {request.principal_arn, request.caller_arn}


def _texts(raw: object) -> list[str]:
    listed = raw if isinstance(raw, list) else [raw]
    return [entry for entry in listed if isinstance(entry, str)]
