"""Making, changing and deleting the custom resources of a stack. Every step waits for an answer, without MOTO_LOCK."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from moto.cloudformation.parsing import clean_json
from moto.moto_api._internal import mock_random

from sandbox.callbacks.custom_resources import Asker, CustomResource, RequestFailed, as_texts
from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.stack_faults import StackFault
from sandbox.moto_access import MOTO_LOCK


def is_custom(declared: Mapping[str, Any]) -> bool:
    """Whether the declared resource is a custom one."""
    return str(declared["Type"]).startswith("Custom::") or declared["Type"] == "AWS::CloudFormation::CustomResource"


def custom_of(stack: GradualStack, logical_id: str) -> CustomResource | None:
    """Return the stack's custom resource of that name that was asked for, or None."""
    with MOTO_LOCK:
        found = stack.resource_map._parsed_resources.get(logical_id)
    return found if isinstance(found, CustomResource) else None


def declared_properties(stack: GradualStack, logical_id: str) -> dict[str, Any]:
    """Return the properties that the template gives a custom resource, resolved, as its events carry them."""
    with MOTO_LOCK:
        raw = clean_json(stack.template_dict["Resources"][logical_id].get("Properties") or {}, stack.resource_map)
    return dict(as_texts(raw))


def create_custom(stack: GradualStack, logical_id: str, *, stop: threading.Event) -> CustomResource:
    """Send the Create. Raises RequestFailed; a rollback then has to send a Delete, unless nothing was sent.

    Until an answer names it, the resource has a physical ID that CloudFormation invented.
    """
    made = CustomResource(
        f"{stack.name}-{logical_id}-{mock_random.get_random_string(12, include_digits=True).upper()}",
        declared_properties(stack, logical_id),
        str(stack.template_dict["Resources"][logical_id]["Type"]),
    )
    _know(stack, logical_id, made)
    try:
        answered = stack.asking.ask(
            _asker(stack), request_type="Create", logical_id=logical_id, resource=made, stop=stop
        )
    except RequestFailed as failure:
        made.physical_resource_id = failure.physical_id or made.physical_resource_id
        if not failure.was_sent:
            _forget(stack, logical_id)
        raise
    made.physical_resource_id, made.data = answered.physical_id, answered.data
    return made


def update_custom(stack: GradualStack, logical_id: str, *, before: CustomResource, stop: threading.Event) -> str:
    """Send the Update, and return the physical ID of what it replaced, or an empty text. Raises RequestFailed."""
    changed = CustomResource(
        before.physical_resource_id,
        declared_properties(stack, logical_id),
        str(stack.template_dict["Resources"][logical_id]["Type"]),
        before.data,
    )
    if changed.properties.get("ServiceToken") != before.properties.get("ServiceToken"):
        raise RequestFailed("Modifying service token is not allowed.", was_sent=False)
    answered = stack.asking.ask(
        _asker(stack),
        request_type="Update",
        logical_id=logical_id,
        resource=changed,
        old_properties=before.properties,
        stop=stop,
    )
    changed.physical_resource_id, changed.data = answered.physical_id, answered.data
    _know(stack, logical_id, changed)
    return "" if answered.physical_id == before.physical_resource_id else before.physical_resource_id


def delete_custom(
    stack: GradualStack, logical_id: str, *, resource: CustomResource | None = None, stop: threading.Event
) -> None:
    """Send the Delete of the stack's custom resource, or of that older `resource`. Raises RequestFailed."""
    known = custom_of(stack, logical_id)
    asked = resource or known
    if asked is None:
        return
    stack.asking.ask(_asker(stack), request_type="Delete", logical_id=logical_id, resource=asked, stop=stop)
    if asked is known:
        _forget(stack, logical_id)


def _asker(stack: GradualStack) -> Asker:
    return Asker(
        stack_id=stack.stack_id,
        caller_arn=stack.caller_arn,
        region=stack.region_name,
        is_fenced=stack.fault is StackFault.PERIMETER,
        loses_create=stack.fault is StackFault.CALLBACK_LOST,
    )


def _know(stack: GradualStack, logical_id: str, resource: CustomResource) -> None:
    with MOTO_LOCK:
        stack.resource_map._parsed_resources[logical_id] = resource


def _forget(stack: GradualStack, logical_id: str) -> None:
    with MOTO_LOCK:
        stack.resource_map._parsed_resources.pop(logical_id, None)
