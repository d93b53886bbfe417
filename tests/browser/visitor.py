"""A person at a browser: their windows, what they do in the wizard and in the AWS console, and what went wrong."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

from tests.browser.sandbox_process import Sandbox

WAITS_MILLISECONDS = 15_000
expect.set_options(timeout=WAITS_MILLISECONDS)
# With stacks that report back, and without.
BOTH_WAYS = pytest.mark.parametrize("sandbox", [True, False], ids=["reports", "silent"], indirect=True)
SILENT = pytest.mark.parametrize("sandbox", [False], ids=["silent"], indirect=True)
WIDE: Any = {"viewport": {"width": 1280, "height": 900}}
_numbers = itertools.count(1)

# A violation is an event on the document; this puts it where the browser's own complaints are.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violated:", event.violatedDirective, event.blockedURI, event.sourceFile), true);
"""


def an_account_id() -> str:
    """Return the ID of an AWS account that nobody has used yet."""
    return f"{secrets.randbelow(9 * 10**11) + 10**11}"


def wait_until(page: Page, is_so: Callable[[], object]) -> None:
    """Wait until it is so, while the page lives on: for what Playwright's own `expect` has no words for."""
    give_up_at = time.monotonic() + WAITS_MILLISECONDS / 1000
    while not is_so():
        assert time.monotonic() < give_up_at, "it never came about"
        page.wait_for_timeout(50)


class Visitor:
    """One browser profile. Everything that a page should never do is kept in `problems`."""

    def __init__(self, browser: Browser | BrowserContext, sandbox: Sandbox, **options: Any) -> None:
        self.sandbox = sandbox
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.account_id = an_account_id()
        self.company = f"Acme {next(_numbers)} GmbH"
        self.context = browser if isinstance(browser, BrowserContext) else browser.new_context(**{**WIDE, **options})
        self.context.set_default_timeout(WAITS_MILLISECONDS)
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("console", self._heard)
        self.context.on("weberror", self._failed)
        self.context.on("request", self._requested)
        # Who is signed in to the console, as its "Switch" button would leave it.
        self.sign_in(self.account_id)

    def leave(self) -> None:
        """Leave the browser to somebody else: without our pages, our cookies, and us."""
        for page in self.context.pages[1:]:
            page.close()
        self.context.clear_cookies()
        self.context.remove_listener("console", self._heard)
        self.context.remove_listener("weberror", self._failed)
        self.context.remove_listener("request", self._requested)

    def sign_in(self, account_id: str) -> None:
        """Sign in to the account in the AWS console."""
        self.context.add_cookies([{"name": "account_id", "value": account_id, "url": self.sandbox.console_url}])

    def allow_clipboard(self) -> None:
        """Let pages read and write the clipboard, as a person with a keyboard can."""
        for origin in (self.sandbox.wizard_url, self.sandbox.console_url):
            self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)

    def start(self) -> Wizard:
        """Come in through the landing page, and open the wizard of a new connection.

        By the same requests that a browser sends, without drawing the pages on the way: the keyboard walks those.
        """
        self.submit("/", "/start", company=self.company)
        return self.connect_another()

    def connect_another(self) -> Wizard:
        """Open the wizard of a further connection in a tab of its own."""
        opened = self.submit("/connections", "/connections")
        page = self.context.new_page()
        page.goto(opened.url)
        return Wizard(self, page)

    def accept(self, link: str) -> Page:
        """Open an invite and press its button."""
        page = self.context.new_page()
        page.goto(link)
        page.get_by_role("button", name="Start for").click()
        return page

    def submit(self, page: str, to: str, *, follows: bool = True, **fields: str) -> APIResponse:
        """Send a form of the page and return the page that it leads to, or the redirect itself."""
        page, to = (urljoin(self.sandbox.wizard_url, address) for address in (page, to))
        shown = self.context.request.get(page)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text())
        assert token is not None, shown.text()
        form = {"csrf_token": token[1], **fields}
        redirects = {} if follows else {"max_redirects": 0}
        answer = self.context.request.post(to, form=form, headers={"Referer": page}, **redirects)
        assert answer.ok or not follows, answer.status
        return answer

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser logs each 4xx of its own; tests look at answers themselves.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, error: WebError) -> None:
        self.problems.append(f"page error: {error.error}")

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)
        address = urlsplit(request.url)
        sandbox = self.sandbox
        ours = {urlsplit(url).netloc for url in (sandbox.wizard_url, sandbox.console_url, sandbox.portal_url)}
        if address.scheme not in ("data", "blob", "about") and address.netloc not in ours:
            self.problems.append(f"request to somebody else: {request.url}")


