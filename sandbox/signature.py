"""Who signed a request, by the `Authorization` header of Signature Version 4. Signatures themselves are not checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<access_key_id>\w+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request\b"
)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """The credential scope of one request."""

    access_key_id: str
    region: str
    service: str


def read_signature(authorization: str) -> Signature | None:
    """Read the header's credential scope; None when there is none to read."""
    match = _CREDENTIAL.match(authorization)
    return Signature(**match.groupdict()) if match else None
