"""A brand's colour, moved until it is legible on light and dark pages: as text, as a button, and on hover.

WCAG 2.2 asks for a contrast of 4.5 between text and what is behind it, and 3 for what outlines a control.
Source: https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coloraide import Color

from onboarding.look.brand import HexColor

LEAST_CONTRAST = 4.5
# A little more than is required, since rounding to eight bits a channel can lower it.
_WANTED = LEAST_CONTRAST + 0.05
_STEP = 0.01
_HOVER = 0.06

# Of each scheme's backgrounds the one with the least contrast to text (--tint in static/wizard/tokens.css), and the
# direction in which lightness moves away from it.
BACKGROUNDS: Mapping[str, tuple[str, int]] = {"light": ("#f5f7fb", -1), "dark": ("#1a212c", +1)}
_INKS = ("#ffffff", "#0b1530")


@dataclass(frozen=True)
class Shade:
    """The brand in one scheme: its colour as text and as a button, the text on the button, and the colour on hover."""

    brand: HexColor
    ink: HexColor
    hover: HexColor


@dataclass(frozen=True)
class Palette:
    """A brand's colour, and its shades by scheme."""

    color: HexColor
    shades: Mapping[str, Shade]

    @property
    def adjusted(self) -> tuple[str, ...]:
        """The schemes in which the colour itself was not legible, so that its lightness was moved."""
        return tuple(scheme for scheme, shade in self.shades.items() if shade.brand != self.color)


def contrast(one: str, other: str) -> float:
    """Return the contrast between two colours, from 1 to 21, as WCAG defines it."""
    return float(Color(one).contrast(other, method="wcag21"))


def palette_of(color: HexColor) -> Palette:
    """Return the shades of a colour that can be read: its hue is kept, its lightness moves as far as it must."""
    return Palette(color, {scheme: _shade(color, *background) for scheme, background in BACKGROUNDS.items()})


def _shade(color: HexColor, background: str, away: int) -> Shade:
    brand = _until_legible(color, background, away)
    # The text on the button stays the same on hover, so the colour moves in the direction that keeps it legible.
    return Shade(brand, _ink_on(brand), _moved(brand, away * _HOVER))


def _until_legible(color: HexColor, background: str, away: int) -> HexColor:
    found, moved = color, 0.0
    while contrast(found, background) < _WANTED or contrast(found, _ink_on(found)) < _WANTED:
        moved += _STEP
        found = _moved(color, away * moved)
        if moved > 1:
            raise AssertionError(f"no lightness of {color} is legible on {background}")
    return found


def _moved(color: HexColor, by: float) -> HexColor:
    oklch = Color(color).convert("oklch")
    oklch["lightness"] = min(1, max(0, oklch["lightness"] + by))
    return HexColor(oklch.fit("srgb").convert("srgb").to_string(hex=True))


def _ink_on(color: str) -> HexColor:
    return HexColor(max(_INKS, key=lambda ink: contrast(ink, color)))
