"""Stacks that fail on request: the tag `rolecall:sandbox-fault` on CreateStack or UpdateStack says how."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum

from moto.cloudformation.exceptions import ValidationError
from moto.iam.models import Role

FAULT_TAG = "rolecall:sandbox-fault"
# The tag without which TAGS_DEMANDED refuses a role: an organisation demands some such.
DEMANDED_TAG = "CostCenter"
EXTERNAL_ID_PARAMETER = "ExternalId"


class StackFault(StrEnum):
    """The values of the tag. REGION_FORBIDDEN is refused before CloudFormation sees the call (sts/enforcing.py)."""

    STACK_FAILS = "stack-fails"
    WRONG_EXTERNAL_ID = "wrong-external-id"
    IGNORES_EXTERNAL_ID = "ignores-external-id"
    COMPLETES_LATE = "completes-late"
    UPDATE_FAILS = "update-fails"
    PERIMETER = "perimeter"
    CALLBACK_LOST = "callback-lost"
    NO_RIGHTS = "no-rights"
    BOUNDARY_DEMANDED = "boundary-demanded"
    TAGS_DEMANDED = "tags-demanded"
    QUOTA_REACHED = "quota-reached"
    REGION_FORBIDDEN = "region-forbidden"
    NAME_TAKEN = "name-taken"


def parse_stack_fault(tags: Mapping[str, str]) -> StackFault | None:
    """Return the fault that the tag names. Raises moto's ValidationError for an unknown one."""
    if FAULT_TAG not in tags:
        return None
    try:
        return StackFault(tags[FAULT_TAG])
    except ValueError:
        known = ", ".join(StackFault)
        raise ValidationError(message=f"Tag {FAULT_TAG} must be one of: {known} (a rule of the sandbox)") from None


def with_another_external_id(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters with another ExternalId of the same form."""
    given = parameters.get(EXTERNAL_ID_PARAMETER)
    if given is None:
        return dict(parameters)
    # The same prefix and handle, so that the role gets the right name and only its trust policy is wrong.
    head = re.sub(r"[0-9a-f]{32}\Z", "", given)
    return {**parameters, EXTERNAL_ID_PARAMETER: head + secrets.token_hex(16)}


def stop_asking_for_the_external_id(role: Role) -> None:
    """Remove every condition on sts:ExternalId from the role's trust policy."""
    policy = json.loads(role.assume_role_policy_document)
    for statement in policy["Statement"]:
        conditions = {
            operator: {key: value for key, value in keys.items() if key.lower() != "sts:externalid"}
            for operator, keys in statement.pop("Condition", {}).items()
        }
        if kept := {operator: keys for operator, keys in conditions.items() if keys}:
            statement["Condition"] = kept
    role.assume_role_policy_document = json.dumps(policy)
