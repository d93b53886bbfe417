"""Stacks that fail, stacks made wrong on request, and stacks mended by an update."""

from __future__ import annotations

import json

import pytest

from sandbox.cloudformation import stack_maker
from tests.sandbox_callers import (
    DENIED,
    NAME,
    RIGHT,
    ROLE_ARN,
    TENANT,
    WRONG,
    Tenant,
    Vendor,
    eventually,
    refusal,
)


def test_a_stack_that_fails_is_rolled_back(tenant: Tenant) -> None:
    tenant.create(fault="stack-fails")
    stack = tenant.finish("ROLLBACK_COMPLETE")

    assert stack.get("Outputs") is None
    assert not tenant.has_role()
    assert [status for _, status in tenant.events()] == [
        "CREATE_IN_PROGRESS",
        "CREATE_IN_PROGRESS",
        "CREATE_FAILED",
        "ROLLBACK_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
        "ROLLBACK_COMPLETE",
    ]
    assert f"is not authorized to perform: iam:CreateRole on resource: {ROLE_ARN}" in tenant.reasons()
    assert "The following resource(s) failed to create: [Role]. Rollback requested by user." in tenant.reasons()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no-rights", "because no identity-based policy allows the iam:CreateRole action (Service: Iam, "),
        (
            "boundary-demanded",
            f"with an explicit deny in a permissions boundary: arn:aws:iam::{TENANT}:policy/Developer",
        ),
        ("tags-demanded", "the following rule(s) failed: IAM_ROLE_REQUIRED_TAGS. Missing required tags: CostCenter"),
        ("quota-reached", "Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409, "),
    ],
)
def test_a_stack_can_fail_for_what_an_organisation_or_an_account_lacks(tenant: Tenant, fault: str, words: str) -> None:
    tenant.create(fault=fault)
    tenant.finish("ROLLBACK_COMPLETE")

    assert words in tenant.reasons()
    assert not tenant.has_role()


def test_a_role_with_the_demanded_tag_is_made(tenant: Tenant) -> None:
    tags = {"rolecall:sandbox-fault": "tags-demanded", "CostCenter": "42"}
    tenant.create(Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    tenant.finish()
    assert tenant.has_role()


def test_a_forbidden_region_and_a_taken_name_refuse_the_stack_before_anything_begins(tenant: Tenant) -> None:
    caller = f"arn:aws:sts::{TENANT}:assumed-role/sandbox-administrator/sandbox"

    assert refusal(lambda: tenant.create(fault="region-forbidden")) == (
        403,
        "AccessDenied",
        f"User: {caller} is not authorized to perform: cloudformation:CreateStack on resource: "
        f"arn:aws:cloudformation:us-east-1:{TENANT}:stack/{NAME}/* with an explicit deny in a service control policy",
    )
    assert refusal(lambda: tenant.create(fault="name-taken"))[1:] == (
        "AlreadyExistsException",
        f"Stack [{NAME}] already exists",
    )
    assert tenant.cloudformation.describe_stacks()["Stacks"] == []


def test_a_role_name_that_is_taken_fails_the_stack_and_leaves_that_role_alone(tenant: Tenant) -> None:
    tenant.iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps({"Statement": []}))

    tenant.create()
    tenant.finish("ROLLBACK_COMPLETE")

    assert f"{NAME} already exists" in tenant.reasons()
    assert tenant.has_role()
    tenant.iam.delete_role(RoleName=NAME)


def test_a_stack_can_be_made_with_another_external_id(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create(fault="wrong-external-id")
    stack = tenant.finish()

    used = stack["Parameters"][0]["ParameterValue"]
    assert used != RIGHT and used.startswith(f"{NAME}-") and len(used) == len(RIGHT)
    assert vendor.refusal() == DENIED
    assert vendor.assume(used)


def test_a_stack_can_make_a_role_that_ignores_the_external_id(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create(fault="ignores-external-id")
    tenant.finish()

    assert vendor.assume(RIGHT)
    assert vendor.assume(None)
    assert vendor.assume(WRONG)


def test_a_stack_can_stay_in_progress_though_its_role_is_there(
    tenant: Tenant, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_maker, "LATE_SECONDS", 0.5)
    tenant.create(fault="completes-late")
    eventually(tenant.has_role)

    assert vendor.assume()
    assert tenant.stack()["StackStatus"] == "CREATE_IN_PROGRESS"
    tenant.finish()


def test_an_update_that_fails_leaves_the_role_as_it_was_and_the_stack_not_whole(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create()
    tenant.finish()

    tenant.cloudformation.update_stack(
        StackName=NAME,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": WRONG}],
        Tags=[{"Key": "rolecall:sandbox-fault", "Value": "update-fails"}],
    )

    tenant.finish("UPDATE_ROLLBACK_FAILED")
    assert vendor.assume(RIGHT)


def test_an_updated_stack_changes_the_roles_trust(tenant: Tenant, vendor: Vendor) -> None:
    tenant.create(WRONG)
    tenant.finish()

    tenant.cloudformation.update_stack(
        StackName=NAME,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": RIGHT}],
    )
    tenant.finish("UPDATE_COMPLETE")

    assert vendor.assume(RIGHT)
    assert vendor.refusal(WRONG) == DENIED
    assert (
        refusal(
            lambda: tenant.cloudformation.update_stack(
                StackName=NAME,
                UsePreviousTemplate=True,
                Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": WRONG}],
            )
        )[1]
        == "InsufficientCapabilitiesException"
    )
