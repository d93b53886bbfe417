"""Lists tenants, and sets which sites are allowed to frame their wizard and how it looks."""

from __future__ import annotations

from typing import Any, BinaryIO

import click

from commands.installation import open_installation
from commands.options import json_option, parsed_by, printable_name
from commands.printing import print_line, print_rows, shown
from onboarding.entry.tenants import set_brand, set_embed_origins
from onboarding.ground.origins import parse_origin
from onboarding.look.brand import Logo, TenantBrand, parse_color, parse_logo, parse_support_url
from onboarding.look.palette import Palette, palette_of
from onboarding.model import Tenant
from onboarding.ports import NotFound
from wiring import Parts


def _logo_in(file: BinaryIO) -> Logo:
    return parse_logo(file.read())


@click.group()
def tenants() -> None:
    """List tenants, and set their brand and who can frame their wizard."""


@tenants.command("list")
@json_option
@click.pass_context
def list_tenants(ctx: click.Context, as_json: bool) -> None:
    """List every tenant, oldest first, with their own embed origins."""
    found = open_installation(ctx).store.list_tenants()
    rows = [{"tenant": t.reference, "tenant_name": t.name, "embed_origins": t.embed_origins} for t in found]
    print_rows(("REFERENCE", "NAME", "EMBED ORIGINS"), rows, as_json=as_json, empty="There are no tenants.")


@tenants.command("frame")
@click.argument("reference")
@click.argument("origins", metavar="[ORIGIN]...", nargs=-1)
@click.pass_context
def frame(ctx: click.Context, reference: str, origins: tuple[str, ...]) -> None:
    """Set which sites are allowed to frame this tenant's wizard.

    They replace the sites that you set before. Those of ROLECALL_EMBED_ORIGINS are always allowed.
    """
    here = open_installation(ctx)
    tenant = _find(here, reference)
    named = tuple(dict.fromkeys(parse_origin(raw) for raw in origins))
    set_embed_origins(here.store, tenant, named, at=here.clock.now())
    print_line(f"Sites that can frame the wizard of {shown(reference)}: {' '.join(named) or 'no site of its own'}.")


@tenants.command("brand")
@click.argument("reference")
@click.option("--name", callback=printable_name, help="The name by which they know you.")
@click.option("--we", callback=printable_name, help="Who “we” is on the pages.")
@click.option(
    "--support-url", callback=parsed_by(parse_support_url), help="Where they ask for help: an https: or mailto: link."
)
@click.option("--color", callback=parsed_by(parse_color), help="The colour of buttons and links, such as #2b59c3.")
@click.option("--logo", type=click.File("rb"), callback=parsed_by(_logo_in), help="A PNG or SVG file.")
@click.pass_context
def brand(ctx: click.Context, /, reference: str, **parts: Any) -> None:
    """Set how the pages look for this tenant, and who speaks on them.

    This replaces what you set before. Without any option, the pages look as they do for everybody.
    """
    here = open_installation(ctx)
    tenant = _find(here, reference)
    own = TenantBrand(**parts)
    set_brand(here.store, tenant, own, at=here.clock.now())
    changed = ", ".join(own.parts)
    print_line(f"{shown(reference)} has {f'its own brand: {changed}' if changed else 'no brand of its own'}.")
    if own.color:
        _print_adjusted(palette_of(own.color))


def _print_adjusted(palette: Palette) -> None:
    for scheme in palette.adjusted:
        shown_as = palette.shades[scheme].brand
        print_line(f"On {scheme} pages {palette.color} is hard to read, so they show {shown_as} instead.")


def _find(here: Parts, reference: str) -> Tenant:
    try:
        return here.store.find_tenant(reference)
    except NotFound:
        raise NotFound(f"There is no tenant {shown(reference)!r}: `tenants list` shows them.") from None
