"""An updated stack must ask its custom resource for what changed, as AWS does, and take it back when that fails."""

from __future__ import annotations

import pytest

from tests.sandbox.callback_callers import CallbackVendor, with_callback
from tests.sandbox_callers import NAME, RIGHT, TEMPLATE, WRONG, Tenant, Vendor, eventually

REPORTING = with_callback(TEMPLATE)
pytestmark = pytest.mark.usefixtures("empty_queue")


def test_a_changed_property_asks_for_an_update_and_nothing_else(
    tenant: Tenant, receiver: CallbackVendor, vendor: Vendor
) -> None:
    _create(tenant, receiver, WRONG)

    _update(tenant, external_id=RIGHT)
    event = receiver.event()

    assert (event["RequestType"], event["PhysicalResourceId"]) == ("Update", "rolecall-ours")
    assert event["OldResourceProperties"]["ExternalId"] == WRONG
    assert event["ResourceProperties"]["ExternalId"] == RIGHT
    assert tenant.stack()["StackStatus"] == "UPDATE_IN_PROGRESS"
    receiver.answer(event)
    tenant.finish("UPDATE_COMPLETE")
    assert vendor.assume(RIGHT)
    assert receiver.receive(seconds=0) == []


def test_another_physical_id_has_the_old_one_deleted_at_the_end(tenant: Tenant, receiver: CallbackVendor) -> None:
    _create(tenant, receiver, WRONG)
    _update(tenant, external_id=RIGHT)
    receiver.answer(receiver.event(), PhysicalResourceId="rolecall-new")

    delete = receiver.event()

    assert (delete["RequestType"], delete["PhysicalResourceId"]) == ("Delete", "rolecall-ours")
    assert tenant.stack()["StackStatus"] == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert tenant.iam.list_role_tags(RoleName=NAME)["Tags"] == [{"Key": "callback", "Value": "rolecall-new"}]
    receiver.answer(delete)
    tenant.finish("UPDATE_COMPLETE")


def test_a_stack_without_callback_asks_for_a_create_when_it_is_updated_to_one(
    tenant: Tenant, receiver: CallbackVendor
) -> None:
    tenant.create()
    tenant.finish()

    _update(tenant, template=REPORTING)
    event = receiver.event()

    assert event["RequestType"] == "Create"
    receiver.answer(event)
    tenant.finish("UPDATE_COMPLETE")
    tenant.cloudformation.delete_stack(StackName=NAME)
    delete = receiver.event()
    assert delete["RequestType"] == "Delete"
    receiver.answer(delete)


def test_a_stack_updated_to_no_callback_asks_for_a_delete(tenant: Tenant, receiver: CallbackVendor) -> None:
    _create(tenant, receiver)

    _update(tenant, template=TEMPLATE)
    event = receiver.event()

    assert (event["RequestType"], event["PhysicalResourceId"]) == ("Delete", "rolecall-ours")
    receiver.answer(event)
    tenant.finish("UPDATE_COMPLETE")
    assert tenant.has_role()


def test_an_update_that_fails_is_taken_back(tenant: Tenant, receiver: CallbackVendor, vendor: Vendor) -> None:
    _create(tenant, receiver)
    _update(tenant, external_id=WRONG)
    receiver.answer(receiver.event(), Status="FAILED", Reason="another stack is bound")

    back = receiver.event()

    assert back["RequestType"] == "Update"
    assert back["ResourceProperties"]["ExternalId"] == RIGHT
    assert back["OldResourceProperties"]["ExternalId"] == WRONG
    receiver.answer(back)
    tenant.finish("UPDATE_ROLLBACK_COMPLETE")
    assert vendor.assume(RIGHT)


def test_a_create_that_fails_in_an_update_is_followed_by_its_delete(tenant: Tenant, receiver: CallbackVendor) -> None:
    tenant.create()
    tenant.finish()
    _update(tenant, template=REPORTING)
    receiver.answer(receiver.event(), Status="FAILED", Reason="no")

    delete = receiver.event()

    assert delete["RequestType"] == "Delete"
    receiver.answer(delete)
    tenant.finish("UPDATE_ROLLBACK_COMPLETE")
    assert tenant.has_role()


def test_a_topic_cannot_be_changed_in_place(tenant: Tenant, receiver: CallbackVendor) -> None:
    _create(tenant, receiver)

    _update(tenant, template=REPORTING.replace("rolecall-callback-northwind", "rolecall-callback-other"))

    tenant.finish("UPDATE_ROLLBACK_COMPLETE")
    assert "Modifying service token is not allowed." in tenant.reasons()
    assert receiver.receive(seconds=0) == []


def test_a_renamed_custom_resource_is_made_anew_and_the_old_one_deleted(
    tenant: Tenant, receiver: CallbackVendor
) -> None:
    _create(tenant, receiver)

    _update(tenant, template=REPORTING.replace("  Callback:", "  Other:").replace("!Ref Callback", "!Ref Other"))
    create = receiver.event()
    receiver.answer(create)
    delete = eventually(lambda: receiver.receive(seconds=1))[0]

    assert (create["RequestType"], create["LogicalResourceId"]) == ("Create", "Other")
    assert (delete["RequestType"], delete["LogicalResourceId"]) == ("Delete", "Callback")
    receiver.answer(delete)
    tenant.finish("UPDATE_COMPLETE")


def _create(tenant: Tenant, receiver: CallbackVendor, external_id: str = RIGHT) -> None:
    tenant.create(external_id, TemplateBody=REPORTING)
    receiver.answer(receiver.event())
    tenant.finish()


def _update(tenant: Tenant, *, template: str = "", external_id: str = RIGHT) -> None:
    tenant.cloudformation.update_stack(
        StackName=NAME,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": external_id}],
        **({"TemplateBody": template} if template else {"UsePreviousTemplate": True}),
    )
