"""A language in which every sentence of the catalogue stands in ⟦brackets⟧: what stands outside was never asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.support import NullTranslations
from flask import Flask
from selectolax.lexbor import LexborNode

from tests.html_reader import TEXT, attribute, read
from translations.collect import collect

# A real code, since dates and numbers are written by it too.
CODE = "eo"
_KNOWN = {str(message.id) for message in collect() if message.id}
_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_READ_OUT = ("aria-label", "title", "alt", "placeholder", "data-copied", "data-title")
# What stands in these is a value: an ARN, a command, what somebody pasted, the name that a language has for itself.
_VALUES = {"code", "textarea", "script"}


class PseudoTranslations(NullTranslations):
    """Marks the sentences that the catalogues have, and no other."""

    def ugettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message in _KNOWN else message


def speak_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application speak it for one test, to whoever asks for it."""
    catalogues = app.extensions["rolecall.catalogues"]
    monkeypatch.setitem(catalogues.translations, CODE, PseudoTranslations())
    monkeypatch.setitem(catalogues.codes, CODE.lower(), CODE)


def unmarked(markup: str, *, values: set[str]) -> list[str]:
    """Return the words of a page that went by the catalogue. `values` are names, which no language has."""
    while _INNERMOST.search(markup):
        markup = _INNERMOST.sub(" ", markup)
    return [left for said in _said(read(markup)) if _LETTERS.search(left := _without(said, values))]


def _without(said: str, values: set[str]) -> str:
    for value in sorted(values, key=len, reverse=True):
        said = said.replace(value, " ")
    return said.strip()


def _said(root: LexborNode) -> Iterator[str]:
    """Yield what is shown or read out. In a drawing AWS speaks, but for the pointers."""
    for name in _READ_OUT:
        yield from (attribute(each, name) for each in root.css(f"[{name}]"))
    yield from (
        attribute(pointer, "data-mark") for pointer in root.css("[role=img] [data-mark], [role=img][data-mark]")
    )
    yield from _shown(root)


def _shown(element: LexborNode) -> Iterator[str]:
    is_copied = element.tag == "dd" and element.id
    if element.tag in _VALUES or is_copied or attribute(element, "role") == "img":
        return
    for child in element.iter(include_text=True):
        if child.tag == TEXT:
            yield child.text()
        else:
            yield from _shown(child)
