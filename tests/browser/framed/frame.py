"""The wizard as a client of the example portal sees it: in a frame of another site, under one cookie policy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, Locator, Page, Playwright, expect

from tests.browser.conftest import FLAGS, chromium_paths
from tests.browser.sandbox_process import Sandbox
from tests.browser.visitor import WIDE, Console, Visitor

TWO_SITES = "--host-resolver-rules=MAP *.localhost 127.0.0.1"
NORMAL, PARTITIONED, NONE = "normal", "third-party cookies blocked", "all cookies blocked"


def in_policies(*modes: str) -> pytest.MarkDecorator:
    """Run a test once in each of these cookie policies."""
    return pytest.mark.parametrize("mode", modes, indirect=True)


in_every_policy = in_policies(NORMAL, PARTITIONED, NONE)


def settings_of(mode: str, sandbox: Sandbox) -> dict[str, Any]:
    """Return Chromium's own settings for a cookie policy, as its settings page writes them."""
    if mode == NORMAL:
        return {"profile": {"cookie_controls_mode": 0}}
    if mode == PARTITIONED:
        return {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    # Nobody who blocks every cookie gets into the AWS console but by an exception for it.
    allowed = {f"{sandbox.console_url},*": {"setting": 1}}
    return {
        "profile": {
            "default_content_setting_values": {"cookies": 2},
            "content_settings": {"exceptions": {"cookies": allowed}},
        }
    }


def a_browser(playwright: Playwright, folder: Path, mode: str, sandbox: Sandbox, **options: Any) -> BrowserContext:
    """Return a browser with a profile of its own that keeps to the cookie policy."""
    # The whole Chromium: the headless shell has no settings, so no cookie policy either.
    whole = chromium_paths(("chromium", "google-chrome"))[0]
    settings = folder / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(settings_of(mode, sandbox)))
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=whole, args=[*FLAGS, TWO_SITES], **{**WIDE, **options}
    )


class Portal:
    """One window of the portal, with the wizard in it."""

    def __init__(self, visitor: Visitor, client: str, mode: str) -> None:
        self.visitor = visitor
        self.client = client
        self.mode = mode
        self.page: Page = visitor.context.new_page()

    def open(self, path: str = "") -> Portal:
        """Load the portal's page, and wait for the wizard in it."""
        self.page.goto(f"{self.visitor.sandbox.portal_url}/{self.client}{path}")
        self.see_heading("Create the role in your AWS account")
        return self

    @property
    def wizard(self) -> Any:
        """What stands in the frame."""
        return self.page.frame_locator("iframe")

    @property
    def frame(self) -> Frame:
        """The frame itself, for what only its script can tell."""
        return next(f for f in self.page.frames if f.url.startswith(self.visitor.sandbox.wizard_url))

    @property
    def path(self) -> str:
        """Where in the wizard the client is, in either mode."""
        where = self.frame.evaluate("location.hash.startsWith('#/') ? location.hash.slice(1) : location.pathname")
        return str(where).removeprefix("/framed")

    @property
    def connection_id(self) -> str:
        found = re.search(r"/connect/([^/]+)/", self.path)
        assert found is not None, self.path
        return found[1]

    @property
    def row(self) -> dict[str, Any]:
        """The connection as it is stored."""
        return self.visitor.sandbox.row(self.connection_id)

    @property
    def panel(self) -> Locator:
        return self.wizard.locator("#status_panel")

    def see_heading(self, text: str) -> None:
        expect(self.wizard.get_by_role("heading", level=1, name=text)).to_be_visible()

    def follow(self, link: str) -> None:
        """Press a link or button of the wizard by its words."""
        self.wizard.get_by_role("link", name=link).or_(self.wizard.get_by_role("button", name=link)).first.click()

    def name_account(self) -> None:
        """Type the account ID on step 1 and leave the field."""
        self.wizard.get_by_label("AWS account ID").fill(self.visitor.account_id)
        self.page.keyboard.press("Tab")
        expect(self.wizard.get_by_text("We watch for the role in account")).to_be_visible()

    def launch(self) -> Console:
        """Press the button that opens the AWS console, and return its window."""
        with self.visitor.context.expect_page() as opened:
            self.follow("Create CloudFormation Stack")
        opened.value.wait_for_url(re.compile("/cloudformation/create/"))
        return Console(self.visitor, opened.value)

    def connect(self) -> None:
        """Connect the account by the quick path, and wait for success."""
        self.name_account()
        self.launch().create_stack()
        self.see_success()

    def see_success(self) -> None:
        self.see_heading("is connected")
