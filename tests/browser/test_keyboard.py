"""The quick path by keyboard alone: Tab, Enter and Space, and always in sight where one stands."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.keyboard import shows_focus, tab_to
from tests.browser.visitor import Visitor, Wizard


def test_the_keyboard_alone_connects_an_account(visitor: Visitor) -> None:
    page = visitor.context.new_page()
    page.goto(visitor.sandbox.wizard_url)
    tab_to(page, "#company")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(visitor.company)
    page.keyboard.press("Enter")
    tab_to(page, "button:has-text('Connect an account')")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("/step/1"))
    wizard = Wizard(visitor, page)
    tab_to(page, "#account_id")
    page.keyboard.type(visitor.account_id)
    tab_to(page, "button:has-text('Create CloudFormation Stack')")
    expect(page.get_by_text("We watch for the role in account")).to_be_visible()
    with visitor.context.expect_page() as opened:
        page.keyboard.press("Enter")
    console = opened.value
    console.wait_for_url(re.compile("/cloudformation/create/"))
    tab_to(console, "input[name=acknowledged]")
    console.keyboard.press("Space")
    tab_to(console, "button:has-text('Create stack'):visible >> nth=-1")
    console.keyboard.press("Enter")

    wizard.see_success()
    page.bring_to_front()
    tab_to(page, "a:has-text('Continue to Northwind Cost')")


def test_the_first_tab_offers_to_skip_to_the_content(wizard: Wizard) -> None:
    page = wizard.page
    wizard.go(2)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_what_leads_to_another_page_is_announced_as_a_link_and_opened_with_enter(wizard: Wizard) -> None:
    wizard.go(2)
    tab_to(wizard.page, "main nav a:has-text('Next')")
    expect(wizard.page.get_by_role("link", name="Next")).to_be_focused()

    wizard.page.keyboard.press("Enter")

    wizard.page.wait_for_url(wizard.url(3))


def test_everything_that_can_be_focused_shows_it(wizard: Wizard) -> None:
    for where in (1, 3, 9):
        wizard.go(where)
        for _ in range(45):
            wizard.page.keyboard.press("Tab")
            if wizard.page.evaluate("document.activeElement === document.body"):
                break
            shows_focus(wizard.page)
