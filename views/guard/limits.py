"""How often an address or a tenant can do what scripts abuse. People stay far below these limits.

Every route has an act of this table: `limited(…)` names it, and what has no name is a page. An address is counted
before anything of its request is read (`AddressGate`), a tenant once it is known whose request it is
(`count_for_tenant`, which views/guard/access.py calls).

The web process counts in its memory, since an installation has only one (`serve`). Behind a proxy, set
ROLECALL_PROXY_HOPS: otherwise all clients count as one address, the proxy's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect
from werkzeug.wsgi import get_path_info

from views.guard.counters import Counters
from views.guard.too_many import PlainRefusal

log = logging.getLogger("rolecall.http")

View = Callable[..., ResponseReturnValue]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Rate:
    """How often a minute one act is allowed for an address and for a tenant; None: as often as anybody likes."""

    address: int | None
    tenant: int | None = None


# docs/threat-model.md shows this table and says what each act is; a test compares the two.
LIMITS = {
    "page": Rate(address=1200, tenant=300),
    "poll": Rate(address=20_000, tenant=6000),
    "brand": Rate(address=1200),
    "health": Rate(address=None),
    "start": Rate(address=20),
    "invite": Rate(address=30),
    "language": Rate(address=60),
    "connect": Rate(address=60, tenant=20),
    "account": Rate(address=120, tenant=60),
    "pin": Rate(address=120, tenant=60),
    "check": Rate(address=120, tenant=60),
    "retry": Rate(address=60, tenant=30),
    "handover": Rate(address=60, tenant=20),
    "revoke": Rate(address=60, tenant=30),
    "handover_open": Rate(address=30),
    "exchange": Rate(address=120),
    "launch": Rate(address=60, tenant=30),
    "role": Rate(address=60, tenant=30),
    "examine": Rate(address=60, tenant=30),
    "portal_start": Rate(address=600, tenant=60),
    "portal_read": Rate(address=600, tenant=60),
}
# So many refusals a minute keep what was typed, for each act of each sender. Those that follow are a few fixed words.
_WHOLE_PAGES = 3
_LONGEST_NAME = 100
_WAIT = "rolecall.seconds_to_wait"


class TooMany(Exception):
    """The sender is beyond a limit, for `seconds` from now. `is_plain`: it was told so in full before."""

    def __init__(self, seconds: int, *, is_plain: bool = False) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.is_plain = is_plain


def limited(act: str) -> Callable[[View], View]:
    """Hold the view to the limits of that act. Stands below the decorator that says who can open it."""
    assert act in LIMITS

    def name(view: View) -> View:
        view.act = act  # type: ignore[attr-defined]
        return view

    return name


def act_of(view: object) -> str:
    """Return the act that a view counts as; None is an address where there is no view."""
    return getattr(view, "act", "page")


def count_for_tenant(view: View, whose: str) -> None:
    """Count the request for a tenant, as `whose` names it. Raises TooMany."""
    most = LIMITS[act_of(view)].tenant
    counters: Counters | None = current_app.extensions.get("rolecall.counters")
    if most is None or counters is None:
        return
    key = f"{act_of(view)} of {whose}"
    if seconds := counters.wait(key, most=most):
        raise TooMany(seconds, is_plain=_is_told(counters, key))


def count_for_named_tenant(view: View) -> None:
    """Count a request of a portal's server for the tenant that it names. Raises TooMany."""
    named = request.get_json(silent=True) if request.method == "POST" else request.args
    reference = named.get("tenant") if isinstance(named, Mapping) else None
    count_for_tenant(view, f"reference {str(reference)[:_LONGEST_NAME]}")


class AddressGate:
    """WSGI middleware that counts each request for its address. Nothing of a refused one is read."""

    def __init__(self, app: Flask, counters: Counters, refusal: PlainRefusal) -> None:
        self._wsgi: Wsgi = app.wsgi_app
        self._flask = app
        self._counters = counters
        self._refusal = refusal
        self._routes: MapAdapter = app.url_map.bind("")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        act = self._act(environ)
        most = LIMITS[act].address
        if most is None:
            return self._wsgi(environ, start_response)
        key = f"{act} from {network_of(environ.get('REMOTE_ADDR') or '')}"
        if seconds := self._counters.wait(key, most=most):
            if _is_told(self._counters, key):
                # Once a minute: a line for each would fill the disk at the sender's pace.
                if not self._counters.wait(f"{key}, logged", most=1):
                    log.info("request.limited act=%s seconds=%s", act, seconds)
                return self._refusal.wsgi(environ, start_response, seconds)
            environ[_WAIT] = seconds
        return self._wsgi(environ, start_response)

    def _act(self, environ: dict[str, Any]) -> str:
        try:
            endpoint, _ = self._routes.match(get_path_info(environ), environ.get("REQUEST_METHOD", "GET"))
        except (HTTPException, RequestRedirect):
            return act_of(None)
        return act_of(self._flask.view_functions.get(endpoint))


def install_limits(app: Flask, refusal: PlainRefusal) -> None:
    """Count every request. Before anything else is installed that reads requests."""
    # A memory of their own for tenants: whoever has many addresses could have their tenant forgotten otherwise.
    app.extensions["rolecall.counters"] = Counters()
    app.wsgi_app = AddressGate(app, Counters(), refusal)  # type: ignore[method-assign]

    @app.before_request
    def refuse() -> None:
        if seconds := request.environ.get(_WAIT):
            raise TooMany(seconds)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return what counts as one sender: an IPv4 address, or the /64 of an IPv6 one, which is the least that people get.

    An IPv4 address in IPv6's form is that IPv4 address. Some proxies add the port, which is another one for each
    connection. What is no address (a Unix socket's) counts as it is written.
    """
    try:
        parsed = ip_address(_without_port(address).partition("%")[0])
    except ValueError:
        return address[:_LONGEST_NAME]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or f"{int(parsed) >> 64:x}/64")
    return str(parsed)


def _without_port(address: str) -> str:
    """Return the address of `192.0.2.1:5678`, `[2001:db8::1]:443` or `[2001:db8::1]`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _is_told(counters: Counters, key: str) -> bool:
    """Whether this sender has got as many whole pages about this act as there are in a minute."""
    return bool(counters.wait(f"{key}, told", most=_WHOLE_PAGES))
