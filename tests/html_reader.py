"""HTML read leniently, for what stands in it; whether it is strict, tests/web/strict_html.py says."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

TEXT = "-text"


def read(markup: str) -> LexborNode:
    """Return the root of a page, or of the page around a fragment."""
    root = LexborHTMLParser(markup).root
    assert root is not None
    return root


def first(node: LexborNode, selector: str) -> LexborNode:
    """Return the first element below the node that the CSS selector fits."""
    found = node.css_first(selector)
    assert found is not None, f"nothing on the page is {selector}"
    return found


def attribute(node: LexborNode, name: str) -> str:
    """Return the attribute's value: empty where it has none, or is not there."""
    return node.attributes.get(name) or ""
