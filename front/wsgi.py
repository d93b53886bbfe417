"""Runs a WSGI application for a whole request (PEP 3333)."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from front.answer import Answer

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

# They say how the body came over the wire. The application gets it whole, with its length.
OF_THE_WIRE = {b"content-length", b"transfer-encoding"}


class Body(NamedTuple):
    """The body of a request. One that is too long has no content, only its length: the application refuses it."""

    content: bytes | bytearray
    length: int


def environ_of(scope: Mapping[str, Any], body: Body | None) -> Environ:
    """Return the WSGI environ of a request, from its ASGI scope and its body. None means that it has no body."""
    host, port = scope["server"]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # The bytes as they are, each as one character: the application decodes them.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body.content if body else b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_LENGTH"] = str(body.length)
    for name, value in scope["headers"]:
        if name not in OF_THE_WIRE:
            _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    before = environ.get(key)
    separator = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = value if before is None else f"{before}{separator}{value}"


def run(application: Application, environ: Environ) -> Answer:
    """Return the application's whole answer. Nothing is sent before it is complete.

    Raises what the application raises, and AssertionError if it does not keep to the protocol.
    """
    status, headers = "", list[tuple[str, str]]()
    content: list[bytes] = []

    def start_response(
        new_status: str, new_headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        nonlocal status, headers
        if status and exc_info is None:
            raise AssertionError("start_response was called again without an error")
        status, headers = new_status, new_headers
        # An error's answer takes the place of what was written before.
        content.clear()
        return content.append

    parts = application(environ, start_response)
    try:
        for part in parts:
            content.append(part)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    if not status:
        raise AssertionError("start_response was never called")
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(int(status[:3]), sent, b"".join(content))
