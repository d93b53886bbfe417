"""What is sent back for one request, and the answers that need no application."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """One whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def refusal(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Return an answer in plain text, which no browser takes for a page and which nobody keeps."""
    text = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    return Answer(status, [*text, *headers], f"{sentence}\n".encode())


_LAST = (b"connection", b"close")
_LATER = (b"retry-after", b"1")

AMBIGUOUS_NAME = refusal(400, "The name of a header contains an underscore.", _LAST)
UNKNOWN_CODING = refusal(400, "The only transfer coding that is understood is one that is chunked.", _LAST)
IN_PIECES = refusal(400, "The body came in too many pieces.", _LAST)
# Nobody reads it if the client has gone, but one whose chunks make no sense is still there.
BROKEN_OFF = refusal(400, "The body broke off.", _LAST)
TOO_SLOW = refusal(408, "The body did not come in time.", _LAST)
CRASHED = refusal(500, "Something went wrong.")
BUSY = refusal(503, "Too many requests are waiting. Try again in a moment.", _LATER)
STOPPING = refusal(503, "The server is stopping. Try again in a moment.", _LATER, _LAST)


def refused(headers: list[tuple[bytes, bytes]]) -> Answer | None:
    """Return why a request with these headers is refused, or None.

    WSGI writes `-` as `_`, so that `X_Forwarded_For` from a client would pass for the proxy's `X-Forwarded-For`.
    The server underneath has taken `chunked` away already, and has refused every odd Content-Length.
    """
    if any(b"_" in name for name, _ in headers):
        return AMBIGUOUS_NAME
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    return UNKNOWN_CODING if codings not in ([], [b"chunked"]) else None
