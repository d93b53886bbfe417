"""Opens the installation that a command works on, and finds what the command is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from commands.printing import shown
from config import Config
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text
from onboarding.model import Connection, Tenant
from onboarding.ports import NotFound, Store
from onboarding.schedule import is_worker_alive
from wiring import Parts, build, open_store


def open_installation(ctx: click.Context) -> Parts:
    """Return the installation's parts. Its store is closed when the command ends. Raises ConfigError."""
    env: Mapping[str, str] = ctx.obj
    config = Config.from_env(env)
    store = open_store(config)
    ctx.call_on_close(store.close)
    return build(config, store=store)


def has_worker(here: Parts) -> bool:
    """Whether a worker reported lately."""
    return is_worker_alive(here.store.last_beat(), now=here.clock.now())


def tenants_by_id(store: Store, tenant_ids: Iterable[str]) -> dict[str, Tenant]:
    """Return the tenants with these IDs, by their ID."""
    return {tenant_id: store.get_tenant(tenant_id) for tenant_id in set(tenant_ids)}


def find_connection(store: Store, raw: str) -> Connection:
    """Return the connection with this ID or handle, or the only one whose ID or handle starts with it.

    Raises NotFound if there is none, Refused if there are several.
    """
    known = store.list_connections()
    exact = [c for c in known if raw in (c.id, c.handle)]
    found = exact or [c for c in known if raw and (c.id.startswith(raw) or c.handle.startswith(raw))]
    if not found:
        raise NotFound(f"There is no connection {shown(raw)!r}: `connections list` shows them.")
    if len(found) > 1:
        fitting = ", ".join(c.handle for c in found)
        sentence = Text(f"{shown(raw)!r} fits several connections: {fitting}.")
        raise Refused("connection_unclear", sentence, Text("Type more of it."))
    return found[0]
