"""One place builds every security header, and refuses what another site's page sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from views.guard.framing import frame_ancestors
from views.installation import installation
from views.look.branding import version_of_brand_file

_READING = ("GET", "HEAD", "OPTIONS")


def install_security_headers(app: Flask, *, form_origins: Sequence[str], is_https: bool) -> None:
    """Set the headers on every response. `form_origins` are where a launch may lead: the AWS console's."""
    targets = " ".join(("'self'", *form_origins))
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action {targets}",
            "base-uri 'none'",
        )
    )

    @app.before_request
    def refuse_other_sites() -> None:
        # The CSRF token is the lock; this is the door it hangs on. Browsers set both headers, and pages cannot.
        if request.method not in _READING and not _is_from_here():
            abort(400)

    @app.after_request
    def secure(response: Response) -> Response:
        framed_by = " ".join(frame_ancestors() if response.mimetype == "text/html" else ()) or "'none'"
        response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {framed_by}"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Where the address itself is a key, not even our own server is told of it again; the origin alone still lets a
        # form prove where it stood, which `no-referrer` would not.
        is_key = "token" in (request.view_args or {})
        response.headers["Referrer-Policy"] = "strict-origin" if is_key else "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        # What is not there today may be there tomorrow: an error is kept no more than a page is.
        version_of = _VERSIONS.get(request.endpoint or "")
        if version_of is None or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        elif request.args.get("v") == version_of():
            response.headers["Cache-Control"] = "public, max-age=31536000"
        else:
            # A portal names rolecall.js without a version: it is asked about each time, and fetched when it changed.
            response.headers["Cache-Control"] = "no-cache"
        return response


def _version_of_static() -> str | None:
    return installation().asset_versions.get((request.view_args or {}).get("filename", ""))


# What a browser may keep, and what its address must carry for that.
_VERSIONS: Mapping[str, Callable[[], str | None]] = {
    "static": _version_of_static,
    "brand.style": version_of_brand_file,
    "brand.logo": version_of_brand_file,
}


def _is_from_here() -> bool:
    """Whether a page of ours sent this request, as far as the browser says.

    A proxy may pass its own name on instead of ours, so the public address counts as here too.
    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(installation().public_url).netloc)
