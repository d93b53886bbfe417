"""Stacks that go wrong on request: the `rolecall:sandbox-fault` tag on CreateStack, or on UpdateStack, says how."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum

from moto.cloudformation.exceptions import ValidationError
from moto.iam.models import Role

FAULT_TAG = "rolecall:sandbox-fault"
EXTERNAL_ID_PARAMETER = "ExternalId"


class StackFault(StrEnum):
    """What the tag may say."""

    STACK_FAILS = "stack-fails"
    WRONG_EXTERNAL_ID = "wrong-external-id"
    IGNORES_EXTERNAL_ID = "ignores-external-id"
    COMPLETES_LATE = "completes-late"
    UPDATE_FAILS = "update-fails"


def parse_stack_fault(tags: Mapping[str, str]) -> StackFault | None:
    """Read the tag. Raises moto's ValidationError for a value that means nothing."""
    if FAULT_TAG not in tags:
        return None
    try:
        return StackFault(tags[FAULT_TAG])
    except ValueError:
        known = ", ".join(StackFault)
        raise ValidationError(message=f"Tag {FAULT_TAG} must be one of: {known} (a rule of the sandbox)") from None


def with_another_external_id(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters with an ExternalId of the same form that is not the one given."""
    given = parameters.get(EXTERNAL_ID_PARAMETER)
    if given is None:
        return dict(parameters)
    # Same prefix and handle, other hex: the role gets the right name and the wrong trust.
    head = re.sub(r"[0-9a-f]{32}\Z", "", given)
    return {**parameters, EXTERNAL_ID_PARAMETER: head + secrets.token_hex(16)}


def stop_asking_for_the_external_id(role: Role) -> None:
    """Take every condition on sts:ExternalId out of the role's trust policy."""
    policy = json.loads(role.assume_role_policy_document)
    for statement in policy["Statement"]:
        conditions = {
            operator: {key: value for key, value in keys.items() if key.lower() != "sts:externalid"}
            for operator, keys in statement.pop("Condition", {}).items()
        }
        if kept := {operator: keys for operator, keys in conditions.items() if keys}:
            statement["Condition"] = kept
    role.assume_role_policy_document = json.dumps(policy)
