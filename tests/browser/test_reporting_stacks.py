"""Stacks that report back: nothing to type, the wrong account noticed, a failure known within seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import by_request
from tests.browser.axe import axe_finds
from tests.browser.test_waiting import look_again
from tests.browser.visitor import Visitor, Wizard, an_account_id


def see_no_violations(page: Page) -> None:
    """Let axe read the page, narrow and dark, and wide and light as it then stays."""
    found = [axe_finds(page, width=w, scheme=s) for w, s in ((390, "dark"), (1280, "light"))]
    assert found == [[], []]


def spaced(account_id: str) -> str:
    return f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]}"


def test_open_tick_create_and_one_press_and_nothing_was_typed(wizard: Wizard, shots: Path | None) -> None:
    console = wizard.launch()
    console.create_stack()

    expect(wizard.panel).to_contain_text("Is this account yours?")
    expect(wizard.panel).to_contain_text(wizard.visitor.company)
    see_no_violations(wizard.page)
    wizard.take_picture("whose-account", shots)
    wizard.mark_window()
    wizard.panel.get_by_role("button", name=f"Yes, connect {spaced(wizard.visitor.account_id)}").click()

    wizard.see_success()
    assert wizard.row["account_id"] == wizard.visitor.account_id
    assert wizard.row["stack_id"].startswith("arn:aws:cloudformation:us-east-1:" + wizard.visitor.account_id)


def test_on_a_phone_the_question_opens_by_itself_and_can_be_folded(new_visitor: Callable[..., Visitor]) -> None:
    wizard = new_visitor(viewport={"width": 390, "height": 800}).start()
    expect(wizard.panel.get_by_text("AWS page opened")).to_be_hidden()
    by_request.create_stack(wizard, by_request.launch(wizard, account_id=""))

    button = wizard.panel.get_by_role("button", name="Yes, connect")
    expect(button).to_be_visible()
    wizard.panel.locator("summary").click()
    look_again(wizard)
    expect(button).to_be_hidden()
    wizard.panel.locator("summary").click()
    button.click()
    wizard.see_success()


def test_on_a_phone_the_panel_does_not_cover_what_a_pasted_line_means(new_visitor: Callable[..., Visitor]) -> None:
    wizard = new_visitor(viewport={"width": 390, "height": 800}).start()
    name = by_request.launch_and_create(wizard, fault="no-rights")
    expect(wizard.panel.get_by_text("Paste the line that failed")).to_be_visible()
    by_request.see_stack(wizard, name, "ROLLBACK_COMPLETE")

    wizard.go("trouble")
    expect(wizard.panel.get_by_text("Paste the line that failed")).to_be_hidden()
    wizard.page.get_by_label("What AWS shows").fill(by_request.first_failure(wizard, name))
    wizard.page.get_by_role("button", name="What does it mean?").click()

    remedy = wizard.page.locator("section.found > p").first
    expect(remedy).to_be_in_viewport(ratio=1)
    # Nothing lies over it, so a tap reaches it.
    remedy.click(trial=True, timeout=2000)


def test_the_keyboard_alone_confirms_the_account(wizard: Wizard) -> None:
    by_request.create_stack(wizard, by_request.launch(wizard, account_id=""))
    button = wizard.panel.get_by_role("button", name="Yes, connect")
    button.focus()
    # The panel is drawn anew by polls; the focus stays where it was.
    look_again(wizard)
    expect(button).to_be_focused()
    wizard.page.keyboard.press("Enter")

    wizard.see_success()


def test_a_stack_in_the_named_account_is_seen_as_it_begins(wizard: Wizard, shots: Path | None) -> None:
    asked = by_request.launch(wizard)
    expect(wizard.panel).to_contain_text("Waiting for your stack")
    with wizard.visitor.sandbox.settings(stack_seconds=6):
        by_request.create_stack(wizard, asked)

        place = f"Stack begun in {spaced(wizard.visitor.account_id)} (us-east-1)"
        expect(wizard.panel).to_contain_text(place)
        expect(wizard.panel).to_contain_text("The stack has begun")
        wizard.take_picture("stack-begun", shots)
    wizard.see_success()


def test_a_stack_in_another_account_is_noticed_and_one_press_corrects_it(visitor: Visitor, shots: Path | None) -> None:
    wizard = visitor.start()
    named = an_account_id()
    by_request.create_stack(wizard, by_request.launch(wizard, account_id=named), account_id=visitor.account_id)

    seen = spaced(visitor.account_id)
    expect(wizard.panel).to_contain_text(f"We see your stack in account {seen}; you said {spaced(named)}.")
    expect(wizard.panel).to_contain_text(f"sign in to {spaced(named)}")
    see_no_violations(wizard.page)
    wizard.take_picture("other-account", shots)
    assert wizard.row["account_id"] == named
    wizard.panel.get_by_role("button", name=f"Yes, connect {seen}").click()

    wizard.see_success()
    assert wizard.row["account_id"] == visitor.account_id


def test_a_stack_that_is_rolled_back_is_known_within_three_seconds(
    wizard: Wizard, measured: list[str], shots: Path | None
) -> None:
    asked = by_request.launch(wizard)
    name = by_request.create_stack(wizard, asked, fault="no-rights")

    expect(wizard.panel).to_contain_text("The stack did not finish")
    at = time.time()
    by_request.see_stack(wizard, name, "ROLLBACK_COMPLETE")
    took = at - by_request.time_of_event(wizard, name, "Custom::RolecallCallback", "DELETE_IN_PROGRESS")
    measured.append(f"From the rollback's Delete to “did not finish” on screen: {took:.2f} s")
    assert took <= 3
    link = wizard.panel.get_by_role("link", name="Open the stack’s events in AWS")
    assert "filteringStatus=failed" in (link.get_attribute("href") or "")
    wizard.take_picture("did-not-finish", shots)
    wizard.panel.get_by_role("link", name="Paste the line that failed").click()
    expect(wizard.page.get_by_role("heading", level=1)).to_have_text("It failed in AWS")


FAULTS = {
    "no-rights": "is not allowed to create roles",
    "boundary-demanded": "permissions boundary",
    "tags-demanded": "tag",
    "quota-reached": "quota",
    "perimeter": "message",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_aws_says_of_a_failed_stack_is_told_in_words(wizard: Wizard, fault: str, shots: Path | None) -> None:
    name = by_request.launch_and_create(wizard, fault=fault)
    by_request.see_stack(wizard, name, "ROLLBACK_COMPLETE")
    if fault != "perimeter":
        expect(wizard.panel).to_contain_text("The stack did not finish")

    wizard.go("trouble")
    wizard.page.get_by_label("What AWS shows").fill(by_request.first_failure(wizard, name))
    wizard.page.get_by_role("button", name="What does it mean?").click()

    expect(wizard.page.locator("main")).to_contain_text(re.compile(FAULTS[fault], re.IGNORECASE))
    see_no_violations(wizard.page)
    wizard.take_picture(f"trouble-{fault}", shots)


def test_in_a_region_without_a_topic_the_wizard_watches_by_account_id_as_it_always_did(visitor: Visitor) -> None:
    wizard = visitor.start()
    asked = by_request.launch(wizard, region="eu-north-1")
    expect(wizard.panel).to_contain_text("Waiting for your role")

    by_request.create_stack(wizard, asked, region="eu-north-1")

    wizard.see_success()


def test_a_worker_that_slept_catches_up(wizard: Wizard) -> None:
    asked = by_request.launch(wizard)
    with wizard.visitor.sandbox.sleeping_worker():
        by_request.create_stack(wizard, asked)
        time.sleep(3)
        assert wizard.row["status"] == "waiting"

    wizard.see_success()


def test_where_no_event_arrives_the_stack_is_undone_and_the_plain_template_goes_through(
    wizard: Wizard, shots: Path | None
) -> None:
    asked = by_request.launch(wizard)
    sandbox = wizard.visitor.sandbox
    with sandbox.delivery(lost=True, timeout_seconds=0.5):
        name = by_request.create_stack(wizard, asked)
        # Nobody answers the Delete of its rollback either.
        by_request.see_stack(wizard, name, "ROLLBACK_FAILED")
    sandbox.age(wizard.connection_id, timedelta(seconds=70))

    expect(wizard.panel).to_contain_text("No stack has reported yet.")
    see_no_violations(wizard.page)
    wizard.take_picture("silent", shots)
    with wizard.visitor.context.expect_page() as opened:
        wizard.panel.get_by_role("button", name="Create the stack without the message").click()
    console = opened.value
    console.wait_for_url(re.compile("/cloudformation/create/"))
    expect(console.get_by_label("Stack name")).to_have_value(f"{name}-2")
    console.get_by_role("checkbox").check()
    console.get_by_role("button", name="Create stack", exact=True).click()

    wizard.see_success()


def test_a_deleted_stack_is_told_at_once_and_a_new_one_connects_the_account_again(
    wizard: Wizard, shots: Path | None
) -> None:
    name = by_request.launch_and_create(wizard)
    wizard.see_success()

    by_request.delete_stack(wizard, name)

    deadline = time.monotonic() + 15
    while wizard.row["finding"] != "role_lost":
        assert time.monotonic() < deadline, wizard.row["status"]
        wizard.page.wait_for_timeout(100)
    wizard.go("success")
    expect(wizard.panel).to_contain_text("The stack was deleted")
    see_no_violations(wizard.page)
    wizard.take_picture("stack-deleted", shots)
    wizard.panel.get_by_role("link", name="Receipt: how access ended").click()
    expect(wizard.page.locator("main")).to_contain_text(spaced(wizard.visitor.account_id))
    see_no_violations(wizard.page)
    wizard.take_picture("receipt", shots)

    wizard.go(1)
    by_request.launch_and_create(wizard)
    wizard.see_status("connected")
    assert wizard.row["stack_deleted_at"] is None


def test_a_second_stack_that_fails_leaves_the_connection_alone(wizard: Wizard) -> None:
    asked = by_request.launch(wizard)
    by_request.create_stack(wizard, asked)
    wizard.see_success()
    before = wizard.row

    second = by_request.create_stack(wizard, {**asked, "stackName": f"{asked['stackName']}-2"}, region="eu-west-1")

    by_request.see_stack(wizard, second, "ROLLBACK_COMPLETE", region="eu-west-1")
    assert "through another stack already" in by_request.first_failure(wizard, second, region="eu-west-1")
    kept = ("status", "stack_id", "role_arn", "finding", "stack_deleted_at", "account_id")
    assert {name: wizard.row[name] for name in kept} == {name: before[name] for name in kept}
