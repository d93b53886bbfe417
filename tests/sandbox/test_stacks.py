"""CloudFormation must refuse what AWS refuses, take its time, and tell the truth meanwhile."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from sandbox.aws import SandboxAws
from tests.sandbox_callers import (
    DENIED,
    NAME,
    RIGHT,
    ROLE_ARN,
    STACK_SECONDS,
    Tenant,
    Vendor,
    eventually,
    refusal,
)

pytestmark = pytest.mark.clocked


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"Capabilities": []}, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
        (
            {"Capabilities": ["CAPABILITY_IAM"]},
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_NAMED_IAM]",
        ),
        ({"Parameters": []}, "ValidationError", "Parameters: [ExternalId] must have values"),
        (
            {"Parameters": [{"ParameterKey": "externalid", "ParameterValue": RIGHT}]},
            "ValidationError",
            "Parameters: [externalid] do not exist in the template",
        ),
        (
            {"Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": "x"}]},
            "ValidationError",
            "Parameter 'ExternalId' must contain at least 20 characters",
        ),
        (
            {"Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": RIGHT + "0"}]},
            "ValidationError",
            "Parameter 'ExternalId' must match pattern [a-z][a-z0-9]{1,19}-[a-z0-9]{8}-[0-9a-f]{32}",
        ),
        (
            {"StackName": "no_underscores"},
            "ValidationError",
            "1 validation error detected: Value 'no_underscores' at 'stackName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
        ),
        (
            {"TemplateBody": "Resources: {}"},
            "ValidationError",
            "Template format error: At least one Resources member must be defined.",
        ),
        (
            {"Tags": [{"Key": "rolecall:sandbox-fault", "Value": "typo"}]},
            "ValidationError",
            "Tag rolecall:sandbox-fault must be one of: stack-fails, wrong-external-id, ignores-external-id, "
            "completes-late, update-fails, perimeter, callback-lost, no-rights, boundary-demanded, "
            "tags-demanded, quota-reached, region-forbidden, name-taken (a rule of the sandbox)",
        ),
    ],
)
def test_a_stack_that_aws_would_refuse_is_refused(
    tenant: Tenant, change: dict[str, Any], code: str, message: str
) -> None:
    assert refusal(lambda: tenant.create(**change)) == (400, code, message)
    assert tenant.cloudformation.describe_stacks()["Stacks"] == []


def test_a_name_is_taken_while_its_stack_stands_or_stands_rolled_back(tenant: Tenant) -> None:
    taken = (400, "AlreadyExistsException", f"Stack [{NAME}] already exists")
    tenant.create(fault="stack-fails")
    assert refusal(tenant.create) == taken
    tenant.finish("ROLLBACK_COMPLETE")
    assert refusal(tenant.create) == taken

    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: not tenant.cloudformation.describe_stacks()["Stacks"])

    assert tenant.create()


def test_a_stack_takes_its_time_and_tells_the_truth_meanwhile(aws: SandboxAws, tenant: Tenant) -> None:
    aws.stack_seconds = 1.0
    begun = time.monotonic()
    stack_id = tenant.create()
    assert time.monotonic() - begun < 0.5
    assert tenant.stack()["StackStatus"] == "CREATE_IN_PROGRESS"
    assert tenant.stack(stack_id).get("Outputs") is None
    assert not tenant.has_role()
    assert tenant.events() == [(NAME, "CREATE_IN_PROGRESS")]
    resources = tenant.cloudformation.describe_stack_resources(StackName=NAME)["StackResources"]
    assert resources == []

    eventually(lambda: ("Role", "CREATE_IN_PROGRESS") in tenant.events())
    assert not tenant.has_role()
    resource = tenant.cloudformation.list_stack_resources(StackName=NAME)["StackResourceSummaries"][0]
    assert (resource["LogicalResourceId"], resource["ResourceStatus"]) == ("Role", "CREATE_IN_PROGRESS")

    eventually(lambda: ("Role", "CREATE_COMPLETE") in tenant.events())
    assert tenant.has_role()
    assert tenant.stack()["StackStatus"] == "CREATE_IN_PROGRESS"

    stack = tenant.finish()
    assert 0.9 <= time.monotonic() - begun < 3
    assert stack["Outputs"] == [{"OutputKey": "RoleArn", "OutputValue": ROLE_ARN}]
    detail = tenant.cloudformation.describe_stack_resource(StackName=NAME, LogicalResourceId="Role")
    assert detail["StackResourceDetail"]["PhysicalResourceId"] == NAME
    assert tenant.events() == [
        (NAME, "CREATE_IN_PROGRESS"),
        ("Role", "CREATE_IN_PROGRESS"),
        ("Role", "CREATE_IN_PROGRESS"),
        ("Role", "CREATE_COMPLETE"),
        (NAME, "CREATE_COMPLETE"),
    ]


def test_deleting_a_stack_really_deletes(tenant: Tenant, vendor: Vendor) -> None:
    stack_id = tenant.create()
    tenant.finish()

    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")

    assert refusal(tenant.stack) == (400, "ValidationError", f"Stack with id {NAME} does not exist")
    assert not tenant.has_role()
    assert vendor.refusal() == DENIED
    assert tenant.events(stack_id)[-3:] == [
        ("Role", "DELETE_IN_PROGRESS"),
        ("Role", "DELETE_COMPLETE"),
        (NAME, "DELETE_COMPLETE"),
    ]


def test_a_stack_deleted_while_it_is_made_leaves_nothing(aws: SandboxAws, tenant: Tenant) -> None:
    aws.stack_seconds = 30
    stack_id = tenant.create()

    aws.stack_seconds = STACK_SECONDS
    tenant.cloudformation.delete_stack(StackName=NAME)

    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")
    assert not tenant.has_role()


def test_a_stack_whose_role_was_deleted_by_hand_can_still_be_deleted(tenant: Tenant) -> None:
    stack_id = tenant.create()
    tenant.finish()
    tenant.iam.delete_role_policy(RoleName=NAME, PolicyName="read")
    tenant.iam.delete_role(RoleName=NAME)

    tenant.cloudformation.delete_stack(StackName=NAME)

    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")


def test_a_stack_whose_role_has_a_policy_attached_by_hand_says_why_it_cannot_be_deleted(tenant: Tenant) -> None:
    tenant.create()
    tenant.finish()
    policy = tenant.iam.create_policy(
        PolicyName="extra",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        ),
    )["Policy"]
    tenant.iam.attach_role_policy(RoleName=NAME, PolicyArn=policy["Arn"])

    tenant.cloudformation.delete_stack(StackName=NAME)
    tenant.finish("DELETE_FAILED")
    assert "must detach all policies first" in tenant.reasons()

    tenant.iam.detach_role_policy(RoleName=NAME, PolicyArn=policy["Arn"])
    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: not tenant.cloudformation.describe_stacks()["Stacks"])
    assert not tenant.has_role()
