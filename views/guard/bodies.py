"""The body of a form, parsed only if a form of ours could have sent it.

Parsing takes time for each field and for each byte that is no UTF-8. Our forms have few fields, and browsers send
UTF-8: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#url-encoded-form-data
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from htmx_flask import HtmxAwareRequest
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

MOST_FIELDS = 50


class OurForms(FormDataParser):
    """Parses a form. Raises RequestEntityTooLarge for more fields than any of ours has, BadRequest for other bytes."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        if mimetype == "application/x-www-form-urlencoded":
            sent = stream.read()
            if sent.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            if not _is_utf_8(unquote_to_bytes(sent)):
                raise BadRequest
            stream = BytesIO(sent)
        return super().parse(stream, mimetype, content_length, options)


class OurRequest(HtmxAwareRequest):  # type: ignore[misc]
    """A request whose form is parsed within bounds. For multipart, MAX_FORM_PARTS says how many fields there can be."""

    form_data_parser_class = OurForms


def _is_utf_8(sent: bytes) -> bool:
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True
