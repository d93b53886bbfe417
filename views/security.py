"""One place builds every security header, and refuses what another site's page sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from views.guard.framing import frame_ancestors
from views.installation import installation
from views.look.branding import version_of_brand_file
from views.look.static_files import FOR_A_YEAR

_READING = ("GET", "HEAD", "OPTIONS")


def fixed_headers(*, form_origins: Sequence[str], is_https: bool) -> dict[str, str]:
    """Return the headers that every response has. `form_origins` are where a launch may lead: the AWS console's."""
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
    """Set the headers on every response of Flask's, with what depends on the page."""

    @app.before_request
    def refuse_other_sites() -> None:
        # A second defence beside the CSRF token: browsers set both headers, and pages cannot.
        if request.method not in _READING and not _is_from_here():
            abort(400)

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(headers)
        if response.mimetype == "text/html" and (framed_by := frame_ancestors()):
            policy = headers["Content-Security-Policy"].replace("ancestors 'none'", f"ancestors {' '.join(framed_by)}")
            response.headers["Content-Security-Policy"] = policy
        if "token" in (request.view_args or {}):
            # The address itself is a key: send no path, not even to ourselves. `no-referrer` would send no Origin,
            # and a form could not prove where it came from.
            response.headers["Referrer-Policy"] = "strict-origin"
        is_brand_file = request.endpoint in ("brand.style", "brand.logo") and response.status_code < 400
        if not is_brand_file:
            response.headers["Cache-Control"] = "no-store"
        elif request.args.get("v") == version_of_brand_file():
            response.headers["Cache-Control"] = FOR_A_YEAR
        else:
            response.headers["Cache-Control"] = "no-cache"
        return response


def _is_from_here() -> bool:
    """Whether a page of ours sent this request, as far as the browser says.

    A proxy may pass its own name on instead of ours, so the public address counts as here too.
    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(installation().public_url).netloc)
