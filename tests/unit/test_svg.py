"""An SVG logo can only be looked at, whatever else it would do and however that is written."""

from __future__ import annotations

import codecs

import pytest

from onboarding.ground.refused import Refused
from onboarding.look.brand import parse_logo
from onboarding.look.svg import DEEPEST, MOST_COPIES, MOST_ELEMENTS, only_picture
from tests.logos import SVG

SPACE = 'xmlns="http://www.w3.org/2000/svg"'
HTML = 'xmlns:h="http://www.w3.org/1999/xhtml"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside="", attributes=""):
    return f"<svg {SPACE} {HTML} {XLINK} {attributes}>{inside}</svg>".encode()


PICTURES = [
    (SVG, SVG),
    (b'<?xml version="1.0"?>\n<!-- made by hand -->\n' + SVG, SVG),
    (b"\xef\xbb\xbf" + SVG, SVG),
    (codecs.BOM_UTF16_LE + SVG.decode().encode("utf-16-le"), SVG),
    (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>', f"<svg {SPACE}><g/></svg>".encode()),
    (b'<svg><use href="#a"/></svg>', f'<svg {SPACE}><use href="#a"/></svg>'.encode()),
    (svg('<use xlink:href="#a"/>'), f'<svg {SPACE}><use href="#a"/></svg>'.encode()),
    (svg('<use href="#a" xlink:href="#b"/>'), f'<svg {SPACE}><use href="#a"/></svg>'.encode()),
    (svg('<use xlink:href="#b" href="#a"/>'), f'<svg {SPACE}><use href="#a"/></svg>'.encode()),
    (svg("<title>A &amp; B</title>"), f"<svg {SPACE}><title>A &amp; B</title></svg>".encode()),
    (svg("<title><![CDATA[<script>]]></title>"), f"<svg {SPACE}><title>&lt;script&gt;</title></svg>".encode()),
    (svg('<g style="fill:url(#a)" mask=\'url("#b")\'/>'),
     f'<svg {SPACE}><g style="fill:url(#a)" mask=\'url("#b")\'/></svg>'.encode()),
    (svg('<metadata><g onload="x"><script/></g></metadata><g/>'), f"<svg {SPACE}><g/></svg>".encode()),
    (svg('<h:script>alert(1)</h:script><h:p onclick="x"><g/></h:p>'), f"<svg {SPACE}/>".encode()),
    (svg('<g h:onload="x" inkscape="1" xml:base="//evil.example/" data-name="a"/>'),
     f"<svg {SPACE}><g/></svg>".encode()),
]  # fmt: skip


@pytest.mark.parametrize(("data", "served"), PICTURES)
def test_a_picture_is_served_written_anew_with_nothing_but_the_picture(data, served):
    assert parse_logo(data).data == served


@pytest.mark.parametrize("data", [data for data, _ in PICTURES])
def test_what_is_served_is_a_picture_itself_and_stays_as_it_is(data):
    served = only_picture(data)

    assert only_picture(served) == served


@pytest.mark.parametrize(
    "data",
    [
        svg("<script>alert(1)</script>"),
        b"<svg><script>alert(1)</script></svg>",
        f'<svg {SPACE} xmlns:s="http://www.w3.org/2000/svg"><s:script>alert(1)</s:script></svg>'.encode(),
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>',
        f'<svg {SPACE}><x:script xmlns:x="&#104;ttp://www.w3.org/2000/svg"/></svg>'.encode(),
        svg("<foreignObject><h:body/></foreignObject>"),
        svg("<foreignObject/>"),
        svg("<style>@import url(//evil.example)</style>"),
        svg("<iframe/>"),
        svg("<a href='#a'/>"),
        svg('<image href="data:image/png;base64,AAAA"/>'),
        svg('<set attributeName="href" to="javascript:alert(1)"/>'),
        svg('<use href="#a"><animate attributeName="href" values="javascript:alert(1)"/></use>'),
        svg('<animateTransform attributeName="transform"/>'),
        svg("<feImage href='#a'/>"),
        svg(attributes='onload="alert(1)"'),
        svg('<path ONCLICK="alert(1)"/>'),
        svg('<use href="javascript:alert(1)"/>'),
        svg('<use href="&#106;avascript:alert(1)"/>'),
        svg('<use xlink:href="javascript:alert(1)"/>'),
        svg('<use href="https://evil.example/x.svg#a"/>'),
        svg('<use href="//evil.example/x.svg#a"/>'),
        svg('<use href=""/>'),
        svg('<use href="x.svg#a"/>'),
        svg('<g fill="url(https://evil.example/x.svg#a)"/>'),
        svg('<g fill="URL( x.svg#a)"/>'),
        svg('<g style="fill:u\\72l(x.svg#a)"/>'),
        svg("<g style=\"background:image-set('https://evil.example/x' 1x)\"/>"),
        svg("<g style=\"background:image-set('/x' 1x)\"/>"),
        svg("<g style=\"background:-webkit-IMAGE-SET('/x' 1x)\"/>"),
        svg("<g style=\"background:image('/x')\"/>"),
        svg("<g style=\"background:src('/x')\"/>"),
        svg("<g style=\"background:cross-fade('/x', red)\"/>"),
        svg('<g filter="url(#a) url(x.svg#a)"/>'),
        svg('<use href="\u00a0#a"/>'),
        svg('<use href="\u2003#a"/>'),
        b'<?xml-stylesheet href="https://evil.example/x.css"?>' + SVG,
        SVG + b'<?xml-stylesheet href="https://evil.example/x.css"?>',
        b'<!DOCTYPE svg [<!ENTITY x "y">]><svg>&x;</svg>',
        b'<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">' + SVG,
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        b'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]><svg/>',
        codecs.BOM_UTF16_BE + svg("<script/>").decode().encode("utf-16-be"),
        b'<?xml version="1.0" encoding="utf-7"?>' + SVG,
        b'<?xml version="1.0" encoding="none-such"?>' + SVG,
        b'<?xml version="1.0" encoding="utf-16"?>' + SVG,
        svg("&nbsp;"),
        svg("<g>"),
        SVG + SVG,
        SVG + b"<script/>",
        b"<html><svg></svg></html>",
        b'<svg xmlns="http://www.w3.org/1999/xhtml"/>',
        b"<!---->" * 4_000,
        svg("<g/>" * MOST_ELEMENTS),
        svg("<g>" * DEEPEST + "</g>" * DEEPEST),
        svg('<use href="#a"/>' * (MOST_COPIES + 1)),
        svg("\ufffe"),
        b"<svg>\x1b</svg>",
        b"<svg>\xed\xa0\x80</svg>",
    ],
)
def test_what_acts_or_is_no_picture_is_refused(data):
    with pytest.raises(Refused):
        parse_logo(data)