class Wizard:
    """One window with one connection's wizard in it."""

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self.visitor = visitor
        self.page = page
        found = re.search(r"/connect/([^/]+)/", page.url)
        assert found is not None, page.url
        self.connection_id = found[1]

    @property
    def panel(self) -> Any:
        return self.page.locator("#status_panel")

    @property
    def row(self) -> dict[str, Any]:
        """The connection as it is stored."""
        return self.visitor.sandbox.row(self.connection_id)

    @property
    def external_id(self) -> str:
        """The external ID that the page shows."""
        return self.page.locator("#external-id").inner_text()

    def url(self, where: str | int) -> str:
        """Return the address of a step by its number, or of another page of the connection by its name."""
        place = f"step/{where}" if isinstance(where, int) else where
        return f"{self.visitor.sandbox.wizard_url}/connect/{self.connection_id}/{place}"

    def go(self, where: str | int) -> Response:
        """Load a page of this connection."""
        response = self.page.goto(self.url(where))
        assert response is not None
        return response

    def in_another_tab(self, where: str | int) -> Wizard:
        """Open a page of this connection in a further tab."""
        page = self.visitor.context.new_page()
        page.goto(self.url(where))
        return Wizard(self.visitor, page)

    def name_account(self, account_id: str = "") -> None:
        """Type the account ID on step 1 and leave the field."""
        self.page.get_by_label("AWS account ID").fill(account_id or self.visitor.account_id)
        self.page.keyboard.press("Tab")
        expect(self.page.get_by_text("We watch for the role in account")).to_be_visible()

    def launch(self, button: str = "Create CloudFormation Stack") -> Console:
        """Press a button of step 1 that opens the AWS console, and return the console's window."""
        with self.visitor.context.expect_page() as opened:
            self.page.get_by_role("button", name=button).click()
        opened.value.wait_for_url(re.compile("/cloudformation/create/"))
        return Console(self.visitor, opened.value)

    def connect(self) -> None:
        """Connect the account by the quick path, and wait for success."""
        self.name_account()
        self.launch().create_stack()
        self.see_success()

    def paste_role(self, arn: str) -> Response:
        """Type the ARN on step 9, press Validate, and return the answer."""
        self.page.get_by_label("Role ARN").fill(arn)
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            self.page.get_by_role("button", name="Validate").click()
        self.page.wait_for_load_state()
        return answered.value

    def see_status(self, status: str, *, within_seconds: float = 15) -> None:
        """Wait until the live panel says so."""
        expect(self.panel).to_have_attribute("data-status", status, timeout=within_seconds * 1000)

    def see_success(self) -> None:
        """Wait until the success page is on screen."""
        expect(self.page.get_by_role("heading", level=1, name="is connected")).to_be_visible()

    def ticked_steps(self) -> list[int]:
        """Return the numbers of the steps that the rail ticks."""
        ticked = self.page.locator(".rail li[data-state=done]").all()
        return [int(step.get_attribute("data-n") or 0) for step in ticked]

    def mark_window(self) -> None:
        """Leave a mark that a page load would wipe out."""
        self.page.evaluate("window.markedByTest = true")

    def was_never_reloaded(self) -> bool:
        """Whether the mark is still there."""
        return self.page.evaluate("window.markedByTest === true")

    def take_picture(self, name: str, folder: Path | None) -> None:
        """Keep a screenshot, where somebody asked for them."""
        if folder is not None:
            self.page.screenshot(path=folder / f"{name}.png", full_page=True)


class Console:
    """One window with the stand-in AWS console in it."""

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self.visitor = visitor
        self.page = page

    def press(self, button: str) -> None:
        """Press a button by the word on it."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def create_stack(self, *, fault: str = "") -> None:
        """Tick the acknowledgement and create the stack, with one of the sandbox's faults if named."""
        if fault:
            self.page.get_by_label("Sandbox: try a fault").select_option(fault)
        self.page.get_by_role("checkbox").check()
        self.press("Create stack")
        self.page.wait_for_url(re.compile("/cloudformation/stack/events"))

    def see_stack(self, status: str) -> None:
        """Wait until the stack's own status says so."""
        expect(self.page.locator("#stack .state").first).to_have_text(status)
