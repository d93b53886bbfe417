"""Three brands: a dark colour, a pale one that could not be read, a long name with a wide logo. Each on every look."""

from __future__ import annotations

from pathlib import Path

import pytest

from onboarding.look.brand import parse_color
from onboarding.look.palette import palette_of
from tests.browser import by_request
from tests.browser.axe import COLOURS, axe_finds, looks
from tests.browser.visitor import Visitor, Wizard

WIDE_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 40"><rect width="400" height="40" rx="6" fill="#0a5"/>'
    '<circle cx="20" cy="20" r="12" fill="#fff"/></svg>'
)
LONG_NAME = "Consolidated Northwind Kostenoptimierungsgesellschaft International"
BRANDS = {
    "a dark colour": ("--color", "#240046"),
    "a pale colour": ("--color", "#ffe44d", "--name", "Sunny"),
    "a long name and a wide logo": ("--name", LONG_NAME, "--color", "#d00036", "--we", f"{LONG_NAME} GmbH & Co. KG"),
}


@pytest.fixture(params=BRANDS)
def branded(request: pytest.FixtureRequest, visitor: Visitor, tmp_path: Path) -> tuple[str, Wizard]:
    options = [*BRANDS[request.param]]
    if "logo" in request.param:
        logo = tmp_path / "logo.svg"
        logo.write_text(WIDE_LOGO)
        options += ["--logo", str(logo)]
    wizard = visitor.start()
    visitor.sandbox.command("tenants", "brand", visitor.company.casefold(), *options)
    wizard.go(1)
    return request.param, wizard


def test_a_brand_is_legible_in_every_look_and_nothing_sticks_out(
    branded: tuple[str, Wizard], shots: Path | None
) -> None:
    name, wizard = branded
    found: list[str] = []
    for stage in ("step 1", "step 3", "success"):
        if stage == "step 3":
            wizard.go(3)
        elif stage == "success":
            wizard.go(1)
            by_request.connect(wizard)
        for width, scheme, chosen in looks(narrow=320):
            # Name and logo stand in the header, the same on each page: beyond step 1 only colours can go wrong.
            rules = chosen or (() if stage == "step 1" else COLOURS)
            where = f"{name}, {stage}, {width} wide, {scheme}"
            found += [f"{where}: {v}" for v in axe_finds(wizard.page, width=width, scheme=scheme, rules=rules)]
            over = wizard.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{where}: {over} pixels too wide"] if over > 0 else []
            if shots is not None:
                wizard.page.screenshot(path=shots / f"brand-{where}.png".replace(" ", "-").replace(",", ""))
        wizard.page.set_viewport_size({"width": 1280, "height": 900})

    assert found == [], "\n".join(found)


def test_buttons_and_links_have_the_brands_colour_and_the_drawings_of_the_console_stay_as_aws_has_them(
    branded: tuple[str, Wizard],
) -> None:
    name, wizard = branded
    palette = palette_of(parse_color(BRANDS[name][BRANDS[name].index("--color") + 1]))
    button = wizard.page.get_by_role("button", name="Create CloudFormation Stack")
    link = wizard.page.get_by_role("link", name="See everything it can read")

    for scheme, shade in palette.shades.items():
        wizard.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for found, style in ((button, "backgroundColor"), (link, "color")):
            assert found.evaluate(f"(e) => getComputedStyle(e).{style}") == as_rgb(shade.brand), (scheme, style)
        assert button.evaluate("(e) => getComputedStyle(e).color") == as_rgb(shade.ink)

    wizard.page.emulate_media(color_scheme="light")
    look = "(e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    drawn = wizard.page.locator("figure .b.go").first
    branded_look = drawn.evaluate(look)
    wizard.visitor.sandbox.command("tenants", "brand", wizard.visitor.company.casefold())
    wizard.go(1)
    assert drawn.evaluate(look) == branded_look


def as_rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[n : n + 2], 16)) for n in (1, 3, 5))})"


def test_on_a_narrow_screen_the_steps_stand_in_a_row(wizard: Wizard) -> None:
    wizard.page.set_viewport_size({"width": 320, "height": 900})

    tops = wizard.page.locator(".rail li:not(.group)").evaluate_all("(all) => all.map((e) => e.offsetTop)")
    assert len(set(tops)) <= 2
