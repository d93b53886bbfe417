"""The nine steps as they are written down: two windows, every page, and two things copied by hand."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import BOTH_WAYS, Console, Wizard

pytestmark = BOTH_WAYS


def test_nine_steps_in_two_windows_with_copy_and_paste_connect_the_account(wizard: Wizard, shots: Path | None) -> None:
    wizard.visitor.allow_clipboard()
    console = wizard.launch("show me every AWS page")
    expect(console.page.get_by_role("heading", level=1)).to_have_text("Create stack")
    console.press("Next")
    next_step(wizard, 2)
    next_step(wizard, 3)
    wizard.page.get_by_role("button", name="Copy external ID").click()
    expect(wizard.page.get_by_role("button", name="external ID")).to_contain_text("Copied")
    field = console.page.get_by_label("External ID")
    expect(field).to_have_value("")
    field.focus()
    console.page.keyboard.press("Control+V")
    expect(field).to_have_value(wizard.external_id)
    wizard.take_picture("step-3", shots)
    console.press("Next")
    next_step(wizard, 4)
    console.press("Next")
    next_step(wizard, 5)
    assert wizard.ticked_steps() == [1], "launched, and nothing more is known"
    console.create_stack()
    next_step(wizard, 6)
    console.see_stack("CREATE_COMPLETE")
    copy_role_arn(console)
    next_step(wizard, 7)
    next_step(wizard, 8)
    next_step(wizard, 9)
    wizard.page.get_by_label("Role ARN").focus()
    wizard.page.keyboard.press("Control+V")
    wizard.page.get_by_role("button", name="Validate").click()

    wizard.see_success()
    assert wizard.ticked_steps() == list(range(1, 10))
    assert wizard.row["status"] == "connected"


def test_each_step_draws_the_console_page_that_the_tenant_is_looking_at(wizard: Wizard) -> None:
    wizard.name_account()
    wizard.go(3)
    wizard.page.get_by_role("button", name="Copy external ID").click()
    expect(wizard.page.get_by_role("button", name="external ID")).to_contain_text("Copied")
    for number, words in IN_THE_PICTURE.items():
        wizard.go(number)
        picture = wizard.page.locator("figure.console")
        expect(picture).to_have_count(1)
        expect(picture).to_contain_text(words.format(**wizard.row))
        expect(picture.locator("[data-mark='press this']")).to_have_count(1)


IN_THE_PICTURE = {
    2: "Amazon S3 URL",
    3: "{pinned_external_id}",
    4: "Configure stack options",
    5: "I acknowledge that AWS CloudFormation might create IAM resources with custom names.",
    6: "CREATE_COMPLETE",
    7: "northwind-{handle}",
    8: "arn:aws:iam::{account_id}:role/northwind-{handle}",
}


def test_both_pages_of_aws_about_external_ids_are_one_click_away(wizard: Wizard) -> None:
    addresses = [link.get_attribute("href") for link in wizard.page.locator("main a[href^='https://docs.aws']").all()]

    assert any("id_roles_create_for-user_externalid" in str(address) for address in addresses)
    assert any("id_roles_use_switch-role-ec2" in str(address) for address in addresses)


def next_step(wizard: Wizard, number: int) -> None:
    """Press Next, which leads to that step."""
    wizard.page.locator("main nav").get_by_text("Next:").click()
    wizard.page.wait_for_url(wizard.url(number))
    expect(wizard.page.get_by_text(f"Step {number} of 9")).to_be_visible()


def copy_role_arn(console: Console) -> None:
    """Go from the stack's events to its role, and copy the role's ARN."""
    console.page.get_by_role("link", name="Resources").click()
    console.page.get_by_role("link", name=re.compile("^northwind-")).last.click()
    console.press("Copy")
    expect(console.page.get_by_role("button", name="Copied")).to_be_visible()
