"""Takes off what terminals, editors and chats put around a text: colours, line numbers, quotes, a pager's lines.

Each is taken off only where all the lines have it, and lines keep their numbers, so that an error names the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

# https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ (CSI sequences), and what is left
# of them where the escape character itself was not copied.
_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|\[[0-9]{1,2}(?:;[0-9]{1,3}){0,5}m|\[m")
_PAGER = frozenset({":", "~", "(END)", "--More--", "-- More --", "```", "```json", "~~~"})
_QUOTE = re.compile(r"[ \t]*(?:>|&gt;|#|//|\+|\||│)[> \t]*")
_NUMBER = re.compile(r"[ \t]*L?([0-9]{1,4})(?:[ \t]{0,4}[.:|)│]| {0,3}(?=[ \t]|$))")
_TYPOGRAPHIC = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " ", "\u200b": " ", "\ufeff": " "}
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def readings(text: str) -> Iterator[str]:
    """Yield the text as it is, then bare of what stands around it, then with a keyboard's quotes, commas and blanks."""
    yield text
    bare = _bare(text)
    if bare != text:
        yield bare
    straight = _TRAILING_COMMA.sub("", unescape(bare).translate(_TYPOGRAPHIC))
    if straight != bare:
        yield straight


def _bare(text: str) -> str:
    lines = _COLOUR.sub("", text).split("\n")
    lines = ["" if line.strip() in _PAGER else line for line in lines]
    return "\n".join(_unnumbered(_unquoted(lines)))


def _unquoted(lines: list[str]) -> list[str]:
    """Return the lines without the marks of a quote, if from the first to the last of them all have one."""
    marks = [_QUOTE.match(line) for line in lines]
    return _without(lines, marks) if _is_everywhere(lines, marks) else lines


def _unnumbered(lines: list[str]) -> list[str]:
    """Return the lines without their numbers, if those count on by one."""
    numbers = [_NUMBER.match(line) for line in lines]
    counted = [int(number[1]) for number in numbers if number]
    counts_on = counted == list(range(counted[0], counted[0] + len(counted))) if counted else False
    return _without(lines, numbers) if counts_on and _is_everywhere(lines, numbers) else lines


def _is_everywhere(lines: list[str], marks: list[re.Match[str] | None]) -> bool:
    placed = [at for at, mark in enumerate(marks) if mark]
    return len(placed) > 1 and not any(lines[at].strip() for at in range(placed[0], placed[-1]) if marks[at] is None)


def _without(lines: list[str], marks: list[re.Match[str] | None]) -> list[str]:
    return [line[mark.end() :] if mark else line for mark, line in zip(marks, lines, strict=True)]
