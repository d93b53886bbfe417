"""Makes, lists and revokes invites, the links with which tenants start."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from commands.installation import open_installation, tenants_by_id
from commands.options import Duration, json_option, printable_name
from commands.printing import print_json, print_line, print_rows, shown
from onboarding.entry.invites import DEFAULT_LIFETIME
from onboarding.model import Invite
from onboarding.ports import NotFound


@click.command()
@click.option("--tenant", "name", required=True, callback=printable_name, help="Their name, as the wizard shows it.")
@click.option(
    "--reference", callback=printable_name, help="Your own unique name for them. Default: the name in lower case."
)
@click.option(
    "--expires",
    "lifetime",
    type=Duration(),
    default=DEFAULT_LIFETIME,
    show_default="7d",
    help="How long the link works: 30m, 12h, 7d.",
)
@json_option
@click.pass_context
def invite(ctx: click.Context, name: str, reference: str | None, lifetime: timedelta, as_json: bool) -> None:
    """Invite a tenant: print a link that opens their wizard.

    Whoever has the link can act for the tenant, so send it only to them. If the reference is known, the tenant keeps
    its name.
    """
    here = open_installation(ctx)
    made = here.invites.invite(name=name, reference=reference or name.casefold(), lifetime=lifetime)
    link = f"{here.config.public_url}/i/{here.invites.token(made)}"
    if not as_json:
        print_line(link)
        return
    tenant = here.store.get_tenant(made.tenant_id)
    facts = {"id": made.id, "tenant": tenant.reference, "tenant_name": tenant.name}
    print_json({**facts, "expires_at": made.expires_at, "link": link})


@click.group()
def invites() -> None:
    """List and revoke invites."""


@invites.command("list")
@json_option
@click.pass_context
def list_invites(ctx: click.Context, as_json: bool) -> None:
    """List every invite, oldest first. Only `invite` prints its link."""
    here = open_installation(ctx)
    found, now = here.store.list_invites(), here.clock.now()
    tenants = tenants_by_id(here.store, (i.tenant_id for i in found))
    rows = [
        {
            "id": i.id,
            "tenant": tenants[i.tenant_id].reference,
            "tenant_name": tenants[i.tenant_id].name,
            "made_at": i.created_at,
            "expires_at": i.expires_at,
            "state": _state(i, now),
        }
        for i in found
    ]
    headings = ("ID", "TENANT", "NAME", "MADE", "EXPIRES", "STATE")
    print_rows(headings, rows, as_json=as_json, empty="There are no invites.")


@invites.command("revoke")
@click.argument("invite_id", metavar="ID")
@click.pass_context
def revoke(ctx: click.Context, invite_id: str) -> None:
    """Revoke an invite. Its link stops working, and every session that it started ends."""
    try:
        open_installation(ctx).invites.revoke(invite_id)
    except NotFound:
        raise NotFound(f"There is no invite {shown(invite_id)!r}: `invites list` shows them.") from None
    print_line(f"Revoked {shown(invite_id)}.")


def _state(invite: Invite, now: datetime) -> str:
    if invite.revoked_at is not None:
        return "revoked"
    return "open" if invite.is_open(now) else "expired"
