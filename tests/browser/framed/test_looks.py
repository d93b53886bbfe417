"""The framed pages as people meet them: axe, the keyboard, 320 pixels, light and dark, and what they weigh."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
from playwright.sync_api import Request, expect

from config import PROJECT
from tests.browser.axe import axe_finds, looks
from tests.browser.framed.frame import Portal, in_every_policy
from tests.browser.page_weight import MOST_BYTES

PARENT_SCRIPT_BYTES = 4096


def stages(portal: Portal) -> Any:
    """Yield the name of each state of the framed wizard, while it is on screen."""
    yield "step 1"
    portal.follow("Step 3")
    portal.see_heading("Give the stack a name")
    yield "step 3"
    portal.follow("Step 9")
    portal.see_heading("Paste the role ARN")
    portal.wizard.get_by_label("Role ARN").fill("hello")
    portal.follow("Validate")
    expect(portal.wizard.locator("#role_arn_error")).to_be_visible()
    yield "step 9 refused"
    portal.follow("All accounts")
    portal.see_heading("AWS accounts of")
    yield "accounts"
    portal.wizard.locator(".accounts a").first.click()
    portal.see_heading("Create the role")
    portal.connect()
    yield "success"


def test_axe_finds_nothing_in_the_frame_and_nothing_sticks_out(portal: Portal, shots: Path | None) -> None:
    found: list[str] = []
    for name in stages(portal):
        for width, scheme, rules in looks(narrow=320):
            options = {"width": width, "scheme": scheme, "rules": rules, "height": 2400, "frame": portal.frame}
            where = f"{name}, {width} wide, {scheme}"
            found += [f"{where}: {what}" for what in axe_finds(portal.page, **options)]
            over = portal.frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{where}: {over} pixels too wide"] if over > 0 else []
            if shots is not None:
                portal.page.screenshot(path=shots / f"framed-{name}-{width}-{scheme}.png".replace(" ", "-"))
        portal.page.set_viewport_size({"width": 1280, "height": 900})
        portal.page.emulate_media(color_scheme="light")

    assert found == [], "\n".join(found)


def test_the_keyboard_alone_walks_the_frame_and_stays_where_the_client_is(portal: Portal) -> None:
    press = portal.page.keyboard.press

    def tab_to(text: str) -> None:
        for _ in range(60):
            press("Tab")
            focused = portal.frame.evaluate("document.activeElement?.innerText || document.activeElement?.id || ''")
            if text in focused:
                return
        raise AssertionError(f"Tab never came to {text!r}")

    portal.page.locator("#aws").focus()
    tab_to("account_id")
    portal.page.keyboard.type(portal.visitor.account_id)
    press("Tab")
    expect(portal.wizard.get_by_text("We watch for the role in account")).to_be_visible()
    tab_to("Next: confirm the template")
    press("Enter")
    portal.see_heading("Confirm the template")
    tab_to("Back")
    press("Enter")
    portal.see_heading("Create the role")
    tab_to("Create CloudFormation Stack")
    with portal.visitor.context.expect_page() as opened:
        press("Enter")
    opened.value.wait_for_load_state()


@in_every_policy
def test_what_opening_the_frame_weighs(new_portal: Callable[[], Portal], mode: str, measured: list[str]) -> None:
    for language in ("en", "de", "ja"):
        ours = first_visit(new_portal(), language)
        size = sum(size for _, size in ours)
        measured.append(f"Framed, {mode}, {language}: first visit {size:,} bytes in {len(ours)} requests")
        assert size <= MOST_BYTES
        assert len(ours) >= 9, "the frame's first page, the exchange, the step, and six files"


def first_visit(portal: Portal, language: str) -> list[tuple[str, int]]:
    """Return the address and the bytes of each answer of the wizard, to a browser that has kept nothing."""
    portal.visitor.context.clear_cookies()
    portal.visitor.context.new_cdp_session(portal.page).send("Network.clearBrowserCache")
    portal.page.set_extra_http_headers({"Accept-Language": language})
    sizes: list[tuple[str, int]] = []
    portal.page.on("requestfinished", lambda request: sizes.append(weighed(request)))
    portal.page.goto(f"{portal.visitor.sandbox.portal_url}/{portal.client}")
    expect(portal.wizard.locator("#account_id")).to_be_visible()
    portal.page.wait_for_timeout(500)
    expect(portal.wizard.locator("html")).to_have_attribute("lang", language)
    wizard = portal.visitor.sandbox.wizard_url
    ours = [
        (url, size) for url, size in sizes if url.startswith(wizard) and not re.search(r"rolecall\.js|/status", url)
    ]
    assert {url for url, _ in ours} == {url for url, size in ours if size}, "nothing came from the cache alone"
    portal.page.close()
    return ours


def weighed(request: Request) -> tuple[str, int]:
    """Return the address and the bytes of the answer; what came from the browser's cache weighs nothing."""
    found = request.sizes()
    return request.url, found["responseBodySize"] + (found["responseHeadersSize"] if found["responseBodySize"] else 0)


def test_the_script_for_the_portal_is_small(measured: list[str]) -> None:
    size = len(brotli.compress((PROJECT / "static/rolecall.js").read_bytes()))

    measured.append(f"rolecall.js: {size:,} bytes compressed")
    assert size <= PARENT_SCRIPT_BYTES
