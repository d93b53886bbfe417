"""The course of an update: one resource after another, then what is left over is deleted; or everything back.

Custom resources get a Create where they are new, an Update where their properties changed, and a Delete where they are
gone or another physical ID took their place. A rollback undoes all three.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moto.cloudformation.parsing import ResourceMap, clean_json
from moto.iam.models import Role

from sandbox.callbacks.custom_resources import CustomResource, RequestFailed
from sandbox.cloudformation.custom_steps import (
    create_custom,
    custom_of,
    declared_properties,
    delete_custom,
    is_custom,
    update_custom,
)
from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.messaging_resources import make_messaging, takes_messaging
from sandbox.moto_access import MOTO_LOCK


@dataclass(frozen=True)
class Version:
    """A stack's template with its parameters, and what was made from it."""

    template: str
    template_dict: dict[str, Any]
    parameters: dict[str, str]
    resource_map: ResourceMap
    output_map: Any

    @classmethod
    def of(cls, stack: GradualStack) -> Version:
        """Return the stack's version of now."""
        return cls(str(stack.template), stack.template_dict, stack.parameters, stack.resource_map, stack.output_map)

    @property
    def made(self) -> dict[str, Any]:
        """What was made, by logical ID, beside moto's pseudo parameters."""
        return dict(self.resource_map._parsed_resources)

    def properties(self, logical_id: str) -> Any:
        """Return the resource's properties in this version, resolved."""
        return clean_json(self.template_dict["Resources"][logical_id].get("Properties"), self.resource_map)

    def restore(self, stack: GradualStack) -> None:
        """Give the stack this version again."""
        stack.template, stack.template_dict, stack.parameters = self.template, self.template_dict, self.parameters
        stack.resource_map, stack.output_map = self.resource_map, self.output_map


@dataclass
class _Course:
    """What has happened so far. `left_over`: what to delete once all has gone well."""

    created: list[str] = field(default_factory=list)
    updated: dict[str, CustomResource] = field(default_factory=dict)
    left_over: list[tuple[str, CustomResource]] = field(default_factory=list)


def run_update(stack: GradualStack, before: Version) -> None:
    """Bring the stack from the version before to the one it now has. Ends UPDATE_COMPLETE or rolled back."""
    course = _Course()
    for logical_id in stack.logical_ids():
        is_new = logical_id not in before.made
        try:
            _step(stack, logical_id, course, is_new=is_new)
        except RequestFailed as failure:
            if stack.is_cancelled.is_set():
                return
            stack.set_resource(logical_id, "CREATE_FAILED" if is_new else "UPDATE_FAILED", reason=failure.reason)
            _roll_back(stack, before, course, logical_id)
            return
    gone = {i: one for i, one in before.made.items() if isinstance(one, CustomResource) and custom_of(stack, i) is None}
    _clean_up(stack, [*course.left_over, *gone.items()], "UPDATE_COMPLETE")


def _step(stack: GradualStack, logical_id: str, course: _Course, *, is_new: bool) -> None:
    if not is_custom(stack.template_dict["Resources"][logical_id]):
        _change_in_place(stack, logical_id)
        return
    if is_new:
        stack.set_resource(logical_id, "CREATE_IN_PROGRESS")
        try:
            made = create_custom(stack, logical_id, stop=stack.is_cancelled)
        finally:
            if custom_of(stack, logical_id) is not None:
                course.created.append(logical_id)
        stack.set_resource(logical_id, "CREATE_COMPLETE", physical_id=made.physical_resource_id)
        return
    known = custom_of(stack, logical_id)
    if known is None or declared_properties(stack, logical_id) == known.properties:
        return
    stack.set_resource(logical_id, "UPDATE_IN_PROGRESS")
    course.updated[logical_id] = replace(known, properties=declared_properties(stack, logical_id))
    try:
        replaced = update_custom(stack, logical_id, before=known, stop=stack.is_cancelled)
    except RequestFailed as failure:
        if not failure.was_sent:
            course.updated.pop(logical_id)
        raise
    now = custom_of(stack, logical_id) or known
    course.updated[logical_id] = now
    if replaced:
        course.left_over.append((logical_id, known))
    stack.set_resource(logical_id, "UPDATE_COMPLETE", physical_id=now.physical_resource_id)


def _change_in_place(stack: GradualStack, logical_id: str) -> None:
    with MOTO_LOCK:
        made = stack.resource_map._parsed_resources[logical_id]
        if not isinstance(made, Role) and not takes_messaging(stack, logical_id):
            return
        stack.set_resource(logical_id, "UPDATE_IN_PROGRESS")
        if isinstance(made, Role):
            declared = stack.template_dict["Resources"][logical_id]["Properties"]
            _change_role(made, clean_json(declared, stack.resource_map))
        else:
            make_messaging(stack, logical_id)
        stack.set_resource(logical_id, "UPDATE_COMPLETE")


def _roll_back(stack: GradualStack, before: Version, course: _Course, failed_id: str) -> None:
    stack.set_status(
        "UPDATE_ROLLBACK_IN_PROGRESS", reason=f"The following resource(s) failed to update: [{failed_id}]. "
    )
    created = [(i, one) for i in course.created if (one := custom_of(stack, i)) is not None]
    with MOTO_LOCK:
        before.restore(stack)
    try:
        for logical_id in stack.logical_ids():
            if logical_id in course.updated:
                stack.set_resource(logical_id, "UPDATE_IN_PROGRESS")
                update_custom(stack, logical_id, before=course.updated[logical_id], stop=stack.is_cancelled)
                stack.set_resource(logical_id, "UPDATE_COMPLETE")
            elif not is_custom(stack.template_dict["Resources"][logical_id]):
                _change_in_place(stack, logical_id)
    except RequestFailed as failure:
        if not stack.is_cancelled.is_set():
            stack.set_resource(logical_id, "UPDATE_FAILED", reason=failure.reason)
            stack.set_status(
                "UPDATE_ROLLBACK_FAILED", reason=f"The following resource(s) failed to update: [{logical_id}]. "
            )
        return
    _clean_up(stack, created, "UPDATE_ROLLBACK_COMPLETE")


def _clean_up(stack: GradualStack, left_over: list[tuple[str, CustomResource]], status: str) -> None:
    """Delete what is left over. As on AWS, the update is complete even if that does not succeed."""
    if left_over:
        stack.set_status(f"{status}_CLEANUP_IN_PROGRESS")
    for logical_id, resource in left_over:
        stack.set_resource(logical_id, "DELETE_IN_PROGRESS")
        try:
            delete_custom(stack, logical_id, resource=resource, stop=stack.is_cancelled)
        except RequestFailed as failure:
            if stack.is_cancelled.is_set():
                return
            stack.set_resource(logical_id, "DELETE_FAILED", reason=failure.reason)
        else:
            stack.set_resource(logical_id, "DELETE_COMPLETE")
        if (now := custom_of(stack, logical_id)) is not None:
            # Only the one before it was deleted. moto's events and lists know one resource by the name.
            stack.set_resource(logical_id, "UPDATE_COMPLETE", physical_id=now.physical_resource_id)
    stack.set_status(status)


def _change_role(role: Role, properties: Mapping[str, Any]) -> None:
    role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
    role.description = properties.get("Description", "")
    role.max_session_duration = properties.get("MaxSessionDuration", 3600)
    role.tags = list(properties.get("Tags", []))
    role.policies.clear()
    for policy in properties.get("Policies", []):
        role.put_policy(policy["PolicyName"], policy["PolicyDocument"])
