"""HTML read as a validator would: what a browser quietly mends is an error here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_LABELABLE = frozenset(("button", "input", "meter", "output", "progress", "select", "textarea"))
_LIST_CHILDREN = {
    "ol": {"li", "script", "template"},
    "ul": {"li", "script", "template"},
    "dl": {"dt", "dd", "div", "script", "template"},
}


class NotStrict(AssertionError):
    """The markup is wrong; the text says where."""


def read_page(markup: str) -> Element:
    """Return the root of a whole page. Raises NotStrict."""
    _every_element_is_closed(markup)
    root = _parsed(lambda parser: parser.parse(markup))
    _common_rules(root, whole=True)
    if not root.get("lang"):
        raise NotStrict("the page does not say its language")
    if not text_of(root.find("./head/title")):
        raise NotStrict("the page has no title")
    headings = [text_of(e) for e in root.iter("h1")]
    if len(headings) != 1 or not headings[0]:
        raise NotStrict(f"a page has exactly one h1, this one has {headings}")
    return root


def read_fragment(markup: str) -> Element:
    """Return the one root element of a fragment, which carries its own id. Raises NotStrict."""
    _every_element_is_closed(markup)
    parsed = _parsed(lambda parser: parser.parseFragment(markup))
    roots = list(parsed)
    around = [parsed.text, *(e.tail for e in roots)]
    if len(roots) != 1 or any(text and text.strip() for text in around):
        raise NotStrict(f"a fragment has one root and nothing beside it, this has {[e.tag for e in roots]}")
    if not roots[0].get("id"):
        raise NotStrict("the root of a fragment carries its own id")
    _common_rules(parsed, whole=False)
    return roots[0]


def text_of(element: Element | None) -> str:
    """Return the text in an element, its blanks collapsed."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def by_id(root: Element, wanted: str) -> Element:
    """Return the element with that id. Raises NotStrict."""
    found = next((e for e in _elements(root) if e.get("id") == wanted), None)
    if found is None:
        raise NotStrict(f"there is no #{wanted}")
    return found


def links(root: Element) -> list[str]:
    """Return where the page's links lead, in their order."""
    return [e.get("href", "") for e in root.iter("a")]


def strangers_in_lists(root: Element) -> list[str]:
    """Return what stands directly in a list and is no item of it: a screen reader would count it wrongly."""
    return [
        f"{child.tag} in {element.tag}"
        for element in _elements(root)
        for child in element
        if isinstance(child.tag, str) and child.tag not in _LIST_CHILDREN.get(element.tag, {child.tag})
    ]


def _parsed(parse: Callable[[Any], Element]) -> Element:
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    try:
        return parse(parser)
    except html5lib.html5parser.ParseError as error:
        raise NotStrict(f"{error} near {parser.tokenizer.stream.position()}") from None


def _every_element_is_closed(markup: str) -> None:
    """HTML lets many end tags be left out; a template that does so is one edit away from a wrong tree."""
    checker = _TagChecker()
    checker.feed(markup)
    checker.close()
    if checker.open:
        raise NotStrict(f"never closed: {checker.open}")


class _TagChecker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise NotStrict(f"<{tag}/> at {self.getpos()}: HTML has no self-closing elements")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise NotStrict(f"</{tag}> at {self.getpos()} closes nothing")


def _common_rules(root: Element, *, whole: bool) -> None:
    elements = list(_elements(root))
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    twice = [name for name, count in ids.items() if count > 1]
    if twice:
        raise NotStrict(f"ids that stand on more than one element: {twice}")
    for element in elements:
        _nothing_is_inline(element)
    _labels_point_at_fields(root)
    if whole:
        _references_exist(elements, set(ids))


def _elements(root: Element) -> Iterator[Element]:
    return (e for e in root.iter() if isinstance(e.tag, str))


def _nothing_is_inline(element: Element) -> None:
    """What a strict content security policy would stop anyway."""
    bad = [name for name in element.attrib if name == "style" or name.startswith("on")]
    if bad or element.tag == "style" or (element.tag == "script" and not element.get("src")):
        raise NotStrict(f"inline style or script: <{element.tag} {bad}>")


def _labels_point_at_fields(root: Element) -> None:
    fields = {e.get("id"): e for e in _elements(root) if e.tag in _LABELABLE}
    labelled = set()
    for label in root.iter("label"):
        target = fields.get(label.get("for")) if label.get("for") else next(iter(_fields_in(label)), None)
        if target is None:
            raise NotStrict(f"the label “{text_of(label)}” points at no field")
        labelled.add(target)
    for element in _elements(root):
        needs_name = element.tag in ("input", "select", "textarea", "progress") and element.get("type") != "hidden"
        if needs_name and element not in labelled and not element.get("aria-label"):
            raise NotStrict(f"<{element.tag} name={element.get('name')!r}> has no label")
        if element.tag in ("button", "a") and not text_of(element) and not element.get("aria-label"):
            raise NotStrict(f"<{element.tag}> says nothing")


def _fields_in(label: Element) -> list[Element]:
    return [e for e in _elements(label) if e.tag in _LABELABLE]


def _references_exist(elements: list[Element], ids: set[str]) -> None:
    for element in elements:
        named = [name for key in ("aria-labelledby", "aria-describedby") for name in element.get(key, "").split()]
        anchors = [v[1:] for key in ("href", "hx-target") if (v := element.get(key, "")).startswith("#")]
        missing = [name for name in (*named, *anchors) if name not in ids]
        if missing:
            raise NotStrict(f"<{element.tag}> refers to {missing}, which is not on the page")
