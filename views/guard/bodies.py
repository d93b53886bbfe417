"""The body of a form, parsed only if a form of ours could have sent it.

Parsing takes time for each field and for each byte that is no UTF-8. Our forms have few fields, and browsers send
UTF-8: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#url-encoded-form-data
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Request
from htmx_flask import HtmxAwareRequest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

# None of ours has as many. An error's page can carry so many, to be sent again.
MOST_FIELDS = 20


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


def form_of(request: Request) -> MultiDict[str, str]:
    """Return the fields that were sent, or none if the body is too large or broken: for whom that is no reason to stop.

    The next code that needs a field answers with the error's page.
    """
    try:
        return request.form
    except HTTPException:
        return MultiDict()


def _is_utf_8(sent: bytes) -> bool:
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True
