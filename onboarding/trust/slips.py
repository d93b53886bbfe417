"""How one text misses another by a slip, in words."""

from __future__ import annotations

import unicodedata

from onboarding.ground.wording import NOTHING, Text, clean, say

_TYPO = 3


def how_it_differs(found: str, wanted: str) -> Text:
    """Return in words how a text misses the wanted one by a slip, or an empty string if it is another text."""
    if found.strip() == wanted:
        return say("There is a blank before or after it.")
    if "".join(c for c in found if unicodedata.category(c) not in ("Cf", "Zs", "Cc")) == wanted:
        return say("There is a blank or an invisible character in it.")
    if found.casefold() == wanted.casefold():
        return say("Capital and small letters differ.")
    return _slip(found, wanted) if _is_within(_TYPO, found, wanted) else NOTHING


def _slip(found: str, wanted: str) -> Text:
    at = next((i for i, (one, other) in enumerate(zip(found, wanted, strict=False)) if one != other), None)
    if at is None:
        return say("It is cut short.") if len(found) < len(wanted) else say("It has something added at its end.")
    if len(found) == len(wanted):
        return say(
            "Look at character {number}: “{found}” stands there instead of “{wanted}”.",
            number=at + 1,
            found=clean(found[at]),
            wanted=wanted[at],
        )
    if len(found) < len(wanted):
        return say("Look at character {number}: there, something is missing.", number=at + 1)
    return say("Look at character {number}: there, something is too many.", number=at + 1)


def _is_within(edits: int, one: str, other: str) -> bool:
    """Whether that many edits (a character less, more or another) make one text of the other.

    What both begin with is skipped, so few edits mean few branches, however long the texts are.
    """
    if edits == 0 or abs(len(one) - len(other)) > edits:
        return one == other
    at = next((i for i, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs), None)
    if at is None:
        return True
    here, there = one[at:], other[at:]
    ways = ((here[1:], there[1:]), (here[1:], there), (here, there[1:]))
    return any(_is_within(edits - 1, *way) for way in ways)
