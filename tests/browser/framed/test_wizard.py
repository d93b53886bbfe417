"""The wizard inside the example portal, from start to success."""

from __future__ import annotations

import json
import re
import urllib.request

from playwright.sync_api import expect

from onboarding.ground.arn import spaced
from tests.browser.framed.frame import NONE, NORMAL, PARTITIONED, Portal, in_every_policy, in_policies
from tests.browser.visitor import wait_until

KEPT = "__Host-rolecall-framed"


def kept_cookies(portal: Portal) -> list[str]:
    """Return the names of Rolecall's cookies that the browser keeps."""
    host = "wizard.localhost"
    return [c["name"] for c in portal.visitor.context.cookies() if c["domain"].endswith(host)]


@in_every_policy
def test_a_client_connects_inside_the_portal_and_its_page_and_its_server_hear_it(
    portal: Portal, mode: str, measured: list[str]
) -> None:
    key = portal.visitor.sandbox.command("keys", "create", "--name", f"reader of {portal.client}")
    assert read_by_server(portal, key) == [("draft", None)]

    portal.connect()

    outcome = portal.page.locator("#outcome")
    expect(outcome).to_have_text(f"Account {portal.visitor.account_id} is connected.")
    expect(portal.page.locator("body")).to_have_attribute("data-status", "connected")
    assert read_by_server(portal, key) == [("connected", portal.visitor.account_id)]
    assert portal.row["status"] == "connected"
    expected = [] if mode == NONE else [KEPT]
    assert kept_cookies(portal) == expected
    carrier = "a cookie of its own" if expected else "the page alone"
    measured.append(f"Framed, {mode}: connected, the session in {carrier}")


def read_by_server(portal: Portal, key: str) -> list[tuple[str, str | None]]:
    """Return the status and account of each of the client's connections, as the API tells the portal's server."""
    asked = urllib.request.Request(
        f"http://localhost:{portal.visitor.sandbox.port}/api/v1/connections?tenant={portal.client}",
        headers={"Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return [(c["status"], c["account_id"]) for c in json.load(answer)["connections"]]


def test_the_frame_is_as_high_as_what_it_shows(portal: Portal) -> None:
    def outer() -> int:
        box = portal.page.locator("iframe").bounding_box()
        assert box is not None
        return round(box["height"])

    def inner() -> int:
        return int(portal.frame.evaluate("document.documentElement.scrollHeight"))

    def height() -> int:
        """Return how high the frame is, once it is as high as what it shows."""
        portal.page.wait_for_timeout(300)
        wait_until(portal.page, lambda: abs(outer() - inner()) <= 1)
        return outer()

    for link, heading in (
        ("Next: confirm the template", "Confirm the template"),
        ("Next: name and external ID", "Give the stack a name"),
    ):
        portal.follow(link)
        portal.see_heading(heading)
        short = height()
    portal.page.set_viewport_size({"width": 360, "height": 800})
    assert height() > short


@in_every_policy
def test_back_forward_and_reloads_keep_the_client_where_they_were(portal: Portal) -> None:
    before = portal.connection_id
    portal.name_account()
    portal.follow("Next: confirm the template")
    portal.see_heading("Confirm the template")
    portal.follow("Next: name and external ID")
    portal.see_heading("Give the stack a name")

    portal.page.evaluate("history.back()")
    portal.see_heading("Confirm the template")
    portal.page.evaluate("history.back()")
    portal.see_heading("Create the role")
    portal.page.evaluate("history.forward()")
    portal.see_heading("Confirm the template")

    where = portal.path
    portal.frame.evaluate("location.reload()")
    portal.page.wait_for_timeout(500)
    portal.see_heading("Confirm the template")
    assert portal.path == where

    portal.page.reload()
    portal.see_heading("Create the role in your AWS account")
    assert portal.connection_id == before
    expect(portal.wizard.get_by_label("AWS account ID")).to_have_value(spaced(portal.visitor.account_id))


def test_the_seeds_way_works_in_the_frame_with_copy_and_paste(portal: Portal) -> None:
    portal.page.goto(f"{portal.visitor.sandbox.portal_url}/{portal.client}")
    with portal.visitor.context.expect_page() as opened:
        portal.follow("show me every AWS page")
    console = opened.value
    portal.page.bring_to_front()
    for link in ("Next: confirm the template", "Next: name and external ID"):
        portal.follow(link)
    portal.see_heading("Give the stack a name")
    external_id = portal.wizard.locator("#external-id").inner_text()
    with portal.page.expect_response(lambda answer: answer.url.endswith("/pin")):
        portal.wizard.get_by_role("button", name="external ID").click()
    expect(portal.wizard.get_by_text("Copied ✓")).to_be_visible()
    assert portal.row["pinned_external_id"] == external_id
    console.wait_for_load_state()

    console.get_by_role("button", name="Next").click()
    role_name = f"northwind-{portal.row['handle']}"
    console.get_by_label(re.compile("Stack name")).fill(role_name)
    console.get_by_label(re.compile("External ?ID", re.IGNORECASE)).fill(external_id)
    console.get_by_role("button", name="Next").click()
    console.get_by_role("button", name="Next").click()
    console.get_by_role("checkbox").check()
    console.get_by_role("button", name=re.compile("Submit|Create stack")).click()
    console.wait_for_url(re.compile("/cloudformation/stack/events"))
    portal.page.bring_to_front()
    portal.follow("Step 9")
    portal.see_heading("Paste the role ARN")
    arn = f"arn:aws:iam::{portal.visitor.account_id}:role/{role_name}"
    portal.wizard.get_by_label("Role ARN").fill(arn)
    portal.follow("Validate")
    portal.see_success()


# The page itself carries the session or a cookie does: after a form, the one puts the focus, and so must the other.
@in_policies(PARTITIONED, NONE)
def test_wrong_input_is_said_beside_the_field_and_kept(portal: Portal) -> None:
    portal.follow("Step 9")
    field = portal.wizard.get_by_label("Role ARN")
    field.fill("hello there")
    portal.follow("Validate")

    expect(portal.wizard.locator("#role_arn_error")).to_be_visible()
    expect(field).to_have_value("hello there")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()


def test_the_command_and_the_examiner_open_inside_the_frame(portal: Portal) -> None:
    portal.name_account()
    portal.follow("one command in CloudShell")
    portal.see_heading("Create the stack with one command")
    connection = portal.connection_id
    portal.frame.evaluate(f"window.at = '/framed/connect/{connection}/examine'")
    portal.follow("All accounts")
    portal.see_heading("AWS accounts of")
    assert len(portal.page.context.pages) == 2, "the blank page of a new browser, and the portal"


@in_policies(NORMAL, PARTITIONED)
def test_a_plain_iframe_does_too_where_a_cookie_is_kept(portal: Portal) -> None:
    portal.open("/plain")
    portal.connect()
    portal.frame.evaluate("location.reload()")
    portal.see_success()


def test_a_plain_iframe_without_any_cookie_connects_and_says_what_to_reload(portal: Portal) -> None:
    portal.open("/plain")
    portal.connect()
    portal.frame.evaluate("location.reload()")

    expect(portal.wizard.get_by_role("heading", level=1, name="This could not be opened")).to_be_visible(timeout=20000)
    expect(portal.wizard.get_by_text("Reload the whole page. Nothing is lost.")).to_be_visible()


def test_the_window_of_the_console_knows_nothing_of_the_frame(portal: Portal) -> None:
    console = portal.launch()

    assert console.page.evaluate("window.opener") is None
    assert portal.visitor.sandbox.portal_url not in console.page.evaluate("document.referrer")
