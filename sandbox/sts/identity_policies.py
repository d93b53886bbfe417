"""What a role's session is allowed to ask of IAM and CloudFormation. moto allows everything.

This is the part of AWS's evaluation that those two services need: the role's own policies, its permissions boundary
and the session policy must each allow, and a Deny in any of them wins. Statements with a Condition are ignored.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from moto.iam.models import Policy, Role, iam_backends

from sandbox.aws_errors import AwsError
from sandbox.cloudformation.stack_faults import StackFault
from sandbox.moto_access import MADE_BY_THE_SANDBOX, Caller, find_role
from sandbox.sts.operators import matches_glob

Document = Mapping[str, Any]


def refuse_session(caller: Caller, *, service: str, form: Mapping[str, str]) -> AwsError | None:
    """Return AWS's refusal of a session's call, or None. The sandbox's own administrators can do everything."""
    if not caller.is_session or service not in ("iam", "cloudformation"):
        return None
    role = find_role(caller.principal_arn)
    if role is not None and role.description == MADE_BY_THE_SANDBOX:
        return None
    action = f"{service}:{form.get('Action', '')}"
    resource = _resource(caller, service, form)
    layers = _layers(role, caller) if role is not None else [("identity-based policy", [])]
    refusing = next((kind for kind, documents in layers if not _allows(documents, action, resource)), None)
    if refusing is None:
        return None
    return AwsError(
        status=403,
        code="AccessDenied",
        message=f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} because no "
        f"{refusing} allows the {action} action",
    )


def refuse_region(caller: Caller, *, region: str, form: Mapping[str, str]) -> AwsError | None:
    """Return the refusal of a CreateStack whose tag says that the caller's organisation forbids the region, or None."""
    if form.get("Action") != "CreateStack" or StackFault.REGION_FORBIDDEN not in form.values():
        return None
    partition = caller.arn.split(":")[1]
    resource = f"arn:{partition}:cloudformation:{region}:{caller.account_id}:stack/{form.get('StackName', '')}/*"
    return AwsError(
        status=403,
        code="AccessDenied",
        message=f"User: {caller.arn} is not authorized to perform: cloudformation:CreateStack on resource: {resource} "
        "with an explicit deny in a service control policy",
    )


def _resource(caller: Caller, service: str, form: Mapping[str, str]) -> str:
    partition = caller.arn.split(":")[1]
    if service == "iam":
        roles = iam_backends[caller.account_id][partition].roles.values()
        named = form.get("RoleName", "")
        plain = f"arn:{partition}:iam::{caller.account_id}:role/{named}" if named else "*"
        return next((str(role.arn) for role in roles if role.name == named), plain)
    named = form.get("StackName", "")
    return named if named.startswith("arn:") else f"arn:{partition}:cloudformation:*:{caller.account_id}:stack/{named}/"


def _layers(role: Role, caller: Caller) -> Iterable[tuple[str, list[Document]]]:
    """Yield the policies that must each allow, by kind: the role's, then its boundary and the session's if any."""
    yield (
        "identity-based policy",
        [*map(_document, role.policies.values()), *map(_in_force, role.managed_policies.values())],
    )
    if boundary_arn := role.permissions_boundary_arn:
        managed = iam_backends[role.account_id][role.partition].managed_policies
        yield "permissions boundary", [_in_force(managed[boundary_arn])] if boundary_arn in managed else []
    if caller.session_policy:
        yield "session policy", [_document(caller.session_policy)]


def _in_force(policy: Policy) -> Document:
    return _document(next(version.document for version in policy.versions if version.is_default))


def _document(text: Any) -> Document:
    return dict(json.loads(text) if isinstance(text, str) else text)


def _allows(documents: list[Document], action: str, resource: str) -> bool:
    about = [s for d in documents for s in _listed(d["Statement"]) if _is_about(s, action, resource)]
    return {"Allow"} == {str(statement["Effect"]) for statement in about}


def _is_about(statement: Document, action: str, resource: str) -> bool:
    if statement.get("Condition"):
        return False
    return _names(statement, "Action", action.lower()) and _names(statement, "Resource", resource)


def _names(statement: Document, element: str, value: str) -> bool:
    if f"Not{element}" in statement:
        return not _names({element: statement[f"Not{element}"]}, element, value)
    patterns = _listed(statement.get(element, []))
    return any(matches_glob(value, p.lower() if element == "Action" else p) for p in patterns)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
