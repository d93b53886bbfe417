"""How often an address or a tenant can do what scripts abuse. People stay far below these limits.

The web process counts in its memory, since an installation has only one (`serve`). Behind a proxy, set
ROLECALL_PROXY_HOPS: otherwise all clients count as one address, the proxy's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from views.guard.access import View, session_tenant_id


@dataclass(frozen=True)
class Limits:
    """How often one act is allowed for an address and for a tenant."""

    address: str
    tenant: str = ""


# docs/threat-model.md shows this table, and a test compares the two.
LIMITS = {
    "start": Limits(address="20 per minute"),
    "invite": Limits(address="30 per minute"),
    "handover": Limits(address="60 per minute", tenant="20 per minute"),
    "handover_open": Limits(address="30 per minute"),
    "exchange": Limits(address="120 per minute"),
    "launch": Limits(address="60 per minute", tenant="30 per minute"),
    "role": Limits(address="60 per minute", tenant="30 per minute"),
    "examine": Limits(address="60 per minute", tenant="30 per minute"),
    "portal_start": Limits(address="600 per minute", tenant="60 per minute"),
    "portal_read": Limits(address="600 per minute", tenant="60 per minute"),
}

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")


def limited(act: str) -> Callable[[View], View]:
    """Hold the view to the limits of that act."""
    limits = LIMITS[act]

    def hold(view: View) -> View:
        held: View = limiter.limit(limits.address, scope=act)(view)
        if limits.tenant:
            held = limiter.limit(limits.tenant, key_func=_tenant, scope=act)(held)
        return held

    return hold


def seconds_to_wait() -> int:
    """Return in how many seconds the limit that was just reached allows the next request."""
    hit = limiter.current_limit
    if hit is None:
        return 60
    # The library rounds up to a full second. The wait must still not exceed the window.
    return max(1, min(hit.limit.get_expiry(), round(hit.reset_at - time.time())))


def _tenant() -> str:
    """Return the tenant that the request counts for: the session's, or the one that a portal's server names."""
    if request.blueprint == "api":
        named = request.get_json(silent=True) if request.method == "POST" else request.args
        return f"reference {named.get('tenant') if isinstance(named, Mapping) else None}"
    return f"tenant {session_tenant_id() or get_remote_address()}"
