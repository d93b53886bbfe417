"""Any colour a vendor may have comes out legible: as text and as a button, in light and in dark."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config import PROJECT
from onboarding.look.brand import parse_color
from onboarding.look.palette import BACKGROUNDS, LEAST_CONTRAST, contrast, palette_of
from tests.soak import TIMES
from views.look.branding import stylesheet_of
from views.look.sent_files import sent_files

COLORS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@settings(max_examples=150 * TIMES)
@given(COLORS)
@example("#000000")
@example("#ffffff")
@example("#ffe44d")
@example("#777777")
@example("#00ff00")
def test_every_shade_can_be_read_on_its_page_and_under_its_own_text(raw):
    for scheme, shade in palette_of(parse_color(raw)).shades.items():
        background, _ = BACKGROUNDS[scheme]
        for color in (shade.brand, shade.hover):
            assert contrast(color, background) >= LEAST_CONTRAST, (scheme, color)
            assert contrast(color, shade.ink) >= LEAST_CONTRAST, (scheme, color, shade.ink)


def test_a_colour_that_can_be_read_is_left_as_it_is_and_one_that_cannot_is_named():
    assert palette_of(parse_color("#2b59c3")).shades["light"].brand == "#2b59c3"
    assert palette_of(parse_color("#2b59c3")).adjusted == ("dark",)
    assert palette_of(parse_color("#ffe44d")).adjusted == ("light",)


@pytest.mark.parametrize("scheme", BACKGROUNDS)
def test_the_backgrounds_are_those_of_the_style_sheet(scheme):
    tint = re.search(r"--tint: light-dark\((#\w{6}), (#\w{6})\)", (PROJECT / "static/wizard/tokens.css").read_text())

    assert tint is not None
    assert BACKGROUNDS[scheme][0] == tint[1 if scheme == "light" else 2]


def test_the_style_sheet_sets_what_the_pages_use():
    css = stylesheet_of(palette_of(parse_color("#2b59c3")))

    assert set(re.findall(r"--[a-z-]+(?=:)", css)) == {"--brand", "--brand-ink", "--brand-hover"}
    used = sent_files(PROJECT / "static")["wizard.css"].decode()
    assert all(f"var({name})" in used for name in ("--brand", "--brand-ink", "--brand-hover"))
