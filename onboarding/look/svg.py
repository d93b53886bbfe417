"""SVG pictures that can only be looked at: what is on the list is written anew, what acts is refused.

The picture is served as it was judged, not as it came: encodings, prefixes, CDATA and whatever else two readers could
take in two ways end here. Sources: https://www.w3.org/TR/SVG2/eltindex.html, https://www.w3.org/TR/SVG2/attindex.html
"""

from __future__ import annotations

from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import create_parser
from xml.sax.handler import ContentHandler, LexicalHandler, property_lexical_handler
from xml.sax.saxutils import escape, quoteattr

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

MOST_ELEMENTS = 2_000
DEEPEST = 32
# A copy of copies of copies takes a browser long to draw, however few elements there are.
MOST_COPIES = 20

_ELEMENT_NAMES = """
    svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath
    linearGradient radialGradient stop clipPath mask pattern marker filter
    feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feMorphology feOffset
"""
# Draws nothing, and is in most exported files.
_LEFT_OUT = frozenset({"metadata"})
_ATTRIBUTE_NAMES = """
    id class style href version viewBox preserveAspectRatio transform x y z x1 x2 y1 y2 dx dy cx cy r rx ry fx fy fr
    width height d points pathLength offset rotate textLength lengthAdjust startOffset method spacing side
    gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits
    patternContentUnits patternTransform markerUnits markerWidth markerHeight refX refY orient filterUnits
    primitiveUnits in in2 result mode type values operator k1 k2 k3 k4 stdDeviation edgeMode radius tableValues slope
    intercept amplitude exponent role aria-label aria-hidden aria-labelledby focusable
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters
    direction display dominant-baseline enable-background fill fill-opacity fill-rule filter flood-color flood-opacity
    font font-family font-size font-size-adjust font-stretch font-style font-variant font-weight image-rendering
    letter-spacing lighting-color marker marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity
    overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration
    text-rendering vector-effect visibility word-spacing writing-mode isolation
"""
# An escape can hide any of the others. The functions take an address that looks like any text.
_ELSEWHERE = ("\\", "//", "image-set(", "image(", "src(", "cross-fade(")
# Browsers skip these before an address, and no other blanks: https://url.spec.whatwg.org/#url-parsing
_BLANKS = " \t\r\n\f"
_ELEMENTS, _ATTRIBUTES = frozenset(_ELEMENT_NAMES.split()), frozenset(_ATTRIBUTE_NAMES.split())


class NoPicture(Exception):
    """It is no SVG."""


class Acts(Exception):
    """The SVG does more than show a picture; the argument says what."""


def only_picture(data: bytes) -> bytes:
    """Return the SVG, written anew from what is on the list. Raises NoPicture, and Acts for what more it would do."""
    # The attacks on XML parsers need a DOCTYPE, which is refused before it is read.
    parser, picture = create_parser(namespaceHandling=1), _Picture()  # noqa: S315
    parser.setContentHandler(picture)
    parser.setProperty(property_lexical_handler, picture)
    try:
        parser.feed(data)
        parser.close()
    except (SAXException, ValueError, LookupError):
        # Not well-formed, or in an encoding that nobody knows.
        raise NoPicture from None
    return picture.written()


class _Picture(ContentHandler, LexicalHandler):
    """Writes what is on the list, leaves out what draws nothing, and raises for the rest. Comments are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._is_in_tag = False
        self._open: list[str] = []
        self._left_out = self._elements = self._copies = 0

    def written(self) -> bytes:
        return "".join(self._parts).encode()

    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802 (SAX's own name)
        space, tag = name
        if not self._open and (tag != "svg" or space not in (None, _SVG)):
            raise NoPicture
        self._count(tag)
        if self._left_out or space not in (None, _SVG) or tag in _LEFT_OUT:
            self._left_out += 1
        elif tag not in _ELEMENTS:
            raise Acts(f"<{tag}>")
        else:
            kept = {**({} if self._open else {"xmlns": _SVG}), **_kept(attrs)}
            written = "".join(f" {name}={quoteattr(value)}" for name, value in kept.items())
            self._write(f"<{tag}{written}", is_in_tag=True)
        self._open.append(tag)

    def endElementNS(self, name: Any, qname: str | None) -> None:  # noqa: N802
        self._open.pop()
        if self._left_out:
            self._left_out -= 1
        elif self._is_in_tag:
            self._parts.append("/>")
            self._is_in_tag = False
        else:
            self._write(f"</{name[1]}>")

    def characters(self, content: str) -> None:
        if not self._left_out:
            self._write(escape(content))

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802
        raise Acts(f"<?{target}?>")

    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: N802
        raise Acts("<!DOCTYPE>")

    def _write(self, text: str, *, is_in_tag: bool = False) -> None:
        self._parts.append(f">{text}" if self._is_in_tag else text)
        self._is_in_tag = is_in_tag

    def _count(self, tag: str) -> None:
        self._elements += 1
        self._copies += tag == "use"
        if self._elements > MOST_ELEMENTS or len(self._open) >= DEEPEST or self._copies > MOST_COPIES:
            raise Acts(f"more than {MOST_ELEMENTS:,} elements, {DEEPEST} in one another, or {MOST_COPIES} <use>")


def _kept(attrs: Any) -> dict[str, str]:
    """Return the attributes on the list. Raises Acts for those that start something or lead elsewhere."""
    kept: dict[str, str] = {}
    for (space, name), value in attrs.items():
        if space not in (None, _XLINK):
            continue
        if name.lower().startswith("on"):
            raise Acts(name)
        if space == _XLINK and name != "href":
            continue
        if name == "href" and not value.strip(_BLANKS).startswith("#"):
            raise Acts(f"{name} to another place")
        if name in _ATTRIBUTES:
            if _leads_elsewhere(value):
                raise Acts(f"{name} to another place")
            # Beside `href`, nobody reads `xlink:href`: https://www.w3.org/TR/SVG2/linking.html#XLinkRefAttrs
            kept[name] = kept.get(name, value) if space == _XLINK else value
    return kept


def _leads_elsewhere(value: str) -> bool:
    """Whether a value can name another place than one in the picture: by a function, an address, or CSS's escapes."""
    lowered = value.lower()
    places = lowered.split("url(")[1:]
    return any(hint in lowered for hint in _ELSEWHERE) or any(
        not place.strip(_BLANKS + "\"'").startswith("#") for place in places
    )
