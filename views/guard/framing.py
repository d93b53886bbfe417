"""The wizard in a frame of another site: which requests come from a frame, and which sites can frame us.

A framed page has the same views and templates as any other, under addresses of its own: there, `/framed` is the
script root, so every address that a template builds stays in the frame. The frame starts at `/embed/<id>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, abort, has_request_context, request, session

from onboarding.ground.origins import Origin
from onboarding.model import PortalStart
from views.guard.lookups import once_a_request, or_nothing
from views.installation import installation

FRAMED_ROOT = "/framed"
EMBED_PATH = "/embed/"
PORTAL_START = "portal_launch"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class FramedPages:
    """WSGI middleware that serves the application below `/framed` too, with that as its script root."""

    def __init__(self, app: Wsgi) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{FRAMED_ROOT}/"):
            root = environ.get("SCRIPT_NAME", "") + FRAMED_ROOT
            environ = {**environ, "SCRIPT_NAME": root, "PATH_INFO": path.removeprefix(FRAMED_ROOT)}
        return self.app(environ, start_response)


def install_framing(app: Flask) -> None:
    """Serve a tenant's own pages below `/framed`, and no others."""
    app.wsgi_app = FramedPages(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def serve_only_pages_of_a_tenant() -> None:
        view = app.view_functions.get(request.endpoint or "")
        is_meant = getattr(view, "access", "") in ("tenant", "connection") or getattr(view, "is_framed_too", False)
        if view and is_below_framed(request) and not is_meant:
            abort(404)


def is_below_framed(request: Request) -> bool:
    """Whether the request is for a page of the wizard in a frame."""
    return request.script_root.endswith(FRAMED_ROOT)


def unframed(address: str) -> str:
    """Return the address without `/framed`: the browser then loads a file once for both kinds of pages."""
    return address.removeprefix(FRAMED_ROOT) if is_below_framed(request) else address


def is_framed(request: Request) -> bool:
    """Whether the request comes from a frame, including the one that opens it."""
    return is_below_framed(request) or request.path.startswith(EMBED_PATH)


def framing_start() -> PortalStart | None:
    """Return the portal's start that opened this frame, expired or not; None outside a frame."""
    if not has_request_context() or not is_framed(request):
        return None
    return _named_start()


@once_a_request
def _named_start() -> PortalStart | None:
    named = (request.view_args or {}).get("start_id") or session.get(PORTAL_START)
    store = installation().store
    return or_nothing(lambda: store.get_portal_start(named)) if isinstance(named, str) else None


def frame_ancestors() -> tuple[Origin, ...]:
    """Return the origins that are allowed to frame this answer: the tenant's in a frame, else none."""
    start = framing_start()
    if start is None:
        return ()
    portal, store = installation().portal, installation().store
    return or_nothing(lambda: portal.origins_of(store.get_tenant(start.tenant_id))) or ()
