"""No secret stands where somebody else could read it: an address, a Referer, a log; and nothing leaves the frame."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Request

from tests.browser.framed.frame import NONE, NORMAL, PARTITIONED, Portal
from tests.browser.sandbox_process import Sandbox
from tests.browser.visitor import Visitor

HEADER = "rolecall-session"


class Wire:
    """Every request that the browser sends, with all its headers."""

    def __init__(self, portal: Portal) -> None:
        self.requests: list[Request] = []
        self.secrets: set[str] = set()
        self.opened_at: list[str] = []
        self.sandbox = portal.visitor.sandbox
        portal.visitor.context.on("request", self._asked)
        portal.visitor.context.on("response", self._answered)

    def _asked(self, request: Request) -> None:
        self.requests.append(request)

    def _answered(self, response: Any) -> None:
        if response.url.endswith("/launch") and response.request.method == "POST" and "portal." in response.url:
            self.secrets.add(json.loads(response.text())["url"].partition("#")[2])

    def of_the_wizard(self) -> list[Request]:
        return [r for r in self.requests if r.url.startswith(self.sandbox.wizard_url)]

    def headers(self) -> list[tuple[str, dict[str, str]]]:
        return [(r.url, r.all_headers()) for r in self.of_the_wizard()]

    def sessions(self) -> set[str]:
        """Return each session that travelled, in whichever way."""
        found = {h[HEADER] for _, h in self.headers() if HEADER in h}
        for request in self.of_the_wizard():
            found |= set(re.findall(r"rolecall_session=([^&]+)", request.post_data or ""))
        cookies = " ".join(h.get("cookie", "") for _, h in self.headers())
        return found | set(re.findall(r"rolecall-framed=([^; ]+)", cookies))


@pytest.fixture(scope="module", params=(NORMAL, PARTITIONED, NONE))
def walked(
    request: pytest.FixtureRequest, sandbox: Sandbox, browser_of: Callable[[str], BrowserContext]
) -> Iterator[tuple[Portal, Wire]]:
    """Everything that a client does, with a reload on the way: once in each policy, for tests that only look."""
    visitor = Visitor(browser_of(request.param), sandbox)
    portal = Portal(visitor, f"client-in-{request.param.replace(' ', '-')}", request.param)
    sent = Wire(portal)
    portal.open()
    addresses = "[location.href, performance.getEntriesByType('navigation')[0].name]"
    sent.opened_at = portal.frame.evaluate(addresses)
    walk(portal)
    yield portal, sent
    visitor.leave()
    assert visitor.problems == []


def walk(portal: Portal) -> None:
    """Go to another step, reload the frame there, come back, and connect."""
    portal.follow("Next: confirm the template")
    portal.see_heading("Confirm the template")
    portal.frame.evaluate("location.reload()")
    portal.page.wait_for_timeout(500)
    portal.see_heading("Confirm the template")
    portal.follow("Back")
    portal.see_heading("Create the role")
    portal.connect()
    portal.page.wait_for_timeout(300)


def in_policy(mode: str) -> pytest.MarkDecorator:
    """Look at the walk in this policy alone."""
    return pytest.mark.parametrize("walked", [mode], indirect=True)


def test_no_secret_is_in_an_address_a_referer_a_log_or_what_htmx_says_of_the_page(walked: tuple[Portal, Wire]) -> None:
    portal, sent = walked

    assert sent.secrets
    canaries = sent.secrets | sent.sessions()
    assert len(canaries) >= 2
    log = portal.visitor.sandbox.output.read_text()
    for canary in canaries:
        assert canary not in log
        for url, headers in sent.headers():
            assert canary not in url
            for name in ("referer", "hx-current-url", "hx-source", "origin"):
                assert canary not in headers.get(name, ""), (name, url)
    for page in portal.visitor.context.pages:
        assert not any(canary in frame.url for frame in page.frames for canary in canaries)


@in_policy(NONE)
def test_without_cookies_every_htmx_request_carries_the_session(
    walked: tuple[Portal, Wire], measured: list[str]
) -> None:
    portal, sent = walked
    portal.page.wait_for_timeout(2500)

    asked = [(url, h) for url, h in sent.headers() if "hx-request" in h]
    carried = [h for _, h in asked if HEADER in h]
    measured.append(f"Framed, {NONE}: {len(carried)} of {len(asked)} htmx requests carried the session")
    assert len(asked) >= 6
    assert len(carried) == len(asked)
    assert not any("cookie" in h for _, h in sent.headers())


@in_policy(NORMAL)
def test_where_a_cookie_is_kept_no_script_can_read_the_session(walked: tuple[Portal, Wire]) -> None:
    portal, sent = walked

    assert not any(HEADER in h for _, h in sent.headers())
    assert portal.frame.evaluate("document.cookie") == ""
    assert portal.frame.evaluate("localStorage.length + sessionStorage.length") == 0


@in_policy(NONE)
def test_without_cookies_nothing_is_kept_anywhere_but_in_memory(walked: tuple[Portal, Wire]) -> None:
    portal, _ = walked

    assert "rolecall-session" not in portal.frame.evaluate("document.head.outerHTML")
    assert portal.frame.evaluate("Object.keys(window).filter((name) => /rolecall/i.test(name))") == []
    assert portal.frame.evaluate("try { localStorage } catch (error) { error.name }") == "SecurityError"


@in_policy(NONE)
def test_polling_stops_once_it_is_connected(walked: tuple[Portal, Wire]) -> None:
    portal, sent = walked
    portal.page.wait_for_timeout(500)
    before = len([r for r in sent.of_the_wizard() if "/status" in r.url])

    portal.page.wait_for_timeout(5000)

    assert len([r for r in sent.of_the_wizard() if "/status" in r.url]) == before


def test_the_address_that_the_frame_shows_loses_the_secret_before_anything_is_asked_for(
    walked: tuple[Portal, Wire],
) -> None:
    _, sent = walked
    shown, navigated_to = sent.opened_at

    assert sent.secrets
    assert not any(secret in shown for secret in sent.secrets)
    assert navigated_to.count("#") <= 1
