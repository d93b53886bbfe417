"""UpdateStack, with the checks of CreateStack, that changes a role. moto's leaves the role's policies as they were.

A tenant whose role has a wrong external ID updates the stack to correct it, so this has to work. The update is
instant. The sandbox refuses one that would make, replace or remove a resource. With the tag update-fails it changes
nothing and its rollback fails too, so the stack ends UPDATE_ROLLBACK_FAILED.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import clean_json
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.iam.models import Role

from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.stack_faults import StackFault, parse_stack_fault
from sandbox.cloudformation.template_fetching import template_text
from sandbox.cloudformation.template_rules import check_capabilities, check_parameters, parse_template


def replace_update_stack() -> AbstractContextManager[object]:
    """Return the patch of moto, which lasts while its context does."""
    original = CloudFormationResponse.update_stack

    def update_stack(response: CloudFormationResponse) -> ActionResult:
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        if not isinstance(stack, GradualStack):
            return original(response)
        _update(stack, response)
        return ActionResult({"StackId": stack.stack_id})

    return patch.object(CloudFormationResponse, "update_stack", update_stack)


def _update(stack: GradualStack, response: CloudFormationResponse) -> None:
    if not stack.has_outputs:
        raise ValidationError(message=f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
    keeps_template = response._get_bool_param("UsePreviousTemplate", False)
    tags = {item["Key"]: item["Value"] for item in response._get_param("Tags", [])}
    if parse_stack_fault(tags) is StackFault.UPDATE_FAILS:
        _fail(stack)
        return
    text = str(stack.template) if keeps_template else template_text(response)
    template = parse_template(text)
    parameters = {
        item["ParameterKey"]: stack.parameters[item["ParameterKey"]]
        if item.get("UsePreviousValue")
        else item["ParameterValue"]
        for item in response._get_param("Parameters", [])
    }
    check_parameters(template, parameters)
    check_capabilities(template, response._get_param("Capabilities", []))
    if text == stack.template and parameters == stack.parameters:
        raise ValidationError(message="No updates are to be performed.")
    _change(stack, text=text, template=template, parameters=parameters)


def _change(stack: GradualStack, *, text: str, template: dict[str, Any], parameters: dict[str, str]) -> None:
    before = (stack.template, stack.template_dict, stack.parameters, stack.resource_map)
    made = stack.resource_map._parsed_resources
    stack.template, stack.template_dict, stack.parameters = text, template, parameters
    stack.resource_map = stack._create_resource_map()
    roles = {logical_id: made[logical_id] for logical_id in stack.resources}
    if set(stack.logical_ids()) != set(roles) or any(
        not isinstance(role, Role) or stack.custom_name(logical_id) != role.name for logical_id, role in roles.items()
    ):
        stack.template, stack.template_dict, stack.parameters, stack.resource_map = before
        raise ValidationError(message="This update would replace or remove a resource (a limit of the sandbox)")
    stack.resource_map._parsed_resources.update(roles)
    stack.output_map = stack._create_output_map()
    stack.set_status("UPDATE_IN_PROGRESS", reason="User Initiated")
    for logical_id, role in roles.items():
        stack.set_resource(logical_id, "UPDATE_IN_PROGRESS")
        _change_role(role, clean_json(template["Resources"][logical_id]["Properties"], stack.resource_map))
        stack.set_resource(logical_id, "UPDATE_COMPLETE")
    stack.set_status("UPDATE_COMPLETE")


def _fail(stack: GradualStack) -> None:
    stack.set_status("UPDATE_IN_PROGRESS", reason="User Initiated")
    stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason="The following resource(s) failed to update: [Role]. ")
    stack.set_status("UPDATE_ROLLBACK_FAILED", reason="The following resource(s) failed to update: [Role]. ")


def _change_role(role: Role, properties: dict[str, Any]) -> None:
    role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
    role.description = properties.get("Description", "")
    role.max_session_duration = properties.get("MaxSessionDuration", 3600)
    role.policies.clear()
    for policy in properties.get("Policies", []):
        role.put_policy(policy["PolicyName"], policy["PolicyDocument"])
