"""Whether a caller is allowed to assume a role: the sandbox's own evaluator of trust policies.

It is separate from the product's evaluator (onboarding/policy/, onboarding/trust/) on purpose: it is the oracle that
tests compare the product with. Keep it so: if the two shared code, a mistake in that code would pass every test.
Not evaluated: the caller's own identity policies.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.sts.operators import matches_glob
from sandbox.sts.request import ASSUME_ROLE, AssumeRoleRequest
from sandbox.sts.trust_conditions import UnknownOperator, unmet_condition
from sandbox.sts.variables import WITH_VARIABLES

_ACCOUNT = re.compile(r"\d{12}|arn:(?P<partition>[a-z-]+):iam::(?P<of_root>\d{12}):root")
_ROOT_USER = re.compile(r"arn:[a-z-]+:iam::\d{12}:root")
_ELEMENTS = {"service": "Service", "federated": "Federated"}


@dataclass(frozen=True)
class Decision:
    """The verdict and its reason. The reason is for the sandbox's log: AWS does not tell it to the caller.

    `action` is the one that was refused, or sts:AssumeRole.
    """

    allowed: bool
    reason: str
    action: str = ASSUME_ROLE


def evaluate(policy: object, request: AssumeRoleRequest) -> Decision:
    """Evaluate the parsed trust policy for the request: each of the request's actions must be allowed.

    An explicit Deny wins. Without an Allow that matches in full, the request is denied. With an unknown operator, an
    Allow does not match and a Deny does, so that nothing unknown grants access.
    """
    if request.kind == "aws" and _ROOT_USER.fullmatch(request.principal_arn):
        return Decision(False, "roles may not be assumed by root accounts")
    decisions = [_evaluate(policy, request, action) for action in request.actions]
    return next((decision for decision in decisions if not decision.allowed), decisions[0])


def why_denied(policy: object, request: AssumeRoleRequest) -> str | None:
    """Return which statement of a resource control policy denies the request, or None.

    Such a policy only ever denies: beside it, AWS's own RCPFullAWSAccess allows everything.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    for action in request.actions:
        for number, statement in enumerate(_statements(policy), start=1):
            if statement.get("Effect") == "Deny" and _why_not(statement, request, action, _variables(policy)) is None:
                return f"statement {number} of a resource control policy denies it"
    return None


def _evaluate(policy: object, request: AssumeRoleRequest, action: str) -> Decision:
    try:
        statements = _statements(policy)
    except ValueError as error:
        return Decision(False, f"the trust policy is malformed: {error}", action)
    misses = [_why_not(statement, request, action, _variables(policy)) for statement in statements]
    numbered = [(n, s.get("Effect"), miss) for n, (s, miss) in enumerate(zip(statements, misses, strict=True), start=1)]
    for number, effect, miss in numbered:
        if effect == "Deny" and miss is None:
            return Decision(False, f"statement {number} denies it", action)
    for number, effect, miss in numbered:
        if effect == "Allow" and miss is None:
            return Decision(True, f"statement {number} allows it", action)
    allows = [(number, miss) for number, effect, miss in numbered if effect == "Allow"]
    return Decision(False, _no_allow(allows), action)


def _variables(policy: object) -> bool:
    return isinstance(policy, dict) and policy.get("Version") == WITH_VARIABLES


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


def _why_not(statement: dict[str, object], request: AssumeRoleRequest, action: str, variables: bool) -> str | None:
    """Return what keeps the statement from applying to the request, or None when it applies."""
    if not _names_action(statement, action):
        return "the action does not match" if action == ASSUME_ROLE else f"{action} does not match"
    if not _names_principal(statement, request):
        return "the principal does not match"
    try:
        unmet = unmet_condition(statement.get("Condition"), request.context, variables=variables)
    except (UnknownOperator, ValueError) as error:
        # To refuse is safe for both effects: such an Allow grants nothing, and such a Deny denies.
        return None if statement.get("Effect") == "Deny" else f"a condition is not understood: {error}"
    return None if unmet is None else f"{unmet} is not met"


def _names_action(statement: dict[str, object], action: str) -> bool:
    if "NotAction" in statement:
        return not _any_action(statement["NotAction"], action)
    return _any_action(statement.get("Action"), action)


def _any_action(raw: object, action: str) -> bool:
    # Unlike almost everything in a policy, actions are case-insensitive.
    return any(matches_glob(action.lower(), pattern.lower()) for pattern in _texts(raw))


def _names_principal(statement: dict[str, object], request: AssumeRoleRequest) -> bool:
    if "NotPrincipal" in statement:
        # AWS accepts NotPrincipal only with Deny. With Allow it would trust almost everybody.
        return statement.get("Effect") == "Deny" and not _any_principal(statement["NotPrincipal"], request)
    raw = statement.get("Principal")
    # Denying "everybody" denies services and identity providers too. Whether allowing it lets them in, AWS does not
    # say: its pages name them, and here they must be named.
    return _any_principal(raw, request) or (statement.get("Effect") == "Deny" and _is_everybody(raw))


def _is_everybody(raw: object) -> bool:
    return raw == "*" or (isinstance(raw, dict) and "*" in _texts(raw.get("AWS")))


def _any_principal(raw: object, request: AssumeRoleRequest) -> bool:
    named = raw if isinstance(raw, dict) else {}
    if request.kind != "aws":
        return request.principal_arn in _texts(named.get(_ELEMENTS[request.kind]))
    # Services and identity providers do not sign calls for an account's roles and users.
    return raw == "*" or any(_is_principal(entry, request) for entry in _texts(named.get("AWS")))


def _is_principal(entry: str, request: AssumeRoleRequest) -> bool:
    account = _ACCOUNT.fullmatch(entry)
    if account is not None:
        # An account's number is one account; its root's ARN names the partition too, and no caller comes from another.
        partition = request.principal_arn.split(":")[1]
        return (account["of_root"] or entry) == request.account_id and account["partition"] in {None, partition}
    # AWS allows no wildcard inside an ARN here. A bare `*` is everybody. The ID of a deleted role (AROA…) is nobody.
    return entry == "*" or entry in {request.principal_arn, request.caller_arn}


def _texts(raw: object) -> list[str]:
    listed = raw if isinstance(raw, list) else [raw]
    return [entry for entry in listed if isinstance(entry, str)]
