"""What stands inline in a page: a strict Content-Security-Policy allows no style and no script there."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.html_reader import read


def inline_in(page: Page) -> list[str]:
    """Return what stands inline in the page as the server sends it; a page that answers a POST, as it is now."""
    served = page.context.request.get(page.url)
    root = read(served.text() if served.ok else page.content())
    found = [f"<{element.tag}>" for element in root.css("style, script:not([src])")]
    attributes = [(element.tag, name) for element in root.css("*") for name in element.attributes]
    return found + [f"<{tag} {name}>" for tag, name in attributes if name == "style" or name.startswith("on")]
