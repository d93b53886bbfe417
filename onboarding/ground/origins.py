"""Origins of the sites that are allowed to frame the wizard: exact ones, as a browser writes them."""

from __future__ import annotations

import re
from typing import NewType

from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text

Origin = NewType("Origin", str)

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?/?", re.ASCII
)
_USUAL_PORTS = {"https": "443", "http": "80"}


def parse_origin(raw: str) -> Origin:
    """Return the origin `https://host[:port]` as a browser serialises it: lower case, the usual port left out.

    A name outside ASCII is written as browsers send it, `xn--…`. http is only for localhost. Raises Refused.
    Source: https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
    """
    found = _ORIGIN.fullmatch(raw.strip().lower())
    if found is None or int(found["port"] or 1) > 65535:
        raise Refused(
            "origin_malformed",
            Text(f"{raw[:200]!r} is not the origin of a site."),
            Text("Write the scheme and the host, and nothing after them: https://portal.example.com."),
        )
    scheme, host, port = found["scheme"], found["host"], found["port"]
    if scheme == "http" and host != "localhost" and not host.endswith(".localhost"):
        raise Refused(
            "origin_in_the_clear",
            Text(f"{raw[:200]!r} is not encrypted, so anybody on the network could frame the wizard."),
            Text("Use https; plain http is only for localhost."),
        )
    return Origin(f"{scheme}://{host}" if port in (None, _USUAL_PORTS[scheme]) else f"{scheme}://{host}:{port}")
