"""How often an address, a tenant or an API key may do what a script would abuse: generous for people.

Counted in the web process's own memory: an installation has one (`serve`). Behind a proxy the address is the client's
only with ROLECALL_PROXY_HOPS set: otherwise everybody shares the proxy's.
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
    """How much of one act is allowed, to whom."""

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
    "portal_launch": Limits(address="600 per minute", tenant="60 per minute"),
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
    """Return in how many seconds the limit that was just hit lets the next request through."""
    hit = limiter.current_limit
    if hit is None:
        return 60
    # The library rounds the window's end up to a second, which must not make it longer than the window is.
    return max(1, min(hit.limit.get_expiry(), round(hit.reset_at - time.time())))


def _tenant() -> str:
    """Return whom the request is about: the session's tenant, or the one that a portal's server names."""
    if request.blueprint == "api":
        named = request.get_json(silent=True) if request.method == "POST" else request.args
        return f"reference {named.get('tenant') if isinstance(named, Mapping) else None}"
    return f"tenant {session_tenant_id() or get_remote_address()}"
