"""UpdateStack, with the checks of CreateStack, that changes a role. moto's leaves the role's policies as they were.

A tenant whose role has a wrong external ID updates the stack to correct it, so this has to work. The update is instant,
except that it waits for what custom resources answer (update_run.py). The sandbox refuses one that would make, replace
or remove anything else than a custom resource. With the tag update-fails it changes nothing and its rollback fails too,
so the stack ends UPDATE_ROLLBACK_FAILED.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import clean_json
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.iam.models import Role

from sandbox.callbacks.custom_resources import CustomResource
from sandbox.cloudformation.custom_steps import is_custom
from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.messaging_resources import takes_messaging
from sandbox.cloudformation.stack_faults import StackFault, parse_stack_fault
from sandbox.cloudformation.template_fetching import template_text
from sandbox.cloudformation.template_rules import check_capabilities, check_parameters, parse_template
from sandbox.cloudformation.update_run import Version, run_update


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
    fault = parse_stack_fault(tags)
    if fault is StackFault.UPDATE_FAILS:
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
    stack.fault = fault
    _change(stack, text=text, template=template, parameters=parameters)


def _change(stack: GradualStack, *, text: str, template: dict[str, Any], parameters: dict[str, str]) -> None:
    before = Version.of(stack)
    made = {logical_id: before.made[logical_id] for logical_id in stack.resources if logical_id in before.made}
    stack.template, stack.template_dict, stack.parameters = text, template, parameters
    stack.resource_map = stack._create_resource_map()
    wanted = stack.logical_ids()
    stack.resource_map._parsed_resources.update({i: one for i, one in made.items() if i in wanted})
    if not _is_possible(stack, before, made, wanted):
        before.restore(stack)
        raise ValidationError(message="This update would replace or remove a resource (a limit of the sandbox)")
    stack.output_map = stack._create_output_map()
    stack.set_status("UPDATE_IN_PROGRESS", reason="User Initiated")
    waits = any(isinstance(one, CustomResource) for one in made.values()) or any(
        is_custom(template["Resources"][logical_id]) for logical_id in wanted
    )
    if not waits:
        run_update(stack, before)
        return
    stack.maker = threading.Thread(target=run_update, args=(stack, before), name=f"update {stack.name}", daemon=True)
    stack.maker.start()


def _is_possible(stack: GradualStack, before: Version, made: dict[str, Any], wanted: list[str]) -> bool:
    """Whether all that is not a custom resource stays, under the same name, and only roles and policies change."""
    stays = {logical_id for logical_id, one in made.items() if not isinstance(one, CustomResource)}
    resources = stack.template_dict["Resources"]
    if stays != {logical_id for logical_id in wanted if not is_custom(resources[logical_id])}:
        return False
    for logical_id in stays:
        if isinstance(made[logical_id], Role):
            if stack.custom_name(logical_id) != made[logical_id].name:
                return False
        elif not takes_messaging(stack, logical_id) and before.properties(logical_id) != clean_json(
            resources[logical_id].get("Properties"), stack.resource_map
        ):
            return False
    return True


def _fail(stack: GradualStack) -> None:
    stack.set_status("UPDATE_IN_PROGRESS", reason="User Initiated")
    stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason="The following resource(s) failed to update: [Role]. ")
    stack.set_status("UPDATE_ROLLBACK_FAILED", reason="The following resource(s) failed to update: [Role]. ")
