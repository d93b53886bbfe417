"""Whose pages they are: the installation's brand, or that of the tenant whom a page is for."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from functools import lru_cache

from flask import Blueprint, Flask, Response, abort, g, has_request_context, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from onboarding.look.brand import Brand, HexColor, TenantBrand
from onboarding.look.palette import Palette, palette_of
from onboarding.model import Tenant
from onboarding.ports import NotFound
from views.guard.access import anyone, session_tenant_id
from views.guard.framing import framing_launch, or_nothing, unframed
from views.installation import Installation, installation
from views.look.static_files import FOR_A_YEAR

log = logging.getLogger("rolecall.views")

bp = Blueprint("brand", __name__, url_prefix="/brand/<owner>")

# The owner in the address of what is the installation's; a tenant's ID is never this.
EVERYBODY = "-"


def install_branding(app: Flask, here: Installation) -> None:
    """Let templates see the installation as the tenant does, and say in the log which colour could not stay."""
    app.jinja_env.globals.update(here=LocalProxy(branded), brand_style=brand_style, brand_logo=brand_logo, theme=_theme)
    if here.brand.color:
        _say_what_moved(_palette(here.brand.color))


@bp.get("/style.css")
@anyone
def style(owner: str) -> ResponseReturnValue:
    """The brand's colour as custom properties: our Content-Security-Policy allows no style inside a page."""
    color = _brand_of(owner).color
    if color is None:
        abort(404)
    return _file(stylesheet_of(_palette(color)), mimetype="text/css", version=_style_version(color))


@bp.get("/logo")
@anyone
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


def branded() -> Installation:
    """Return the installation as whoever this page is for sees it."""
    here = installation()
    if not has_request_context():
        return here
    if "branded" not in g:
        brand = _shown_tenant_brand(here.brand)
        g.branded = replace(here, brand=brand, vendor=replace(here.vendor, name=brand.name))
    found: Installation = g.branded
    return found


def show_brand_of(tenant: Tenant) -> None:
    """This page is for that tenant, though no session says so yet."""
    g.brand_tenant = tenant
    g.pop("branded", None)


def brand_style() -> str:
    """Return the address of the brand's style sheet, or nothing where the colours are Rolecall's own."""
    color = branded().brand.color
    return _address("brand.style", _style_version(color)) if color else ""


def brand_logo() -> str:
    """Return the address of the brand's logo, or nothing where it has none."""
    found = branded().brand.logo
    return _address("brand.logo", found.version) if found else ""


def stylesheet_of(palette: Palette) -> str:
    """Return the custom properties that put the palette in place of static/wizard.css's own."""
    light, dark = palette.shades["light"], palette.shades["dark"]
    return (
        ":root {\n"
        f"  --brand: light-dark({light.brand}, {dark.brand});\n"
        f"  --brand-ink: light-dark({light.ink}, {dark.ink});\n"
        f"  --brand-hover: light-dark({light.hover}, {dark.hover});\n"
        "}\n"
    )


def _address(endpoint: str, version: str) -> str:
    tenant = g.get("brand_tenant")
    owner = tenant.id if tenant and tenant.brand != TenantBrand() else EVERYBODY
    return unframed(url_for(endpoint, owner=owner, v=version))


def _shown_tenant_brand(brand: Brand) -> Brand:
    if "brand_tenant" not in g:
        g.brand_tenant = or_nothing(_session_tenant)
    return g.brand_tenant.brand.over(brand) if g.brand_tenant else brand


def _session_tenant() -> Tenant | None:
    launch = framing_launch()
    tenant_id = launch.tenant_id if launch else session_tenant_id()
    return installation().store.get_tenant(tenant_id) if tenant_id else None


def _brand_of(owner: str) -> Brand:
    here = installation()
    if owner == EVERYBODY:
        return here.brand
    try:
        return here.store.get_tenant(owner).brand.over(here.brand)
    except NotFound:
        abort(404)


def _theme() -> str:
    """Return `light` or `dark` where the portal's page is that whatever the system says, else nothing."""
    launch = framing_launch()
    return (launch.theme if launch else None) or ""


@lru_cache(maxsize=64)
def _palette(color: HexColor) -> Palette:
    return palette_of(color)


def _style_version(color: HexColor) -> str:
    return hashlib.sha256(stylesheet_of(_palette(color)).encode()).hexdigest()[:12]


def _say_what_moved(palette: Palette) -> None:
    for scheme in palette.adjusted:
        shown = palette.shades[scheme].brand
        log.warning("brand.color_adjusted scheme=%s color=%s shown_as=%s", scheme, palette.color, shown)
