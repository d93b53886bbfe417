"""The wizard without JavaScript: every page, every button, and a link to check again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import BOTH_WAYS, Console, Visitor, Wizard

pytestmark = BOTH_WAYS


@pytest.fixture
def plain(new_visitor: Callable[..., Visitor]) -> Wizard:
    """Step 1 in a browser that runs no script."""
    return new_visitor(java_script_enabled=False).start()


@pytest.fixture
def aws_user(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Whoever sits at the AWS console, which itself needs JavaScript, here as at AWS."""
    return new_visitor()


def test_page_by_page_with_copying_by_hand_connects_the_account(plain: Wizard, aws_user: Visitor) -> None:
    page = plain.page
    console = open_in_aws(plain, aws_user, "show me every AWS page")
    console.press("Next")
    for number in (2, 3):
        page.locator("main nav").get_by_text("Next:").click()
        expect(page.get_by_text(f"Step {number} of 9")).to_be_visible()
    page.get_by_role("button", name="Keep external ID").click()
    kept = plain.external_id
    assert plain.row["pinned_external_id"] == kept
    page.reload()
    assert plain.external_id == kept
    console.page.get_by_label("External ID").fill(kept)
    console.press("Next")
    console.press("Next")
    console.create_stack()
    console.see_stack("CREATE_COMPLETE")
    plain.go(9)
    assert plain.paste_role("nonsense").status == 422
    expect(page.locator("#role_arn_error")).to_be_visible()
    plain.paste_role(f"arn:aws:iam::{aws_user.account_id}:role/northwind-{plain.row['handle']}")

    check_until_connected(plain)
    page.get_by_role("link", name="See what was checked").first.click()
    plain.see_success()


def test_the_quick_path_connects_the_account(plain: Wizard, aws_user: Visitor) -> None:
    plain.page.get_by_label("AWS account ID").fill(aws_user.account_id)
    plain.page.get_by_role("button", name="Save").click()
    expect(plain.page.get_by_text("We watch for the role in account")).to_be_visible()

    open_in_aws(plain, aws_user, "Create CloudFormation Stack").create_stack()

    plain.go(1)
    check_until_connected(plain)


def test_a_wrong_account_id_is_refused_beside_its_field(plain: Wizard) -> None:
    field = plain.page.get_by_label("AWS account ID")
    field.fill("12")
    plain.page.get_by_role("button", name="Save").click()

    expect(plain.page.locator("#account_id_error")).to_contain_text("12 digits")
    expect(field).to_have_value("12")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_nothing_is_offered_that_would_not_work(plain: Wizard) -> None:
    plain.go(3)

    expect(plain.page.locator("[data-copy='stack-name']")).to_be_hidden()
    expect(plain.page.get_by_role("button", name="Keep external ID")).to_be_visible()
    expect(plain.panel.get_by_text("Nothing has happened yet")).to_be_visible()


def open_in_aws(wizard: Wizard, aws_user: Visitor, button: str) -> Console:
    """Press the button, and open the window's address where the AWS user is signed in."""
    with wizard.visitor.context.expect_page() as opened:
        wizard.page.get_by_role("button", name=button).click()
    opened.value.wait_for_load_state()
    page = aws_user.context.new_page()
    page.goto(opened.value.url)
    page.wait_for_url(re.compile("/cloudformation/create/"))
    return Console(aws_user, page)


def check_until_connected(wizard: Wizard) -> None:
    """Press "Check again" as a patient person would."""
    deadline = time.monotonic() + 15
    while wizard.panel.get_attribute("data-status") != "connected" and time.monotonic() < deadline:
        wizard.page.wait_for_timeout(700)
        wizard.panel.get_by_role("button", name="Check again").click()
    wizard.see_status("connected")
