"""Sentences for the tenant, which can be read in other languages too.

The domain speaks English. A Text is the English sentence, filled in: it prints, compares and is logged as such. It also
remembers the sentence with its gaps and what fills them, so that whoever shows it can look the sentence up in a
catalogue of translations. What `+`, `join` or an f-string puts together stays English: use `together`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self


class Text(str):
    """An English sentence that knows its `source`, as the catalogue has it, and the `params` that fill its gaps."""

    source: str
    params: Mapping[str, Any]

    def __new__(cls, source: str = "", params: Mapping[str, Any] | None = None) -> Self:
        filling = {name: in_english(value) for name, value in (params or {}).items()}
        # A source without parameters can hold braces of its own, as JSON does.
        text = super().__new__(cls, source.format_map(filling).strip() if filling else source)
        text.source, text.params = source, dict(params or {})
        return text

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:  # type: ignore[override]
        # Copy the source and what fills it, not the filled-in sentence.
        return self.source, self.params

    def filled(self, **params: Any) -> Text:
        """Return the sentence with its gaps filled."""
        return Text(self.source, params)


NOTHING = Text()


def say(source: str, /, **params: Any) -> Text:
    """Return a sentence for the tenant; `{name}` in it is a gap. The source is written out here: tools collect it.

    What fills a gap is a text in no language (a name, an ARN), another Text, a whole number, a time, or a tuple of
    these, which becomes a list.
    """
    return Text(source, params)


def together(*parts: Text) -> Text:
    """Return the sentences one after the other, without empty ones."""
    said = [part for part in parts if part]
    whole = said[0] if said else NOTHING
    for part in said[1:]:
        whole = say("{one} {two}", one=whole, two=part)
    return whole


def in_english(value: Any) -> str:
    """Return what fills a gap as it reads in English."""
    if isinstance(value, tuple):
        return ", ".join(map(in_english, value))
    if isinstance(value, datetime):
        return f"{value.day} {value:%B %Y} at {value:%H:%M} UTC"
    return f"{value:,}" if isinstance(value, int) else str(value)


# What no reader sees, and what turns the text around it: control characters but for the blanks among them, marks of
# direction, blanks without width, ends of lines that are none, fillers that draw nothing, tags, halves of a character,
# and what is no character (Unicode's Default_Ignorable_Code_Point lists most). Joiners and variation selectors stay:
# names in Persian and Japanese, and many emoji, need them. The flags of England, Scotland and Wales are made of tags.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Return the text with what nobody would see written out, as in `\\x1b` and `\\u202e`."""
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean(text: str, *, longest: int = 200) -> str:
    """Return the text fit to be shown and stored: shortened, with nothing hidden in it that UTF-8 could not encode."""
    whole = visible(text[: longest + 1])
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"
