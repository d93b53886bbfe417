"""The quick path by keyboard alone: Tab, Enter and Space, and always in sight where one stands."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor, Wizard

# What a person sees of where they stand: some visible difference between focused and not.
LOOKS = """(element) => {
  for (const transition of document.getAnimations()) transition.finish();
  const style = getComputedStyle(element);
  return [style.outlineStyle === "none" ? "none" : style.outline, style.boxShadow, style.backgroundColor,
    style.borderColor, style.textDecorationLine].join(" / ");
}"""


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


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which it must show."""
    target = page.locator(selector)
    for _ in range(70):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            shows_focus(page)
            return
    raise AssertionError(f"Tab never comes to {selector}")


def shows_focus(page: Page) -> None:
    """Fail if the focused element looks as it does without the focus."""
    focused = page.evaluate_handle("document.activeElement").as_element()
    assert focused is not None
    with_focus = focused.evaluate(LOOKS)
    focused.evaluate("(element) => element.blur()")
    without = focused.evaluate(LOOKS)
    focused.evaluate("(element) => element.focus()")
    assert with_focus != without, focused.evaluate("(element) => element.outerHTML")
