"""What a first visit costs: bytes on the wire, headers and all, from no cache."""

from __future__ import annotations

import urllib.request

from playwright.sync_api import Page

from tests.browser.visitor import Visitor, wait_until

MOST_BYTES = 45_000
MOST_REQUESTS = 8


class Scales:
    """A page of a browser that keeps nothing: each load of it is a first visit."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.context.new_page()
        self._asked: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._cached: list[str] = []
        network = visitor.context.new_cdp_session(self.page)
        network.on("Network.requestWillBeSent", lambda e: self._asked.update({e["requestId"]: e["request"]["url"]}))
        network.on("Network.requestServedFromCache", lambda e: self._cached.append(e["requestId"]))
        network.on("Network.loadingFinished", lambda e: self._sizes.update({e["requestId"]: e["encodedDataLength"]}))
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def weigh(self, url: str) -> tuple[int, int]:
        """Return the bytes and requests of loading the address."""
        # The page before must not ask for anything more.
        self.page.goto("about:blank")
        for events in (self._asked, self._sizes, self._cached):
            events.clear()
        self.page.goto(url)
        self.page.wait_for_timeout(300)
        over_the_wire = {request: url for request, url in self._asked.items() if url.startswith("http")}
        wait_until(self.page, lambda: over_the_wire.keys() <= self._sizes.keys())
        cached = [over_the_wire[request] for request in self._cached if request in over_the_wire]
        assert cached == [], cached
        loaded = {url: self._sizes[request] for request, url in over_the_wire.items()}
        icon = self.page.locator("link[rel=icon]").evaluate("(link) => link.href")
        # A browser with a window fetches the icon, if not always where the page's network events tell.
        loaded.setdefault(icon, wire_size(icon))
        assert url in loaded
        return sum(loaded.values()), len(loaded)


def wire_size(url: str) -> int:
    """Return how many bytes the answer takes, headers included."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "br, gzip"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return len(answer.read()) + sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders()) + 19
