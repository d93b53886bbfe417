"""The wizard in a frame of another site: which requests come from there, and who may frame what.

A framed page has the same views and templates as a page that stands alone, under addresses of its own: `/framed` is
the script root there, so that every address that a template builds stays inside. The frame starts at `/embed/<id>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, abort, has_request_context, request, session

from onboarding.ground.origins import Origin
from onboarding.model import PortalLaunch
from views.guard.lookups import once_a_request, or_nothing
from views.installation import installation

FRAMED_ROOT = "/framed"
EMBED_PATH = "/embed/"
PORTAL_LAUNCH = "portal_launch"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class FramedPages:
    """WSGI middleware: what is asked for below `/framed` is the same application with that as its script root."""

    def __init__(self, app: Wsgi) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{FRAMED_ROOT}/"):
            root = environ.get("SCRIPT_NAME", "") + FRAMED_ROOT
            environ = {**environ, "SCRIPT_NAME": root, "PATH_INFO": path.removeprefix(FRAMED_ROOT)}
        return self.app(environ, start_response)


def install_framing(app: Flask) -> None:
    """Serve the framed pages, and below `/framed` nothing but what belongs into a frame: a tenant's own pages."""
    app.wsgi_app = FramedPages(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def serve_only_pages_of_a_tenant() -> None:
        view = app.view_functions.get(request.endpoint or "")
        is_meant = getattr(view, "access", "") in ("tenant", "connection") or getattr(view, "is_framed_too", False)
        if view and is_below_framed(request) and not is_meant:
            abort(404)


def is_below_framed(request: Request) -> bool:
    """Whether this is one of the wizard's pages in a frame."""
    return request.script_root.endswith(FRAMED_ROOT)


def unframed(address: str) -> str:
    """Return an address of ours as it is outside a frame: what is the same in both is fetched once."""
    return address.removeprefix(FRAMED_ROOT) if is_below_framed(request) else address


def is_framed(request: Request) -> bool:
    """Whether the request comes from a frame: for one of its pages, or to open it."""
    return is_below_framed(request) or request.path.startswith(EMBED_PATH)


def framing_launch() -> PortalLaunch | None:
    """Return the launch that this frame was opened with, lapsed or not; None where the page stands alone."""
    if not has_request_context() or not is_framed(request):
        return None
    return _named_launch()


@once_a_request
def _named_launch() -> PortalLaunch | None:
    named = (request.view_args or {}).get("launch_id") or session.get(PORTAL_LAUNCH)
    store = installation().store
    return or_nothing(lambda: store.get_portal_launch(named)) if isinstance(named, str) else None


def frame_ancestors() -> tuple[Origin, ...]:
    """Return the origins that may frame this answer: the tenant's, for a page in a frame; none for all others."""
    launch = framing_launch()
    if launch is None:
        return ()
    portal, store = installation().portal, installation().store
    return or_nothing(lambda: portal.origins_of(store.get_tenant(launch.tenant_id))) or ()
