"""Creates, lists and revokes API keys, with which portals start the wizard for their signed-in clients."""

from __future__ import annotations

import click

from commands.installation import open_installation
from commands.options import json_option, printable_name
from commands.printing import print_json, print_line, print_rows, shown
from onboarding.ports import NotFound


@click.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@keys.command("create")
@click.option("--name", required=True, callback=printable_name, help="What you call it, such as the portal's name.")
@json_option
@click.pass_context
def create(ctx: click.Context, name: str, as_json: bool) -> None:
    """Create an API key and print it. You see it only now: only its hash is kept.

    Whoever has it can start the wizard as any tenant. Keep it on the portal's server, never in a page.
    """
    key, token = open_installation(ctx).api_keys.create(name)
    if as_json:
        print_json({"id": key.id, "name": key.name, "key": token})
    else:
        print_line(token)


@keys.command("list")
@json_option
@click.pass_context
def list_keys(ctx: click.Context, as_json: bool) -> None:
    """List every API key, oldest first. Only `keys create` prints the key itself."""
    rows = [
        {"id": k.id, "name": k.name, "made_at": k.created_at, "state": "revoked" if k.revoked_at else "open"}
        for k in open_installation(ctx).store.list_api_keys()
    ]
    print_rows(("ID", "NAME", "MADE", "STATE"), rows, as_json=as_json, empty="There are no API keys.")


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@click.pass_context
def revoke(ctx: click.Context, key_id: str) -> None:
    """Revoke an API key. It stops working, and so does every frame that was opened with it."""
    try:
        open_installation(ctx).api_keys.revoke(key_id)
    except NotFound:
        raise NotFound(f"There is no API key {shown(key_id)!r}: `keys list` shows them.") from None
    print_line(f"Revoked {shown(key_id)}.")
