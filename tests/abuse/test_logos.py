"""No logo, however bad, holds up the operator who sets it or a page that shows it."""

from __future__ import annotations

from onboarding.ground.refused import Refused
from onboarding.look.brand import LARGEST_LOGO, parse_logo
from tests.abuse.measuring import REQUEST_MS, Answered, Bench, Making, Preparing
from tests.abuse.texts import TEXTS, Repeated, Text

_SVG, _END = '<svg xmlns="http://www.w3.org/2000/svg">', "</svg>"
_AROUND: dict[str, tuple[str, str]] = {
    "before the picture": ("", _SVG + _END),
    "before no picture": ("", "<x"),
    "in the picture": (_SVG, _END),
    "in an attribute": ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="', '"/>'),
    "in a style": (f"{_SVG}<g style='", f"'/>{_END}"),
    "in a DOCTYPE": ("<!DOCTYPE svg [", f"]>{_SVG}{_END}"),
    "in a comment": ("<!--", f"-->{_SVG}{_END}"),
    "in the declaration": ('<?xml version="1.0" ', f"?>{_SVG}{_END}"),
    "in a PNG": ("\x89PNG\r\n\x1a\n", ""),
}
_UNITS = (
    "<!---->",
    "<!-- -->\n",
    "<g>",
    "<g/>",
    '<a href="#a"/>',
    "<path d='M0 0'/>",
    '<x xmlns:a{}="b"/>',
    "&amp;",
    "url(#",
    "<![CDATA[]]>",
    "<?x?>",
    "<!ENTITY x 'y'>",
    " on=",
)
_SHAPES: dict[str, Text] = {**TEXTS, **{unit: Repeated(unit) for unit in _UNITS}}


def reading(text: Text, before: str, after: str) -> Making:
    """Return what measures how long that logo takes to be accepted or refused."""

    def make(part: float) -> Preparing:
        room = LARGEST_LOGO - len(before) - len(after)
        kind = "latin-1" if before.startswith("\x89") else "utf-8"
        data = f"{before}{text(int(part * room))}{after}".encode(kind, "replace")[:LARGEST_LOGO]
        return lambda: lambda: accept(data)

    return make


def accept(data: bytes) -> Answered:
    try:
        parse_logo(data)
    except Refused as refused:
        return Answered(refused.code)
    except Exception as error:
        return Answered(complaint=f"raises {error!r}"[:200])
    return Answered("taken")


def test_no_logo_costs_too_much_or_breaks_anything(tables):
    bench = tables.setdefault("logos", Bench(REQUEST_MS))

    found = [
        bench.fault(f"a logo, {place}", shape, reading(text, *around))
        for place, around in _AROUND.items()
        for shape, text in _SHAPES.items()
    ]

    assert list(filter(None, found)) == []
