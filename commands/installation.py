"""What a command works on: the installation behind the environment it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import click

from config import Config
from onboarding.entry.api_keys import ApiKeys
from onboarding.entry.handovers import Handovers
from onboarding.entry.invites import Invites
from onboarding.model import Tenant
from onboarding.ports import Store
from onboarding.schedule import WORKER_SILENT_AFTER
from onboarding.service import Onboarding
from worker import SystemClock, open_store


@dataclass(frozen=True)
class Installation:
    """One installation, as the command line sees it."""

    config: Config
    store: Store
    clock: SystemClock

    @property
    def invites(self) -> Invites:
        """Where invites are made and revoked."""
        config = self.config
        return Invites(
            store=self.store,
            clock=self.clock,
            secret_key=config.secret_key,
            fallbacks=config.secret_key_fallbacks,
        )

    @property
    def handovers(self) -> Handovers:
        """Where hand-overs are made and revoked."""
        config = self.config
        return Handovers(
            store=self.store,
            clock=self.clock,
            secret_key=config.secret_key,
            fallbacks=config.secret_key_fallbacks,
        )

    @property
    def api_keys(self) -> ApiKeys:
        """Where API keys are made and revoked."""
        return ApiKeys(store=self.store, clock=self.clock)

    @property
    def onboarding(self) -> Onboarding:
        """The verbs of the product."""
        return Onboarding(store=self.store, clock=self.clock, vendor=self.config.vendor)

    def has_worker(self) -> bool:
        """Whether a worker said lately that it is alive."""
        beat = self.store.last_beat()
        return beat is not None and self.clock.now() - beat <= WORKER_SILENT_AFTER

    def tenants(self, tenant_ids: set[str]) -> dict[str, Tenant]:
        """Return those tenants by their ID."""
        return {tenant_id: self.store.get_tenant(tenant_id) for tenant_id in tenant_ids}


def open_installation(ctx: click.Context) -> Installation:
    """Return the installation, its store up to date, and close that when the command ends. Raises ConfigError."""
    env: Mapping[str, str] = ctx.obj
    config = Config.from_env(env)
    store = open_store(config)
    ctx.call_on_close(store.close)
    return Installation(config=config, store=store, clock=SystemClock())
