"""CloudFormation's calls on stacks and templates, as strict as AWS's, in place of moto's.

Unlike moto they refuse IAM resources without an acknowledgement, parameters that break their rules, bad stack names
and bad template URLs; and a stack takes time (gradual_stack.py, stack_maker.py). UpdateStack is in stack_updates.py.
Change sets are moto's, and instant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest.mock import patch

from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import generate_stack_id
from moto.core.responses import ActionResult, EmptyResult

from sandbox.callbacks.custom_resources import CustomResources
from sandbox.cloudformation.gradual_stack import GradualStack, StackResource
from sandbox.cloudformation.stack_faults import StackFault, parse_stack_fault, with_another_external_id
from sandbox.cloudformation.stack_maker import abandon, start_creating, start_deleting
from sandbox.cloudformation.template_fetching import fetch_template, template_text
from sandbox.cloudformation.template_rules import (
    Template,
    check_capabilities,
    check_parameters,
    parse_template,
    summarize,
)
from sandbox.moto_access import find_caller

_STACK_NAME = "[a-zA-Z][-a-zA-Z0-9]*"
LONGEST_STACK_NAME = 128


def replace_stack_calls(
    stack_seconds: Callable[[], float], *, custom_resources: CustomResources
) -> AbstractContextManager[object]:
    """Return the patch of moto, which lasts while its context does. `stack_seconds` tells how long a stack takes."""

    def create_stack(response: CloudFormationResponse) -> ActionResult:
        stack = _new_stack(response, custom_resources)
        backend = response.cloudformation_backend
        backend.stacks[stack.stack_id] = stack
        start_creating(stack, seconds=stack_seconds())
        return ActionResult({"StackId": stack.stack_id})

    def delete_stack(response: CloudFormationResponse) -> ActionResult:
        retained = frozenset(response._get_param("RetainResources") or ())
        name_or_id = response._get_param("StackName")
        _delete_stack(response.cloudformation_backend, name_or_id, seconds=stack_seconds(), retained=retained)
        return EmptyResult()

    return patch.multiple(
        CloudFormationResponse,
        create_stack=create_stack,
        delete_stack=delete_stack,
        describe_stack_resource=_describe_stack_resource,
        describe_stack_resources=_describe_stack_resources,
        list_stack_resources=_list_stack_resources,
        get_template_summary=_get_template_summary,
        validate_template=_validate_template,
        _get_stack_from_s3_url=fetch_template,
    )


def abandon_stacks() -> None:
    """Stop all threads that make or delete stacks, so that none changes the AWS of the next sandbox."""
    for account in list(cloudformation_backends.values()):
        for backend in list(account.values()):
            for stack in list(backend.stacks.values()):
                if isinstance(stack, GradualStack):
                    abandon(stack)


def _new_stack(response: CloudFormationResponse, custom_resources: CustomResources) -> GradualStack:
    name, backend = response._get_param("StackName"), response.cloudformation_backend
    _check_name(name)
    text = template_text(response)
    parameters = _checked_parameters(response, parse_template(text))
    tags = {item["Key"]: item["Value"] for item in response._get_param("Tags", [])}
    fault = parse_stack_fault(tags)
    if fault is StackFault.NAME_TAKEN or any(stack.name == name for stack in backend.stacks.values()):
        raise AlreadyExistsException(f"Stack [{name}] already exists")
    return GradualStack(
        caller_arn=_caller_arn(response),
        capabilities=response._get_param("Capabilities", []),
        fault=fault,
        custom_resources=custom_resources,
        stack_id=generate_stack_id(name, response.region, response.current_account),
        name=name,
        template=text,
        parameters=with_another_external_id(parameters) if fault is StackFault.WRONG_EXTERNAL_ID else parameters,
        account_id=response.current_account,
        region_name=response.region,
        notification_arns=response._get_param("NotificationARNs", []),
        tags=tags,
        role_arn=response._get_param("RoleARN"),
        cross_stack_resources=backend.exports,
        enable_termination_protection=response._get_param("EnableTerminationProtection"),
    )


def _checked_parameters(response: CloudFormationResponse, template: Template) -> dict[str, str]:
    given = {item["ParameterKey"]: item.get("ParameterValue", "") for item in response._get_param("Parameters", [])}
    check_parameters(template, given)
    check_capabilities(template, response._get_param("Capabilities", []))
    return given


def _caller_arn(response: CloudFormationResponse) -> str:
    caller = find_caller(response.access_key, region=response.region)
    # The STS in front refuses unknown callers. moto alone does not.
    return caller.arn if caller else f"arn:{response.partition}:iam::{response.current_account}:root"


def _check_name(name: str) -> None:
    unmet = None
    if re.fullmatch(_STACK_NAME, name) is None:
        unmet = f"Member must satisfy regular expression pattern: {_STACK_NAME}"
    elif len(name) > LONGEST_STACK_NAME:
        unmet = f"Member must have length less than or equal to {LONGEST_STACK_NAME}"
    if unmet:
        raise ValidationError(
            message=(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: {unmet}"
            )
        )


def _delete_stack(backend: CloudFormationBackend, name_or_id: str, *, seconds: float, retained: frozenset[str]) -> None:
    # AWS answers 200 also when there is no such stack.
    found = [stack for stack in backend.stacks.values() if name_or_id in {stack.name, stack.stack_id}]
    for stack in found:
        if retained and stack.status != "DELETE_FAILED":
            # The rule is AWS's, the words are ours: they are not documented.
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
            raise ValidationError(
                message=f"Invalid operation on stack [{stack.stack_id}]. RetainResources can be used only with "
                "DELETE_FAILED stacks."
            )
        if not isinstance(stack, GradualStack):
            backend.delete_stack(stack.stack_id)
        elif stack.status != "DELETE_IN_PROGRESS":
            when_deleted = partial(_move_to_deleted, backend, stack)
            start_deleting(stack, seconds=seconds, when_deleted=when_deleted, retained=retained)


def _move_to_deleted(backend: CloudFormationBackend, stack: GradualStack) -> None:
    backend.stacks.pop(stack.stack_id, None)
    backend.deleted_stacks[stack.stack_id] = stack


def _describe_stack_resource(response: CloudFormationResponse) -> ActionResult:
    logical_id = response._get_param("LogicalResourceId")
    stack, resources = _resources(response)
    found = [resource for resource in resources if resource["LogicalResourceId"] == logical_id]
    if not found:
        raise ValidationError(message=f"Resource {logical_id} does not exist for stack {stack.name}")
    return ActionResult({"StackResourceDetail": found[0]})


def _describe_stack_resources(response: CloudFormationResponse) -> ActionResult:
    logical_id = response._get_param("LogicalResourceId")
    _, resources = _resources(response)
    return ActionResult(
        {"StackResources": [resource for resource in resources if logical_id in {None, resource["LogicalResourceId"]}]}
    )


def _list_stack_resources(response: CloudFormationResponse) -> ActionResult:
    return ActionResult({"StackResourceSummaries": _resources(response)[1]})


def _resources(response: CloudFormationResponse) -> tuple[Stack, list[dict[str, Any]]]:
    stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
    if isinstance(stack, GradualStack):
        return stack, [_shown(stack, resource) for resource in stack.resources.values()]
    # A change set made it: moto's own stack, complete from the start.
    return stack, [
        _shown(
            stack,
            StackResource(
                logical_id=getattr(made, "logical_resource_id", ""),
                physical_id=getattr(made, "physical_resource_id", ""),
                resource_type=getattr(made, "cf_resource_type", ""),
                status="CREATE_COMPLETE",
                updated_at=stack.creation_time,
            ),
        )
        for made in stack.stack_resources
    ]


def _shown(stack: Stack, resource: StackResource) -> dict[str, Any]:
    # DescribeStackResources says Timestamp, the other two calls LastUpdatedTimestamp.
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.resource_type,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "Timestamp": resource.updated_at,
        "LastUpdatedTimestamp": resource.updated_at,
    }


def _get_template_summary(response: CloudFormationResponse) -> ActionResult:
    name = response._get_param("StackName")
    text = response.cloudformation_backend.get_stack(name).template if name else template_text(response)
    return ActionResult(summarize(parse_template(str(text))))


def _validate_template(response: CloudFormationResponse) -> ActionResult:
    return ActionResult(summarize(parse_template(template_text(response))))
