"""Two tabs, the back button, a colleague at another computer: the wizard's position is stored nowhere."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from onboarding.ground.arn import spaced
from tests.browser import by_request
from tests.browser.sandbox_process import Sandbox
from tests.browser.visitor import Visitor, Wizard


def test_two_tabs_stand_at_different_steps_and_both_are_taken_to_success(wizard: Wizard) -> None:
    asked = by_request.launch(wizard)
    other = wizard.in_another_tab(7)
    wizard.go(2)
    by_request.create_stack(wizard, asked)

    wizard.see_success()
    other.see_success()


def test_back_forward_and_a_typed_address_open_any_step(wizard: Wizard) -> None:
    page = wizard.page
    wizard.go(2)
    page.locator("main nav").get_by_text("Next:").click()
    page.wait_for_url(wizard.url(3))
    page.go_back()
    expect(page.get_by_text("Step 2 of 9")).to_be_visible()
    page.go_forward()
    expect(page.get_by_text("Step 3 of 9")).to_be_visible()
    wizard.go(8)
    expect(page.get_by_text("Step 8 of 9")).to_be_visible()
    page.locator(".rail a").first.click()
    expect(page.get_by_text("Step 1 of 9")).to_be_visible()
    expect(wizard.panel).to_have_attribute("data-status", "draft")


def test_a_second_browser_resumes_the_invite_and_sees_the_same_connection_succeed(
    new_visitor: Callable[..., Visitor], sandbox: Sandbox
) -> None:
    here, there = new_visitor(), new_visitor()
    link = sandbox.invite(here.company)
    page = here.accept(link)
    page.get_by_role("button", name="Connect an account").click()
    mine = Wizard(here, page)
    asked = by_request.launch(mine)

    page = there.accept(link)
    page.get_by_role("link", name="northwind-").click()
    theirs = Wizard(there, page)
    assert theirs.connection_id == mine.connection_id
    expect(page.get_by_label("AWS account ID")).to_have_value(spaced(here.account_id))
    by_request.create_stack(mine, asked)

    theirs.see_success()
    mine.see_success()


def test_what_was_left_half_way_is_found_again_on_the_list_of_accounts(wizard: Wizard) -> None:
    wizard.name_account()
    account_id = wizard.visitor.account_id

    wizard.page.goto(wizard.visitor.sandbox.wizard_url)

    found = wizard.page.locator(".accounts li")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]}")
    expect(found.locator(".pill")).to_have_attribute("data-status", "waiting")


def test_nobody_sees_the_connection_of_another_tenant(wizard: Wizard, new_visitor: Callable[..., Visitor]) -> None:
    stranger = new_visitor().start()

    response = stranger.page.goto(wizard.url(3))

    assert response is not None and response.status == 404
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("There is no such page")
