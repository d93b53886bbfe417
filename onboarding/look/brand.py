"""A brand: name, logo, colour, help, and who "we" is. A tenant's own replaces parts of the installation's."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import NewType
from urllib.parse import urlsplit

from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text
from onboarding.look.svg import Acts, NoPicture, only_picture

HexColor = NewType("HexColor", str)

LARGEST_LOGO = 32 * 1024
SVG_TYPE = "image/svg+xml"

_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Logo:
    """A picture, ready to be served."""

    mimetype: str
    data: bytes

    @property
    def version(self) -> str:
        """What its address carries: it changes with the content."""
        return hashlib.sha256(self.data).hexdigest()[:12]


@dataclass(frozen=True)
class Brand:
    """How the pages look and who speaks on them. An empty colour is Rolecall's own; `we` says in words who "we" is."""

    name: str
    support_url: str
    we: str = ""
    color: HexColor | None = None
    logo: Logo | None = None


@dataclass(frozen=True)
class TenantBrand:
    """What differs for one tenant. A part that is None is the installation's."""

    name: str | None = None
    support_url: str | None = None
    we: str | None = None
    color: HexColor | None = None
    logo: Logo | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of what differs."""
        return tuple(name for name, value in vars(self).items() if value is not None)

    def over(self, brand: Brand) -> Brand:
        """Return the installation's brand as this tenant sees it."""
        return Brand(
            name=self.name or brand.name,
            support_url=self.support_url or brand.support_url,
            we=self.we or brand.we,
            color=self.color or brand.color,
            logo=self.logo or brand.logo,
        )


def parse_color(raw: str) -> HexColor:
    """Return the colour as `#rrggbb`. Raises Refused."""
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", raw.strip().lower(), re.ASCII)
    if found is None:
        raise Refused("color_malformed", Text(f"{raw[:40]!r} is not a colour."), Text("Write it as #2b59c3."))
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return HexColor(f"#{digits}")


def parse_logo(data: bytes) -> Logo:
    """Return the picture in a PNG or SVG file, an SVG written anew. Raises Refused for what is more, or too large."""
    if len(data) > LARGEST_LOGO:
        raise Refused(
            "logo_too_large",
            Text(f"The logo has {len(data):,} bytes."),
            Text(f"It can have at most {LARGEST_LOGO:,}, since every visitor loads it."),
        )
    if data.startswith(_PNG):
        return Logo("image/png", data)
    try:
        return Logo(SVG_TYPE, only_picture(data))
    except NoPicture:
        raise Refused(
            "logo_unknown", Text("The logo is neither a PNG nor an SVG file."), Text("Save it as one of them.")
        ) from None
    except Acts as more:
        raise Refused(
            "logo_acts",
            Text(f"The SVG does more than show a picture: {more}."),
            Text("Export it as a plain picture, or as PNG."),
        ) from None


def parse_support_url(raw: str) -> str:
    """Return a link where a tenant asks for help. Raises Refused."""
    try:
        parts = urlsplit(raw.strip())
    except ValueError:
        parts = urlsplit("")
    is_whole = bool(parts.hostname) if parts.scheme == "https" else parts.scheme == "mailto" and "@" in parts.path
    if not is_whole or re.search(r"\s", raw.strip()):
        raise Refused(
            "support_url_malformed", Text(f"{raw[:200]!r} is not a link."), Text("Write an https: or a mailto: link.")
        )
    return raw.strip()
