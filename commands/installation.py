"""Opens the installation that a command works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from config import Config
from onboarding.model import Tenant
from onboarding.ports import Store
from onboarding.schedule import is_worker_alive
from wiring import Parts, SystemClock, open_store


def open_installation(ctx: click.Context) -> Parts:
    """Return the installation's parts. Its store is closed when the command ends. Raises ConfigError."""
    env: Mapping[str, str] = ctx.obj
    config = Config.from_env(env)
    store = open_store(config)
    ctx.call_on_close(store.close)
    return Parts(config, store, SystemClock())


def has_worker(here: Parts) -> bool:
    """Whether a worker reported lately."""
    return is_worker_alive(here.store.last_beat(), now=here.clock.now())


def tenants_by_id(store: Store, tenant_ids: Iterable[str]) -> dict[str, Tenant]:
    """Return the tenants with these IDs, by their ID."""
    return {tenant_id: store.get_tenant(tenant_id) for tenant_id in set(tenant_ids)}
