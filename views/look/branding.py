"""The brand of a page: the installation's, or that of the tenant who sees the page."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from functools import lru_cache

from flask import Blueprint, Flask, Response, abort, has_request_context, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.local import LocalProxy

from onboarding.look.brand import Brand, HexColor, TenantBrand
from onboarding.look.palette import Palette, palette_of
from onboarding.model import Tenant
from views.guard.access import anyone, session_tenant_id
from views.guard.framing import framing_start, unframed
from views.guard.limits import limited
from views.guard.lookups import once_a_request, or_404, or_nothing
from views.installation import EVERYBODY, Installation, installation
from views.look.static_files import FOR_A_YEAR

log = logging.getLogger("rolecall.views")

bp = Blueprint("brand", __name__, url_prefix="/brand/<owner>")


def install_branding(app: Flask, here: Installation) -> None:
    """Give templates the installation in its tenant's brand, and log a colour that had to be adjusted."""
    app.jinja_env.globals.update(here=LocalProxy(branded), brand_style=brand_style, brand_logo=brand_logo, theme=_theme)
    if here.brand.color:
        _say_what_moved(palette_of(here.brand.color))


@bp.get("/style.css")
@anyone
@limited("brand")
def style(owner: str) -> ResponseReturnValue:
    """The brand's colour as custom properties: our Content-Security-Policy allows no style inside a page."""
    color = _brand_of(owner).color
    if color is None:
        abort(404)
    text, version = _style(color)
    return _file(text, mimetype="text/css", version=version)


@bp.get("/logo")
@anyone
@limited("brand")
def logo(owner: str) -> ResponseReturnValue:
    """The brand's logo, as a picture."""
    found = _brand_of(owner).logo
    if found is None:
        abort(404)
    return _file(found.data, mimetype=found.mimetype, version=found.version)


def _file(content: str | bytes, *, mimetype: str, version: str) -> Response:
    """Return a file that browsers keep for a year if its address carries its version, like a static one."""
    kept = FOR_A_YEAR if request.args.get("v") == version else "no-cache"
    return Response(content, mimetype=mimetype, headers={"Cache-Control": kept})


@once_a_request
def branded() -> Installation:
    """Return the installation as the tenant of this frame or session sees it."""
    return branded_for(or_nothing(_session_tenant) if has_request_context() else None)


def branded_for(tenant: Tenant | None) -> Installation:
    """Return the installation as that tenant sees it: a link's page passes it as `here`, in place of `branded()`."""
    here = installation()
    if tenant is None or tenant.brand == TenantBrand():
        return here
    brand = tenant.brand.over(here.brand)
    return replace(here, brand=brand, brand_owner=tenant.id, vendor=replace(here.vendor, name=brand.name))


@pass_context
def brand_style(context: Context) -> str:
    """Return the address of the brand's style sheet, or nothing if the colours are Rolecall's own."""
    here: Installation = context["here"]
    color = here.brand.color
    return _address("brand.style", here, _style(color)[1]) if color else ""


@pass_context
def brand_logo(context: Context) -> str:
    """Return the address of the brand's logo, or nothing if it has none."""
    here: Installation = context["here"]
    return _address("brand.logo", here, here.brand.logo.version) if here.brand.logo else ""


def stylesheet_of(palette: Palette) -> str:
    """Return the custom properties that replace the colours of static/wizard/tokens.css."""
    light, dark = palette.shades["light"], palette.shades["dark"]
    return (
        ":root {\n"
        f"  --brand: light-dark({light.brand}, {dark.brand});\n"
        f"  --brand-ink: light-dark({light.ink}, {dark.ink});\n"
        f"  --brand-hover: light-dark({light.hover}, {dark.hover});\n"
        "}\n"
    )


def _address(endpoint: str, here: Installation, version: str) -> str:
    return unframed(url_for(endpoint, owner=here.brand_owner, v=version))


def _session_tenant() -> Tenant | None:
    start = framing_start()
    tenant_id = start.tenant_id if start else session_tenant_id()
    return installation().store.get_tenant(tenant_id) if tenant_id else None


def _brand_of(owner: str) -> Brand:
    here = installation()
    if owner == EVERYBODY:
        return here.brand
    return or_404(lambda: here.store.get_tenant(owner).brand.over(here.brand))


def _theme() -> str:
    """Return `light` or `dark` if the portal asks for that theme, else nothing: then the browser decides."""
    start = framing_start()
    return (start.theme if start else None) or ""


@lru_cache(maxsize=64)
def _style(color: HexColor) -> tuple[str, str]:
    """Return the style sheet of a colour, and its version."""
    text = stylesheet_of(palette_of(color))
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def _say_what_moved(palette: Palette) -> None:
    for scheme in palette.adjusted:
        shown = palette.shades[scheme].brand
        log.warning("brand.color_adjusted scheme=%s color=%s shown_as=%s", scheme, palette.color, shown)
