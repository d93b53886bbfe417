"""Leaves the indentation of templates out of pages: it helps their authors, and is a thirtieth of a page’s weight."""

from __future__ import annotations

import re

from jinja2.ext import Extension

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class Unindented(Extension):
    """Reads the source of each HTML template without the blanks at the beginnings of its lines.

    A browser takes them and the line's end for one blank. What a template fills in keeps its own.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENTATION.sub("", source) if name and name.endswith(".html") else source
