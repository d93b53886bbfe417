"""Every security header, and the refusal of requests that another site's page sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from views.guard.framing import frame_ancestors
from views.installation import installation

# A file is no page: it loads nothing, and nobody frames it. Said in few words, since every file carries them.
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"
_READING = ("GET", "HEAD", "OPTIONS")


def fixed_headers(*, form_origins: Sequence[str], is_https: bool) -> dict[str, str]:
    """Return the headers that every response has. `form_origins`: where a form can lead besides us, the AWS console."""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        " ".join(("form-action 'self'", *form_origins)),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    return {**headers, "Strict-Transport-Security": "max-age=31536000"} if is_https else headers


def install_security_headers(app: Flask, *, headers: Mapping[str, str]) -> None:
    """Set these headers on every response of Flask's, and those that depend on the page."""

    @app.before_request
    def refuse_other_sites() -> None:
        # A second defence beside the CSRF token: reject cross-site requests by Origin and Sec-Fetch-Site.
        if request.method not in _READING and not _is_from_here():
            abort(400)

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(headers)
        if response.mimetype == "text/html" and (framed_by := frame_ancestors()):
            policy = headers["Content-Security-Policy"].replace("ancestors 'none'", f"ancestors {' '.join(framed_by)}")
            response.headers["Content-Security-Policy"] = policy
        if "token" in (request.view_args or {}):
            # Whoever has this address can use the link: no Referer has its path, not even on our own pages.
            # `no-referrer` would also drop Origin, by which `_is_from_here` knows our forms.
            response.headers["Referrer-Policy"] = "strict-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_from_here() -> bool:
    """Whether a page of ours sent this request, by what the browser says.

    Some proxies replace the Host header by a name of their own, so the public address counts as ours too.
    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or _host_in(origin) in (request.host, _host_in(installation().public_url))


def _host_in(address: str) -> str | None:
    """Return the host and port in an address, or None where it cannot be read: `http://[` is what somebody sent."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None
