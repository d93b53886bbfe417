"""Step 9: a pasted ARN is judged at once, what is wrong stands beside the field, and nothing typed is lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.sandbox_process import VENDOR_ACCOUNT
from tests.browser.visitor import BOTH_WAYS, Console, Wizard

pytestmark = BOTH_WAYS


def test_a_wrong_arn_is_refused_beside_the_field_and_kept_in_it(wizard: Wizard) -> None:
    for arn, says in (
        ("hello", "That is not a role ARN."),
        ("", "There is no role ARN here yet."),
        ("arn:aws:iam::111122223333:user/alice", "That is a user's ARN, not a role's."),
        ("arn:aws-cn:iam::111122223333:role/northwind-7kq2m9xd", "AWS China (aws-cn)"),
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall", "in our own AWS account"),
    ):
        wizard.go(9)
        response = wizard.paste_role(arn)

        assert response.status == 422
        field = wizard.page.get_by_label("Role ARN")
        expect(field).to_have_value(arn)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        expect(field).to_have_accessible_description(re.compile(re.escape(says)))
        assert wizard.row["claimed_role_arn"] is None


def test_another_accounts_arn_names_both_accounts_and_one_press_uses_the_other(wizard: Wizard) -> None:
    typed, meant = wizard.visitor.account_id, "210987654321"
    wizard.name_account(typed)
    wizard.visitor.sign_in(meant)
    console = wizard.launch()
    wizard.go(9)
    arn = f"arn:aws:iam::{meant}:role/northwind-{wizard.row['handle']}"
    assert wizard.paste_role(arn).status == 422

    error = wizard.page.locator("#role_arn_error")
    expect(error).to_contain_text("2109-8765-4321")
    expect(error).to_contain_text(f"{typed[:4]}-{typed[4:8]}-{typed[8:]}")
    assert wizard.row["account_id"] == typed
    wizard.page.get_by_role("button", name="Use 2109-8765-4321").click()
    expect(wizard.page.get_by_text("We watch arn:aws:iam::210987654321:role/")).to_be_visible()
    Console(wizard.visitor, console.page).create_stack()
    wizard.see_success()
    assert wizard.row["account_id"] == meant


def test_keeping_the_typed_account_leaves_everything_as_it_was(wizard: Wizard) -> None:
    wizard.name_account()
    before = wizard.row["claimed_role_arn"]
    wizard.go(9)
    wizard.paste_role("arn:aws:iam::210987654321:role/northwind-7kq2m9xd")

    wizard.page.get_by_role("link", name="Keep").click()

    expect(wizard.page.get_by_label("Role ARN")).to_have_value(before)
    assert wizard.row["claimed_role_arn"] == before


def test_a_well_formed_arn_that_does_not_answer_is_watched_and_not_refused(wizard: Wizard) -> None:
    wizard.go(9)
    arn = f"  'arn:aws:iam::{wizard.visitor.account_id}:role/team/northwind-of-ours' "
    assert wizard.paste_role(arn).status == 303

    wizard.see_status("waiting")
    expect(wizard.page.get_by_text("We watch")).to_contain_text("role/team/northwind-of-ours")


def test_of_a_stack_the_expected_role_is_one_press_away_and_enter_sends_what_was_typed(wizard: Wizard) -> None:
    stack = "arn:aws:cloudformation:eu-west-1:210987654321:stack/northwind/6f9e8a70-1b2c-11ee-be56-0242ac120002"
    wizard.go(9)
    assert wizard.paste_role(stack).status == 422

    field = wizard.page.get_by_label("Role ARN")
    expect(field).to_have_value(stack)
    expect(field).to_be_focused()
    field.fill("arn:aws:iam::210987654321:role/by-hand")
    field.press("Enter")
    expect(wizard.page.get_by_text("We watch arn:aws:iam::210987654321:role/by-hand")).to_be_visible()

    wizard.paste_role(stack)
    press = wizard.page.get_by_role("button", name="Use this role")
    press.focus()
    press.press("Enter")
    expect(
        wizard.page.get_by_text(f"We watch arn:aws:iam::210987654321:role/northwind-{wizard.row['handle']}")
    ).to_be_visible()
