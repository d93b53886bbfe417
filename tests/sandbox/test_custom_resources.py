"""A stack's custom resource must be delivered, answered, timed out, rolled back and deleted as AWS does."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from sandbox.aws import SandboxAws
from sandbox.callbacks.delivery import DeliverySettings
from sandbox.console.app import create_console
from tests.sandbox.callback_callers import TOPIC_ARN, CallbackVendor, with_callback
from tests.sandbox_callers import NAME, RIGHT, TEMPLATE, TENANT, Tenant, Vendor, eventually, refusal

REPORTING = with_callback(TEMPLATE)
pytestmark = pytest.mark.usefixtures("empty_queue")


def test_a_stack_asks_before_it_makes_its_role_and_goes_on_when_answered(
    tenant: Tenant, receiver: CallbackVendor, vendor: Vendor
) -> None:
    stack_id = tenant.create(TemplateBody=REPORTING)
    event = receiver.event()

    assert {name: event[name] for name in event if name not in ("RequestId", "ResponseURL")} == {
        "RequestType": "Create",
        "ServiceToken": TOPIC_ARN,
        "ServiceTimeout": "300",
        "StackId": stack_id,
        "LogicalResourceId": "Callback",
        "ResourceType": "Custom::RolecallCallback",
        "ResourceProperties": {"ServiceToken": TOPIC_ARN, "ServiceTimeout": "300", "ExternalId": RIGHT},
    }
    assert not tenant.has_role()
    assert tenant.events() == [(NAME, "CREATE_IN_PROGRESS"), ("Callback", "CREATE_IN_PROGRESS")]

    assert receiver.answer(event, PhysicalResourceId="rolecall-0123") == 200

    tenant.finish()
    assert vendor.assume()
    made = tenant.cloudformation.describe_stack_resource(StackName=NAME, LogicalResourceId="Callback")
    assert made["StackResourceDetail"]["PhysicalResourceId"] == "rolecall-0123"
    assert tenant.iam.list_role_tags(RoleName=NAME)["Tags"] == [{"Key": "callback", "Value": "rolecall-0123"}]


def test_the_address_for_the_answer_has_the_form_of_awss(tenant: Tenant, receiver: CallbackVendor) -> None:
    stack_id = tenant.create(TemplateBody=REPORTING)
    event = receiver.event()
    address = urlsplit(event["ResponseURL"])

    assert address.scheme == "https"
    assert address.netloc == "cloudformation-custom-resource-response-useast1.s3.amazonaws.com"
    escaped = stack_id.replace(":", "%3A")
    assert address.path == f"/{escaped}%7CCallback%7C{event['RequestId']}"
    assert "X-Amz-Expires=7200" in address.query


def test_a_deleted_stack_loses_its_role_first_and_then_says_so(tenant: Tenant, receiver: CallbackVendor) -> None:
    stack_id = _create(tenant, receiver)

    tenant.cloudformation.delete_stack(StackName=NAME)
    event = receiver.event()

    assert (event["RequestType"], event["StackId"]) == ("Delete", stack_id)
    assert event["PhysicalResourceId"] == "rolecall-ours"
    assert not tenant.has_role()
    assert tenant.events(stack_id)[-3:] == [
        ("Role", "DELETE_IN_PROGRESS"),
        ("Role", "DELETE_COMPLETE"),
        ("Callback", "DELETE_IN_PROGRESS"),
    ]
    receiver.answer(event)
    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")


def test_an_answer_of_failed_rolls_the_stack_back_with_its_reason(tenant: Tenant, receiver: CallbackVendor) -> None:
    tenant.create(TemplateBody=REPORTING)
    create = receiver.event()
    receiver.answer(create, Status="FAILED", Reason="This connection was disconnected.", PhysicalResourceId="ours")

    delete = receiver.event()

    assert (delete["RequestType"], delete["PhysicalResourceId"]) == ("Delete", "ours")
    assert delete["RequestId"] != create["RequestId"]
    receiver.answer(delete)
    tenant.finish("ROLLBACK_COMPLETE")
    assert (
        "Received response status [FAILED] from custom resource. Message returned: This connection was disconnected. "
        f"(RequestId: {create['RequestId']})"
    ) in tenant.reasons()
    assert not tenant.has_role()


def test_a_stack_that_nobody_answers_is_rolled_back_with_a_delete(
    aws: SandboxAws, tenant: Tenant, receiver: CallbackVendor
) -> None:
    aws.delivery.settings = DeliverySettings(timeout_seconds=0.3)
    tenant.create(TemplateBody=REPORTING)
    create = receiver.event()

    delete = receiver.event()

    assert delete["RequestType"] == "Delete"
    assert delete["PhysicalResourceId"].startswith(f"{NAME}-Callback-")
    receiver.answer(delete)
    tenant.finish("ROLLBACK_COMPLETE")
    assert (
        "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
        f"[{create['RequestId']}]."
    ) in tenant.reasons()


def test_a_role_that_fails_sends_a_delete_for_the_callback_before_it(tenant: Tenant, receiver: CallbackVendor) -> None:
    tenant.create(TemplateBody=REPORTING, fault="stack-fails")
    receiver.answer(receiver.event())

    delete = receiver.event()

    assert delete["RequestType"] == "Delete"
    receiver.answer(delete)
    tenant.finish("ROLLBACK_COMPLETE")
    assert "The following resource(s) failed to create: [Role]. Rollback requested by user." in tenant.reasons()


def test_a_delete_that_fails_leaves_the_stack_to_be_deleted_again(tenant: Tenant, receiver: CallbackVendor) -> None:
    _create(tenant, receiver)
    tenant.cloudformation.delete_stack(StackName=NAME)
    receiver.answer(receiver.event(), Status="FAILED", Reason="not now")
    tenant.finish("DELETE_FAILED")

    tenant.cloudformation.delete_stack(StackName=NAME)
    receiver.answer(receiver.event())

    eventually(lambda: not tenant.cloudformation.describe_stacks()["Stacks"])


def test_a_stack_that_cannot_be_deleted_goes_without_what_is_retained(tenant: Tenant, receiver: CallbackVendor) -> None:
    _create(tenant, receiver)
    code = refusal(lambda: tenant.cloudformation.delete_stack(StackName=NAME, RetainResources=["Callback"]))[1]
    assert code == "ValidationError"
    tenant.cloudformation.delete_stack(StackName=NAME)
    event = receiver.event()
    receiver.answer(event, Status="FAILED", Reason="not now")
    tenant.finish("DELETE_FAILED")

    tenant.cloudformation.delete_stack(StackName=NAME, RetainResources=[event["LogicalResourceId"]])

    eventually(lambda: not tenant.cloudformation.describe_stacks()["Stacks"])


def test_a_stack_deleted_while_it_waits_sends_a_delete(tenant: Tenant, receiver: CallbackVendor) -> None:
    stack_id = tenant.create(TemplateBody=REPORTING)
    receiver.event()

    tenant.cloudformation.delete_stack(StackName=NAME)

    delete = receiver.event()
    assert delete["RequestType"] == "Delete"
    receiver.answer(delete)
    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")


def test_a_stack_in_a_region_without_a_topic_asks_nobody(aws: SandboxAws, receiver: CallbackVendor) -> None:
    tenant = Tenant(aws)
    elsewhere = tenant.create(TemplateBody=REPORTING.replace("Region, us-east-1", "Region, eu-west-1"))

    tenant.finish()

    assert elsewhere and receiver.receive(seconds=0) == []
    assert tenant.iam.list_role_tags(RoleName=NAME)["Tags"] == [{"Key": "callback", "Value": "none"}]


@pytest.mark.parametrize(
    "there", ["sns:eu-west-1:999988887777:rolecall-callback-northwind", "sns:us-east-1:999988887777:x"]
)
def test_a_topic_that_the_region_does_not_have_fails_the_stack(tenant: Tenant, there: str) -> None:
    ours = "sns:${AWS::Region}:999988887777:rolecall-callback-northwind"
    tenant.create(TemplateBody=REPORTING.replace(ours, there))

    tenant.finish("ROLLBACK_COMPLETE")

    assert "Invalid parameter: TopicArn (Service: AmazonSNS; Status Code: 400;" in tenant.reasons()


def test_an_organisation_can_forbid_to_publish(tenant: Tenant, receiver: CallbackVendor) -> None:
    tenant.create(TemplateBody=REPORTING, fault="perimeter")

    tenant.finish("ROLLBACK_COMPLETE")

    assert (
        f"User: arn:aws:sts::{TENANT}:assumed-role/sandbox-administrator/sandbox is not authorized to perform: "
        f"SNS:Publish on resource: {TOPIC_ARN} with an explicit deny in a service control policy"
    ) in tenant.reasons()
    assert receiver.receive(seconds=0) == []


def test_a_callback_can_get_lost_so_that_only_the_delete_is_heard(
    aws: SandboxAws, tenant: Tenant, receiver: CallbackVendor
) -> None:
    aws.delivery.settings = DeliverySettings(timeout_seconds=0.3)
    tenant.create(TemplateBody=REPORTING, fault="callback-lost")

    event = receiver.event()

    assert event["RequestType"] == "Delete"
    receiver.answer(event)
    tenant.finish("ROLLBACK_COMPLETE")


def test_the_console_shows_what_the_stack_waits_for_and_why_it_failed(
    aws: SandboxAws, tenant: Tenant, receiver: CallbackVendor
) -> None:
    browser = create_console(aws).test_client()
    stack_id = tenant.create(TemplateBody=REPORTING)
    event = receiver.event()

    resources = browser.get("/cloudformation/stack/resources", query_string={"stackId": stack_id}).text
    assert "Custom::RolecallCallback" in resources
    assert "CREATE_IN_PROGRESS" in resources

    receiver.answer(event, Status="FAILED", Reason="This connection was disconnected.")
    receiver.answer(receiver.event())
    tenant.finish("ROLLBACK_COMPLETE")
    events = browser.get("/cloudformation/stack/events", query_string={"stackId": stack_id}).text
    assert "Message returned: This connection was disconnected. (RequestId: " in events
    assert "DELETE_COMPLETE" in events


def _create(tenant: Tenant, receiver: CallbackVendor) -> str:
    stack_id = tenant.create(TemplateBody=REPORTING)
    receiver.answer(receiver.event())
    tenant.finish()
    return stack_id
