"""A policy as AWS prints it: line by line, and on which line a place in the policy is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from onboarding.ground.wording import clean
from onboarding.policy.document import Path

_Line = tuple[Path, str, Any]
_MOST_LINES = 200


class PrintedPolicy:
    """Up to 200 lines of JSON with four blanks of indent, and where each path begins, found without looking at all."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        printed = list(islice(_printed(source), _MOST_LINES))
        self.lines = tuple(text for _, text, _ in printed)
        self._exact: dict[Path, int] = {}
        self._folded: dict[Path, int] = {}
        self._items: dict[tuple[Path, str], int] = {}
        for index, (path, _, value) in enumerate(printed):
            self._exact.setdefault(path, index)
            self._folded.setdefault(_folded(path), index)
            if path and isinstance(path[-1], int) and isinstance(value, str):
                self._items.setdefault((_folded(path[:-1]), clean(value)), index)

    def line_of(self, path: Path, found: str) -> int:
        """Return the index of the line with what was found at the path, or the nearest around it."""
        own = self._items.get((_folded(path), found))
        if own is not None:
            return own
        around = (path[:length] for length in range(len(path), 0, -1))
        lines = (self._exact.get(place, self._folded.get(_folded(place))) for place in around)
        return next((index for index in lines if index is not None), 0)


def _folded(path: Path) -> Path:
    """Return the path as AWS compares names, so that a place is found however its names are spelled."""
    return tuple(step.lower() if isinstance(step, str) else step for step in path)


def _printed(value: Any, path: Path = (), before: str = "", indent: int = 0, after: str = "") -> Iterator[_Line]:
    """Yield each line of the JSON as `indent=4` prints it, with the path to what stands on it, and its value."""
    blanks = " " * indent
    if not isinstance(value, dict | list) or not value:
        yield path, f"{blanks}{before}{json.dumps(value, ensure_ascii=False)}{after}", value
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield path, f"{blanks}{before}{opening}", None
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for number, (key, inner) in enumerate(items, start=1):
        label = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        yield from _printed(inner, (*path, key), label, indent + 4, "," if number < len(items) else "")
    yield path, f"{blanks}{closing}{after}", None
