"""Who can open a route. Every view has one of these decorators; tests/guards/test_routes.py checks that.

Those that know the tenant count the request for it too: views/guard/limits.py says how many there can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from onboarding.model import Actor, Connection, Handover
from onboarding.service import Onboarding
from views.guard.framing import PORTAL_START, is_framed
from views.guard.limits import View, count_for_named_tenant, count_for_tenant
from views.guard.lookups import forget_lookups, once_a_request, or_none
from views.installation import installation

INVITE = "invite"
HANDOVER = "handover"


@dataclass(frozen=True)
class Visit:
    """The tenant of a session, and what started it: an invite, a portal with its API key, or a hand-over."""

    tenant_id: str
    invite_id: str | None = None
    api_key_id: str | None = None
    handover: Handover | None = None

    @property
    def counted_as(self) -> str:
        """Return whose limits these are. Whoever has a stolen link must not keep the tenant from revoking it."""
        return f"colleagues of {self.tenant_id}" if self.handover else self.tenant_id

    def can_open(self, connection: Connection) -> bool:
        """Whether the connection is the tenant's, and for a colleague, the one that was handed over."""
        is_theirs = connection.tenant_id == self.tenant_id
        return is_theirs and (self.handover is None or self.handover.connection_id == connection.id)


def anyone(view: View) -> View:
    """Open to strangers: the view shows and changes nothing that belongs to a tenant."""
    view.access = "anyone"  # type: ignore[attr-defined]
    return view


def anyone_framed_too(view: View) -> View:
    """Open to strangers, below `/framed` too, where all other views are a tenant's."""
    view.is_framed_too = True  # type: ignore[attr-defined]
    return anyone(view)


def with_api_key(view: View) -> View:
    """Open to a program that sends an API key as `Authorization: Bearer …`. The view gets the key."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = installation().api_keys.authenticate(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            abort(401)
        count_for_named_tenant(view)
        return view(key=key, **values)

    guarded.access = "api_key"  # type: ignore[attr-defined]
    return guarded


def tenant_only(view: View) -> View:
    """Open to a session that an invite or a portal started. The view gets the tenant.

    A colleague is redirected to the connection that was handed over to them.
    """

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None:
            return _away()
        if found.handover is not None:
            return redirect(url_for("wizard.step", connection_id=found.handover.connection_id, number=1), 303)
        count_for_tenant(view, found.tenant_id)
        return view(tenant=installation().store.get_tenant(found.tenant_id), **values)

    guarded.access = "tenant"  # type: ignore[attr-defined]
    return guarded


def own_connection(view: View) -> View:
    """Open to the connection's tenant, and to a colleague to whom it was handed over. Others get 404.

    The tenant is not read from the store: a poll comes every two seconds, and does not need it.
    """

    @wraps(view)
    def guarded(*, connection_id: str, **values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None and is_framed(request):
            return _away()
        connection = or_none(lambda: installation().store.get_connection(connection_id)) if found else None
        if found is None or connection is None or not found.can_open(connection):
            abort(410 if found is None and _was_handed_over(connection_id) else 404)
        count_for_tenant(view, found.counted_as)
        return view(connection=connection, **values)

    guarded.access = "connection"  # type: ignore[attr-defined]
    return guarded


def own_connection_in_full(view: View) -> View:
    """Open to the connection's tenant, and not to a colleague."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None or found.handover is not None:
            abort(404)
        return view(**values)

    return own_connection(guarded)


def start_session(kind: str, started_by: str, *, tenant_id: str) -> None:
    """Start this browser's session for the tenant. Of an earlier session, only the language stays.

    If that was the same tenant's, the CSRF token stays too, so that a form open in another tab can still be sent.
    """
    kept = ("language", "csrf_token") if session.get("tenant") == tenant_id else ("language",)
    stays = {name: session[name] for name in kept if name in session}
    session.clear()
    session.update({kind: started_by, "tenant": tenant_id, **stays})
    session.permanent = True
    forget_lookups()
    # Now, so that no later page has to write the session: of two answers at once, one would lose the other's token.
    generate_csrf()


@once_a_request
def visit() -> Visit | None:
    """Return whose session this is, as long as the invite, portal start or hand-over that started it is valid."""
    return _framed_visit() if is_framed(request) else _visit()


def session_tenant_id() -> str | None:
    """Return the tenant of this session, as long as it is valid."""
    found = visit()
    return found.tenant_id if found else None


def handed_over() -> Handover | None:
    """Return the hand-over that started this session; None if the tenant's own people use it."""
    found = visit()
    return found.handover if found else None


def onboarding() -> Onboarding:
    """Return the wizard's verbs, whose events say whether the tenant or a colleague did it."""
    verbs, handover = installation().onboarding, handed_over()
    return verbs if handover is None else verbs.done_by(Actor.COLLEAGUE, handover=handover.id)


def _away() -> ResponseReturnValue:
    """Answer a stranger: 401 in a frame, whose script then asks the portal for a new start; else the start page."""
    if is_framed(request):
        abort(401)
    return redirect(url_for("entry.landing"), 303)


def _framed_visit() -> Visit | None:
    start_id = session.get(PORTAL_START)
    start = installation().portal.session(start_id) if isinstance(start_id, str) else None
    return Visit(start.tenant_id, api_key_id=start.api_key_id) if start else None


def _visit() -> Visit | None:
    handover = _session_handover()
    if handover is not None:
        lets_in = handover.lets_in(installation().clock.now())
        return Visit(handover.tenant_id, handover=handover) if lets_in else None
    # Revoking the invite ends the session. That its link expires does not.
    invite_id = session.get(INVITE)
    invite = or_none(lambda: installation().store.get_invite(invite_id)) if isinstance(invite_id, str) else None
    return Visit(invite.tenant_id, invite_id=invite.id) if invite and not invite.revoked_at else None


def _session_handover() -> Handover | None:
    """Return the hand-over that started this session, valid or not."""
    handover_id = session.get(HANDOVER)
    return or_none(lambda: installation().handovers.get(handover_id)) if isinstance(handover_id, str) else None


def _was_handed_over(connection_id: str) -> bool:
    """Whether this session's hand-over was of that connection. If it has ended, the answer is 410 instead of 404."""
    handover = None if is_framed(request) else _session_handover()
    return handover is not None and handover.connection_id == connection_id
