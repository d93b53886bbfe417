"""Why CloudFormation could not make a resource, in the words that its events show."""

from __future__ import annotations

import json
import re
from uuid import uuid4

from moto.cloudformation.parsing import clean_json

from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.stack_faults import DEMANDED_TAG, StackFault

_ENDINGS: dict[StackFault | None, str] = {
    StackFault.STACK_FAILS: "with an explicit deny in a service control policy",
    StackFault.NO_RIGHTS: "because no identity-based policy allows the iam:CreateRole action",
    StackFault.BOUNDARY_DEMANDED: (
        "with an explicit deny in a permissions boundary: arn:{partition}:iam::{account_id}:policy/Developer"
    ),
}


def why_faulty(stack: GradualStack, logical_id: str) -> str | None:
    """Return why the stack's fault keeps a resource from being made, or None when it does not.

    Seen in public threads: the three refusals of a right (AWS's page on access denied has their endings), the quota,
    and the hook of CloudFormation Guard. A role's name stands for that of any resource.
    """
    if stack.fault in _ENDINGS:
        ending = _ENDINGS[stack.fault].format(partition=stack.stack_id.split(":")[1], account_id=stack.account_id)
        name = stack.custom_name(logical_id) or f"{stack.name}-{logical_id}"
        resource = f"arn:{stack.stack_id.split(':')[1]}:iam::{stack.account_id}:role/{name}"
        return by_handler(
            f"User: {stack.caller_arn} is not authorized to perform: iam:CreateRole on resource: {resource} {ending} "
            f"(Service: Iam, Status Code: 403, Request ID: {uuid4()})",
            code="AccessDenied",
        )
    if stack.fault is StackFault.QUOTA_REACHED:
        return by_handler(
            f"Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409, Request ID: {uuid4()})",
            code="ServiceLimitExceeded",
        )
    if stack.fault is StackFault.TAGS_DEMANDED and DEMANDED_TAG not in stack.tags:
        return (
            "Hook failed with message: Template failed validation, the following rule(s) failed: "
            f"IAM_ROLE_REQUIRED_TAGS. Missing required tags: {DEMANDED_TAG}"
        )
    return None


def why_refused(stack: GradualStack, logical_id: str, error: Exception) -> str:
    """Return why moto did not make the resource."""
    name = stack.custom_name(logical_id)
    if "already exists" in message_of(error) and name:
        return f"{name} already exists"
    return by_handler(message_of(error), code="GeneralServiceException")


def by_handler(message: str, *, code: str) -> str:
    """Return the message as one that a resource's handler returned."""
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: {code})'


def message_of(error: Exception) -> str:
    """Return the message of moto's error."""
    return str(getattr(error, "message", None) or error)


def principal_of_nobody(stack: GradualStack, logical_id: str) -> str | None:
    """Return the principal in the account 000000000000 that the role trusts, if any. IAM refuses unknown accounts."""
    properties = stack.template_dict["Resources"][logical_id].get("Properties") or {}
    trust = json.dumps(clean_json(properties.get("AssumeRolePolicyDocument"), stack.resource_map))
    found = re.search(r'"(arn:[a-z-]+:iam::0{12}:[^"]*|0{12})"', trust)
    return found[1] if found else None
