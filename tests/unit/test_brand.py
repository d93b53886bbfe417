"""What a brand is made of: each part is read strictly, and a tenant's goes over the installation's."""

from __future__ import annotations

import pytest

from onboarding.ground.refused import Refused
from onboarding.look.brand import LARGEST_LOGO, Brand, Logo, TenantBrand, parse_color, parse_logo, parse_support_url
from tests.logos import PNG, SVG


@pytest.mark.parametrize(("raw", "color"), [("#2B59C3", "#2b59c3"), (" 2b59c3 ", "#2b59c3"), ("#abc", "#aabbcc")])
def test_a_colour_is_six_digits(raw, color):
    assert parse_color(raw) == color


@pytest.mark.parametrize("raw", ["", "red", "#12", "#12345", "#1234567", "rgb(1,2,3)", "#12345g", "#٣٣٣", "#fff;}"])
def test_what_is_no_colour_is_refused(raw):
    with pytest.raises(Refused):
        parse_color(raw)


@pytest.mark.parametrize(("data", "mimetype"), [(PNG, "image/png"), (SVG, "image/svg+xml")])
def test_a_logo_is_a_picture_and_is_served_as_it_came(data, mimetype):
    assert parse_logo(data) == Logo(mimetype, data)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff", b"<html/>", PNG + b"0" * LARGEST_LOGO])
def test_what_is_no_picture_or_a_large_one_is_refused(data):
    with pytest.raises(Refused):
        parse_logo(data)


@pytest.mark.parametrize("url", ["https://help.example.com/", "mailto:help@example.com?subject=AWS"])
def test_help_is_behind_a_link(url):
    assert parse_support_url(url) == url


@pytest.mark.parametrize(
    "url", ["", "help", "http://help.example.com", "javascript:alert(1)", "mailto:", "https://", "https://a b"]
)
def test_what_is_no_link_to_help_is_refused(url):
    with pytest.raises(Refused):
        parse_support_url(url)


def test_what_a_tenant_has_of_its_own_goes_over_what_the_installation_has():
    ours = Brand("Northwind", "mailto:help@northwind.example", we="Northwind Ltd", color=parse_color("#123456"))

    assert TenantBrand().over(ours) == ours
    theirs = TenantBrand(name="Fabrikam", logo=parse_logo(SVG)).over(ours)
    assert (theirs.name, theirs.we, theirs.color) == ("Fabrikam", "Northwind Ltd", "#123456")
    assert theirs.logo == parse_logo(SVG)
