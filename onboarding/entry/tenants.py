"""What the operator sets for one tenant: the sites that can frame their wizard, and how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from onboarding.ground.origins import Origin
from onboarding.look.brand import TenantBrand
from onboarding.model import Actor, Event, Tenant
from onboarding.ports import Store


def set_embed_origins(store: Store, tenant: Tenant, origins: Sequence[Origin], *, at: datetime) -> Tenant:
    """Replace the tenant's own embed origins, and return the tenant. Raises NotFound."""
    event = _event("tenant.embed_origins_set", tenant, at, origins=" ".join(origins))
    return store.set_embed_origins(tenant.id, origins, event)


def set_brand(store: Store, tenant: Tenant, brand: TenantBrand, *, at: datetime) -> Tenant:
    """Replace the tenant's own brand, and return the tenant. Raises NotFound."""
    event = _event("tenant.brand_set", tenant, at, changed=", ".join(brand.parts))
    return store.set_brand(tenant.id, brand, event)


def _event(kind: str, tenant: Tenant, at: datetime, **detail: str) -> Event:
    return Event(kind, Actor.OPERATOR, at, tenant_id=tenant.id, detail=detail)
