"""Handing over from inside a frame: the link stands alone, and the frame sees what becomes of it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.browser.framed.frame import Portal
from tests.browser.visitor import WIDE


def test_a_link_made_in_a_frame_opens_outside_of_it_and_the_frame_sees_it_opened(
    portal: Portal, browser: Browser
) -> None:
    portal.wizard.locator("main").get_by_role("link", name="Hand over to a colleague").click()
    portal.wizard.get_by_label("Your name").fill("Sam")
    portal.wizard.get_by_role("button", name="Make the link").click()
    link = portal.wizard.locator("#handover_link").inner_text()
    assert urlsplit(link).path.startswith("/h/")
    expect(portal.panel).to_contain_text("Your colleague has not opened the link yet")
    expect(portal.wizard.get_by_role("img", name="QR code of the link")).to_be_visible()

    outside = browser.new_context(**WIDE)
    page = outside.new_page()
    page.goto(link)
    page.get_by_role("button", name="Go on for").click()
    page.wait_for_url(re.compile(f"/connect/{portal.connection_id}/step/1$"))

    expect(portal.panel).to_contain_text("Your colleague opened the link")
    portal.wizard.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    outside.close()
