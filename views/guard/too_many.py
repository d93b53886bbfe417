"""What a sender far beyond a limit gets: a few fixed words, made once, since it must cost next to nothing to refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from markupsafe import escape

API_MESSAGE = "Too many requests. Wait for as many seconds as Retry-After says."
API_CODE = "too_many_requests"
STATUS = "429 TOO MANY REQUESTS"


@dataclass(frozen=True)
class PlainRefusal:
    """The same answer for everybody, in every language at once: whose it is, nobody has looked up."""

    page: bytes
    headers: Mapping[str, str]

    def response(self, environ: dict[str, Any], seconds: int) -> Response:
        """Return the answer, in the form that fits the request: a page, an htmx swap, the API's JSON."""
        body, headers = self._answer(environ, seconds)
        return Response(body, 429, headers)

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any], seconds: int) -> Iterable[bytes]:
        """Answer without Flask."""
        body, headers = self._answer(environ, seconds)
        start_response(STATUS, [*headers, *self.headers.items(), ("Cache-Control", "no-store")])
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else body]

    def _answer(self, environ: dict[str, Any], seconds: int) -> tuple[bytes, list[tuple[str, str]]]:
        is_api = environ.get("PATH_INFO", "").startswith("/api/")
        body = _API if is_api else self.page
        kind = "application/json" if is_api else "text/html; charset=utf-8"
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Retry-After", str(seconds))]
        if environ.get("HTTP_HX_REQUEST"):
            headers += htmx_headers(environ.get("REQUEST_METHOD", ""), 429).items()
        return body, headers


def htmx_headers(method: str, code: int) -> dict[str, str]:
    """Let htmx put an error in place of the whole page. A poll that fails for a moment leaves the page as it is."""
    if method == "GET" and (code == 429 or code >= 500):
        return {"HX-Reswap": "none"}
    return {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}


def plain_page(said: Iterable[tuple[str, str, str]]) -> bytes:
    """Return a page that says the same in several languages: for each its code, what happened, and what to do."""
    parts = (
        f'<p lang="{escape(code)}"><b>{escape(happened)}</b><br>{escape(remedy)}</p>' for code, happened, remedy in said
    )
    wide = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<meta charset="utf-8">{wide}<meta name="color-scheme" content="light dark"><title>429</title>'
    body = f"<main><h1>429</h1>{''.join(parts)}</main>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode()


_API = json.dumps({"error": {"code": API_CODE, "message": API_MESSAGE}}).encode()
