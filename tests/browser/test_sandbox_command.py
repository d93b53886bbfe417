"""`python app.py sandbox`: one command, and it says where to click."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_the_sandbox_says_where_to_click_and_the_wizard_is_there(visitor: Visitor) -> None:
    said = visitor.sandbox.output.read_text()
    addresses = re.findall(r"http://localhost:\d+", said[said.index("sandbox is ready") :])
    assert addresses[:2] == [visitor.sandbox.wizard_url, visitor.sandbox.console_url]

    page = visitor.context.new_page()
    page.goto(addresses[0])

    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.get_by_text("Sandbox: AWS is only simulated")).to_be_visible()


def test_the_console_says_that_it_is_a_stand_in(visitor: Visitor) -> None:
    page = visitor.context.new_page()
    page.goto(visitor.sandbox.console_url)

    expect(page.get_by_text("Stand-in for the AWS console.")).to_be_visible()
    expect(page.get_by_label("Signed in to account")).to_have_value(visitor.account_id)
