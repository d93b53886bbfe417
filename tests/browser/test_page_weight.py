"""What a first visit costs: bytes on the wire, headers and all, with an empty cache."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

from tests.browser.visitor import Visitor, Wizard, wait_until

MOST_BYTES = 45_000
MOST_REQUESTS = 8


def test_the_first_visit_to_any_step_is_light(
    wizard: Wizard, new_visitor: Callable[..., Visitor], measured: list[str]
) -> None:
    measured.append("First visit to a step, cold cache:      bytes  requests")
    costs = {}
    for number in range(1, 10):
        costs[number] = first_visit(wizard, new_visitor, number)
        measured.append(f"  step {number}                          {costs[number][0]:>11,}  {costs[number][1]:>8}")

    assert max(size for size, _ in costs.values()) <= MOST_BYTES
    assert max(count for _, count in costs.values()) <= MOST_REQUESTS


def first_visit(
    wizard: Wizard, new_visitor: Callable[..., Visitor], number: int, *, locale: str = "en"
) -> tuple[int, int]:
    """Return the bytes and requests of loading the step in a browser that has nothing yet but the session."""
    visitor = new_visitor(storage_state=wizard.visitor.context.storage_state(), locale=locale)
    page = visitor.context.new_page()
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network = visitor.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    network.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    network.send("Network.enable")
    page.goto(wizard.url(number))
    page.wait_for_timeout(300)
    over_the_wire = {request: url for request, url in asked.items() if url.startswith("http")}
    wait_until(page, lambda: over_the_wire.keys() <= sizes.keys())
    loaded = {url: sizes[request] for request, url in over_the_wire.items()}
    icon = page.locator("link[rel=icon]").evaluate("(link) => link.href")
    # A browser with a window fetches the icon, if not always where the page's network events tell.
    loaded.setdefault(icon, wire_size(icon))
    visitor.context.close()
    assert wizard.url(number) in loaded
    return sum(loaded.values()), len(loaded)


def wire_size(url: str) -> int:
    """Return how many bytes the answer takes, headers included."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "br, gzip"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return len(answer.read()) + sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders()) + 19
