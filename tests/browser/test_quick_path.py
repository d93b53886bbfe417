"""The quick path: twelve digits, one tick, one click, and nothing to paste."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from onboarding.proof.checks import CHECKS
from tests.browser import by_request
from tests.browser.visitor import BOTH_WAYS, Wizard

pytestmark = BOTH_WAYS


@pytest.mark.parametrize("standing_at", [1, 6])
def test_the_wizard_moves_to_success_by_itself_from_any_step(
    wizard: Wizard, standing_at: int, shots: Path | None
) -> None:
    asked = by_request.launch(wizard)
    if standing_at != 1:
        wizard.go(standing_at)
    wizard.mark_window()

    by_request.create_stack(wizard, asked)

    wizard.see_success()
    assert wizard.was_never_reloaded()
    assert wizard.page.url == wizard.url("success")
    assert wizard.page.title().startswith("Connected")
    expect(wizard.page.get_by_role("heading", level=1)).to_be_focused()
    assert wizard.ticked_steps() == list(range(1, 10))
    wizard.take_picture(f"success-from-{standing_at}", shots)


def test_success_says_which_account_which_role_what_was_proved_and_how_to_undo_it(wizard: Wizard) -> None:
    wizard.connect()

    main, row = wizard.page.locator("main"), wizard.row
    account_id = wizard.visitor.account_id
    expect(main).to_contain_text(f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]} is connected")
    expect(main).to_contain_text(f"arn:aws:iam::{account_id}:role/northwind-{row['handle']}")
    expect(main.locator(".proof li[data-verdict=passed]")).to_have_count(len(CHECKS))
    expect(main).to_contain_text(f"select the stack northwind-{row['handle']}")
    expect(main.get_by_text("Continue to Northwind Cost")).to_be_visible()
    assert row["status"] == "connected"
    assert row["bound_external_id"] == row["pinned_external_id"]


def test_the_console_asks_for_one_tick_and_has_everything_else_filled_in(wizard: Wizard) -> None:
    wizard.name_account()
    console = wizard.launch()

    row = wizard.row
    expect(console.page.get_by_label("Stack name")).to_have_value(f"northwind-{row['handle']}")
    expect(console.page.get_by_label("External ID")).to_have_value(row["pinned_external_id"])
    console.press("Create stack")
    expect(console.page.get_by_role("alert")).to_contain_text("CAPABILITY_NAMED_IAM")


def test_one_line_in_cloudshell_does_the_same(wizard: Wizard) -> None:
    wizard.visitor.allow_clipboard()
    wizard.name_account()
    wizard.page.get_by_role("button", name="one command in CloudShell").click()
    wizard.page.get_by_role("button", name="Copy Command").click()
    with wizard.visitor.context.expect_page() as opened:
        wizard.page.get_by_role("link", name="AWS CloudShell").click()
    shell = opened.value
    shell.get_by_label("Command").focus()
    shell.keyboard.press("Control+V")
    shell.get_by_role("button", name="Run").click()

    expect(shell.get_by_label("Output")).to_contain_text("arn:aws:cloudformation:")
    wizard.see_success()


def test_an_account_id_that_is_none_is_refused_in_place_and_kept(wizard: Wizard) -> None:
    field = wizard.page.get_by_label("AWS account ID")
    field.fill("1111-2222-333")
    field.press("Tab")

    expect(wizard.page.locator("#account_id_error")).to_contain_text("An AWS account ID is 12 digits.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("1111-2222-333")
    assert wizard.row["account_id"] is None
