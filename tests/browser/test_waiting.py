"""The live panel while nothing comes: it says what it waits for, slows down, and loses nothing."""

from __future__ import annotations

import re
import time
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser import by_request
from tests.browser.visitor import SILENT, Wizard


@SILENT
def test_a_stack_that_never_comes_is_waited_for_calmly_and_then_explained(wizard: Wizard) -> None:
    by_request.launch(wizard)
    expect(wizard.panel).to_contain_text("Waiting for your role")
    expect(wizard.panel).to_contain_text("we keep watching for 7 days")
    expect(wizard.panel.locator("time[data-since]")).to_have_text(re.compile(r"^0:0[1-9]$"))
    expect(wizard.panel.get_by_role("progressbar")).to_be_visible()

    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))

    expect(wizard.panel).to_contain_text("The role does not answer yet.")
    expect(wizard.panel.locator("[data-code=not_answering]")).to_contain_text("external ID")
    expect(wizard.panel.get_by_role("progressbar")).to_have_count(0)
    wizard.see_status("waiting")


def test_before_a_launch_polling_goes_on_and_nothing_is_found_wanting(wizard: Wizard) -> None:
    wizard.name_account()

    assert 4 <= polls_within(wizard, seconds=5) <= 6
    expect(wizard.panel.locator("[data-code]")).to_have_count(0)


def test_polls_come_less_often_the_longer_it_takes(wizard: Wizard) -> None:
    wizard.name_account()
    expect(wizard.panel).to_have_attribute("hx-trigger", "every 1s, look")
    for age, seconds in ((timedelta(minutes=1.5), 2), (timedelta(minutes=5), 5), (timedelta(hours=5), 60)):
        wizard.visitor.sandbox.age(wizard.connection_id, age)
        look_again(wizard)
        expect(wizard.panel).to_have_attribute("hx-trigger", f"every {seconds}s, look")


def test_leaving_loses_nothing_and_the_role_is_found_while_nobody_looks(wizard: Wizard) -> None:
    asked = by_request.launch(wizard)
    wizard.page.close()

    by_request.create_stack(wizard, asked)
    deadline = time.monotonic() + 20
    while wizard.row["status"] != "connected" and time.monotonic() < deadline:
        time.sleep(0.2)

    page = wizard.visitor.context.new_page()
    page.goto(wizard.visitor.sandbox.wizard_url)
    expect(page.locator(".pill")).to_have_attribute("data-status", "connected")


def test_after_seven_days_it_says_so_stops_asking_and_a_new_launch_goes_on(wizard: Wizard) -> None:
    wizard.name_account()
    let_watching_end(wizard)

    expect(wizard.panel).to_contain_text("No role appeared for 7 days. Nothing is lost")
    assert wizard.page.title().startswith("We stopped watching")
    assert polls_within(wizard, seconds=3) == 0
    asked = by_request.launch(wizard)
    look_again(wizard)
    wizard.see_status("waiting")
    by_request.create_stack(wizard, asked)
    wizard.see_success()


def test_once_connected_polling_stops_and_going_back_shows_that_it_is_connected(wizard: Wizard) -> None:
    by_request.connect(wizard)
    assert polls_within(wizard, seconds=3) == 0

    wizard.page.go_back()

    wizard.see_status("connected")
    assert polls_within(wizard, seconds=2.5) == 0


def test_a_tab_that_is_looked_at_again_asks_at_once(wizard: Wizard) -> None:
    wizard.name_account()
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(hours=2))
    look_again(wizard)
    expect(wizard.panel).to_have_attribute("hx-trigger", "every 60s, look")

    show_tab(wizard, visible=False)
    assert polls_within(wizard, seconds=1) == 0
    with wizard.page.expect_request(lambda request: "/status" in request.url, timeout=1000):
        show_tab(wizard, visible=True)


def test_check_again_brings_the_next_check_forward_without_leaving_the_page(wizard: Wizard) -> None:
    wizard.name_account()
    wizard.mark_window()
    with wizard.page.expect_response(lambda answer: answer.url.endswith("/check")) as answered:
        wizard.panel.get_by_role("button", name="Check again").click()

    assert answered.value.status == 204
    assert wizard.was_never_reloaded()


def let_watching_end(wizard: Wizard) -> None:
    """Let seven days pass, and look at the tab then."""
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(days=7, minutes=1))
    deadline = time.monotonic() + 20
    while wizard.row["status"] != "expired" and time.monotonic() < deadline:
        time.sleep(0.2)
    look_again(wizard)
    wizard.see_status("expired")


def look_again(wizard: Wizard) -> None:
    """Come back to the tab after a while elsewhere."""
    show_tab(wizard, visible=False)
    show_tab(wizard, visible=True)


def show_tab(wizard: Wizard, *, visible: bool) -> None:
    """Tell the page what a browser tells it when its tab is left or come back to; a headless one never does."""
    wizard.page.evaluate(
        """(visible) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => !visible });
          Object.defineProperty(document, "visibilityState",
            { configurable: true, get: () => visible ? "visible" : "hidden" });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visible,
    )


def polls_within(wizard: Wizard, *, seconds: float) -> int:
    """Return how many polls leave the browser in that time."""
    before = len(wizard.visitor.requests)
    wizard.page.wait_for_timeout(seconds * 1000)
    return sum("/status" in url for url in wizard.visitor.requests[before:])
