"""The edges of what somebody pasted, and characters inside it that nobody sees.

Copying from mails, PDFs and consoles brings blanks, quotes and marks along. Around a value they mean nothing; inside it
one is named, since the value looks right and is not.
"""

from __future__ import annotations

import unicodedata

from onboarding.ground.refused import Refused
from onboarding.ground.wording import say, visible

_QUOTES = "\"'`,;“”„«»‘’‚"
_UNSEEN = "".join(chr(code) for code in (0xAD, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)))
_BLANKS = "".join(chr(code) for code in (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F))
_AROUND = f"{_QUOTES}{_UNSEEN}{_BLANKS}\u3000\ufeff"


def bare(raw: str) -> str:
    """Return the text without blanks, quotes and unseen marks around it."""
    return raw.strip(_AROUND)


def refuse_unseen(text: str) -> None:
    """Raise Refused, naming the first character in the text that nobody sees."""
    if text.isascii() and text.isprintable():
        return
    at = next((at for at, character in enumerate(text) if _is_unseen(character)), None)
    if at is None:
        return
    code, name = f"U+{ord(text[at]):04X}", unicodedata.name(text[at], "").lower()
    raise Refused(
        "unseen_character",
        say(
            "There is an invisible character in it: {character}, behind “{before}”.",
            character=f"{code} ({name})" if name else code,
            before=text[max(0, at - 12) : at],
        ),
        say("Delete what you see around that place and type it again, or copy the whole value from AWS once more."),
    )


def _is_unseen(character: str) -> bool:
    return visible(character) != character or unicodedata.category(character) == "Cf"
