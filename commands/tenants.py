"""Tenants: who they are, and which sites may frame their wizard."""

from __future__ import annotations

import click

from commands.installation import open_installation
from commands.printing import print_json, print_table, shown
from onboarding.model import Actor, Event
from onboarding.origins import parse_origin
from onboarding.ports import NotFound


@click.group()
def tenants() -> None:
    """List tenants, and say which sites may frame their wizard."""


@tenants.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_tenants(ctx: click.Context, as_json: bool) -> None:
    """List every tenant, oldest first, with the embed origins of their own."""
    found = open_installation(ctx).store.list_tenants()
    if as_json:
        print_json([{"tenant": t.reference, "tenant_name": t.name, "embed_origins": t.embed_origins} for t in found])
    else:
        rows = [[t.reference, t.name, " ".join(t.embed_origins)] for t in found]
        print_table(("REFERENCE", "NAME", "EMBED ORIGINS"), rows, empty="There are no tenants.")


@tenants.command("frame")
@click.argument("reference")
@click.argument("origins", metavar="[ORIGIN]...", nargs=-1)
@click.pass_context
def frame(ctx: click.Context, reference: str, origins: tuple[str, ...]) -> None:
    """Say which sites may frame this tenant's wizard, besides those of ROLECALL_EMBED_ORIGINS.

    They take the place of those that were named before; with none, the tenant has no embed origins of its own.
    """
    here = open_installation(ctx)
    try:
        tenant = here.store.find_tenant(reference)
    except NotFound:
        raise NotFound(f"There is no tenant {shown(reference)!r}: `tenants list` shows them.") from None
    named = tuple(dict.fromkeys(parse_origin(raw) for raw in origins))
    detail = {"origins": " ".join(named)}
    event = Event("tenant.embed_origins_set", Actor.OPERATOR, here.clock.now(), tenant_id=tenant.id, detail=detail)
    here.store.set_embed_origins(tenant.id, named, event)
    click.echo(f"{shown(reference)} may be framed by {' '.join(named) or 'no site of its own'}.")
