"""What a brand is made of: each part is read strictly, and a tenant's goes over the installation's."""

from __future__ import annotations

import pytest

from onboarding.ground.refused import Refused
from onboarding.look.brand import LARGEST_LOGO, Brand, TenantBrand, parse_color, parse_logo, parse_support_url
from tests.logos import PNG, SVG


@pytest.mark.parametrize(("raw", "color"), [("#2B59C3", "#2b59c3"), (" 2b59c3 ", "#2b59c3"), ("#abc", "#aabbcc")])
def test_a_colour_is_six_digits(raw, color):
    assert parse_color(raw) == color


@pytest.mark.parametrize("raw", ["", "red", "#12", "#12345", "#1234567", "rgb(1,2,3)", "#12345g", "#٣٣٣", "#fff;}"])
def test_what_is_no_colour_is_refused(raw):
    with pytest.raises(Refused):
        parse_color(raw)


@pytest.mark.parametrize(
    ("data", "mimetype"),
    [
        (PNG, "image/png"),
        (SVG, "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- made by hand -->\n' + SVG, "image/svg+xml"),
        (b'<svg><defs><path id="a"/></defs><use href="#a"/></svg>', "image/svg+xml"),
    ],
)
def test_a_logo_is_a_picture(data, mimetype):
    assert parse_logo(data).mimetype == mimetype


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<html><svg></svg></html>",
        b"\xff\xd8\xff",
        PNG + b"0" * LARGEST_LOGO,
        b"<svg><script>alert(1)</script></svg>",
        b'<svg onload="alert(1)"></svg>',
        b'<svg><a href="javascript:alert(1)"/></svg>',
        b'<svg><image href="https://evil.example/x.png"/></svg>',
        b"<svg><image xlink:href='//evil.example/x'/></svg>",
        b"<svg><style>@import url(//evil.example)</style></svg>",
        b"<svg><foreignObject><body/></foreignObject></svg>",
        b'<!DOCTYPE svg [<!ENTITY x "y">]><svg>&x;</svg>',
    ],
)
def test_what_is_no_picture_or_does_more_than_one_is_refused(data):
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
