"""What the views work with. app.py makes it once, and each request finds it on the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app

from onboarding.entry.api_keys import ApiKeys
from onboarding.entry.handovers import Handovers
from onboarding.entry.invites import Invites
from onboarding.entry.portal import Portal
from onboarding.ground.arn import AccountId
from onboarding.ground.wording import say
from onboarding.look.brand import Brand
from onboarding.look.picture import Picture
from onboarding.model import Connection
from onboarding.permissions.badge import Badge
from onboarding.ports import Clock, Store
from onboarding.service import Onboarding
from onboarding.stack_template.callback import Callback
from onboarding.stack_template.template import Permission
from onboarding.vendor import Vendor

# Stands for the installation in the addresses of a brand's files, where a tenant's brand has the tenant's ID.
EVERYBODY = "-"


@dataclass(frozen=True)
class Installation:
    """What views and templates need of a running Rolecall, made of wiring.Parts, which worker and commands use.

    `badge` says whether all of `permissions` only read; `callback` is what tenants' stacks report, None without
    callbacks. `asset_versions` maps a static file's name to the version in its address.
    """

    vendor: Vendor
    onboarding: Onboarding
    invites: Invites
    handovers: Handovers
    api_keys: ApiKeys
    portal: Portal
    store: Store
    clock: Clock
    permissions: tuple[Permission, ...]
    callback: Callback | None
    badge: Badge
    public_url: str
    brand: Brand
    return_url: str
    is_sandbox: bool
    has_open_door: bool
    asset_versions: Mapping[str, str]
    brand_owner: str = EVERYBODY

    @property
    def support_url(self) -> str:
        """The link where a tenant asks for help."""
        return self.brand.support_url

    def picture(self, connection: Connection, *, external_id: str = "") -> Picture:
        """Return the values that a drawing of the AWS console shows for this connection."""
        account_id = connection.account_id or AccountId("")
        role_arn = connection.claimed_role_arn or self.vendor.role_arn_in(account_id or AccountId("…"), connection)
        return Picture(
            vendor_name=self.vendor.name,
            region=connection.region,
            region_name=self.vendor.partition.regions[connection.region],
            account_id=account_id,
            stack_name=connection.stack_name,
            role_name=connection.role_name,
            role_arn=str(role_arn),
            external_id=external_id or connection.pinned_external_id or say("filled in for you"),
            template_url=self.vendor.template_for(connection),
        )


def installation() -> Installation:
    """Return the installation that serves this request, in its own brand."""
    return cast(Installation, current_app.extensions["rolecall"])
