"""What success says of the stack: none of it withholds anything, and each goes once it is put right."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import expect

from onboarding.schedule import LOST_AFTER_ROUNDS
from tests.browser import by_request
from tests.browser.diagnoses import (
    see_finding,
    see_passed,
    seen_long_ago,
    verify,
    verify_and_look,
    waiting,
)
from tests.browser.role_by_hand import RoleByHand
from tests.browser.sandbox_process import VENDOR_ACCOUNT, Sandbox
from tests.browser.visitor import Wizard

NAMED = ["CAPABILITY_NAMED_IAM"]


def test_a_stack_still_in_progress_withholds_nothing_and_completes_by_itself(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard, fault="completes-late")
    wizard.see_success()
    see_finding(wizard, "stack_is_complete", "stack_in_progress", "still being worked on")
    expect(wizard.page.locator("[data-check=stack_is_complete]")).to_have_attribute("data-verdict", "inconclusive")

    by_request.see_stack(wizard, stack, "CREATE_COMPLETE")
    verify_and_look(wizard)
    see_passed(wizard, "stack_is_complete")
    see_passed(wizard, "template_is_current")


def test_a_stack_that_is_not_whole_is_deleted_and_made_again(wizard: Wizard) -> None:
    wizard.name_account()
    console = wizard.launch()
    console.create_stack()
    wizard.see_success()
    console.see_stack("CREATE_COMPLETE")
    wizard.visitor.sandbox.client("cloudformation", wizard.visitor.account_id).update_stack(
        StackName=f"northwind-{wizard.row['handle']}",
        UsePreviousTemplate=True,
        Tags=[{"Key": "rolecall:sandbox-fault", "Value": "update-fails"}],
    )
    console.page.reload()
    console.see_stack("UPDATE_ROLLBACK_FAILED")

    verify_and_look(wizard)
    see_finding(wizard, "stack_is_complete", "stack_broken", "UPDATE_ROLLBACK_FAILED")

    expect(console.page.locator("#stack")).to_contain_text("The following resource(s) failed to update: [Role].")
    console.press("Delete")
    console.see_stack("DELETE_COMPLETE")
    create_again(wizard)
    see_passed(wizard, "stack_is_complete")


def test_a_role_without_a_stack_works_and_one_day_gives_way_to_a_stacks(wizard: Wizard) -> None:
    role = waiting(wizard)
    role.make()
    wizard.see_success()
    see_finding(wizard, "stack_is_complete", "stack_unknown", "might have made or changed it by hand")

    role.delete()
    create_again(wizard)
    see_passed(wizard, "stack_is_complete")


def test_a_stack_from_an_older_template_works_and_the_link_on_success_brings_it_up_to_date(wizard: Wizard) -> None:
    by_request.launch(wizard)
    sandbox, row = wizard.visitor.sandbox, wizard.row
    cloudformation = sandbox.client("cloudformation", row["account_id"])
    cloudformation.create_stack(
        StackName=f"northwind-{row['handle']}",
        TemplateBody=older_template(sandbox),
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": row["pinned_external_id"]}],
        Capabilities=NAMED,
    )
    wizard.see_success()
    by_request.see_stack(wizard, f"northwind-{row['handle']}", "CREATE_COMPLETE")
    verify_and_look(wizard)
    see_finding(wizard, "template_is_current", "template_outdated", "Stack: version 0.9.0")
    see_finding(wizard, "permissions_match", "permissions_missing", "ce:GetCostForecast")

    link = wizard.page.get_by_role("link", name="Update the stack in AWS").get_attribute("href") or ""
    asked = dict(parse_qsl(urlsplit(urlsplit(link).fragment).query))
    cloudformation.update_stack(
        StackName=asked["stackId"],
        TemplateURL=asked["templateURL"],
        Parameters=[{"ParameterKey": "ExternalId", "UsePreviousValue": True}],
        Capabilities=NAMED,
    )
    verify_and_look(wizard)
    see_passed(wizard, "template_is_current")
    see_passed(wizard, "permissions_match")


def test_a_stack_alone_that_cannot_be_seen_is_said_and_seen_again(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard)
    wizard.see_success()
    by_request.see_stack(wizard, stack, "CREATE_COMPLETE")
    seen_long_ago(wizard)
    role = RoleByHand(wizard)

    with wizard.visitor.sandbox.faults(unknown_token=True, services=["cloudformation"]):
        verify_and_look(wizard)
        see_finding(wizard, "stack_is_complete", "stack_region_off", "turned off in your account")
    document = role.iam.get_role_policy(RoleName=role.name, PolicyName="read-only")["PolicyDocument"]
    own_stack = next(s for s in document["Statement"] if s["Sid"] == "OwnStack")
    own_stack["Action"].remove("cloudformation:DescribeStacks")
    role.iam.put_role_policy(RoleName=role.name, PolicyName="read-only", PolicyDocument=json.dumps(document))
    verify_and_look(wizard)
    see_finding(wizard, "stack_is_complete", "stack_cannot_be_read", "What it trusts and allows was read")
    expect(wizard.page.locator("[data-check=trust_is_exact]")).to_have_attribute("data-verdict", "passed")

    own_stack["Action"].append("cloudformation:DescribeStacks")
    role.iam.put_role_policy(RoleName=role.name, PolicyName="read-only", PolicyDocument=json.dumps(document))
    verify_and_look(wizard)
    see_passed(wizard, "stack_is_complete")


def create_again(wizard: Wizard) -> None:
    """Create the stack from step 1, once it was seen that the role is gone."""
    for _ in range(LOST_AFTER_ROUNDS):
        verify(wizard)
    wizard.go(1)
    expect(wizard.panel).to_contain_text("The role does not answer any more")
    by_request.see_stack(wizard, by_request.launch_and_create(wizard), "CREATE_COMPLETE")
    wizard.see_success()
    verify_and_look(wizard)


def older_template(sandbox: Sandbox) -> str:
    """Return the published template as it was a while ago: an earlier version, which asked for less."""
    s3 = sandbox.client("s3", VENDOR_ACCOUNT)
    key = s3.list_objects_v2(Bucket="northwind-rolecall")["Contents"][0]["Key"]
    text = s3.get_object(Bucket="northwind-rolecall", Key=key)["Body"].read().decode()
    version, action = "Value: '1.0.0'", "                  - ce:GetCostForecast\n"
    assert version in text and action in text
    return text.replace(version, "Value: '0.9.0'").replace(action, "")
