"""Who may open a route. Every view wears one of these, and a guard test holds that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from onboarding.model import Actor, Connection, Handover, Invite
from onboarding.ports import NotFound
from onboarding.service import Onboarding
from views.guard.framing import PORTAL_LAUNCH, is_framed
from views.guard.lookups import forget_lookups, once_a_request
from views.installation import installation

INVITE = "invite"
HANDOVER = "handover"

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True)
class Visit:
    """Whose session this is, and what started it: an invite, a portal with an API key of ours, or a hand-over."""

    tenant_id: str
    invite_id: str | None = None
    api_key_id: str | None = None
    handover: Handover | None = None

    def may_open(self, connection: Connection) -> bool:
        """Whether the connection is the tenant's, and for a colleague, the one that was handed over."""
        is_theirs = connection.tenant_id == self.tenant_id
        return is_theirs and (self.handover is None or self.handover.connection_id == connection.id)


def anyone(view: View) -> View:
    """Open to strangers: it shows and does nothing that is a tenant's."""
    view.access = "anyone"  # type: ignore[attr-defined]
    return view


def anyone_framed_too(view: View) -> View:
    """Open to strangers, and below `/framed` as well, where else only a tenant's own pages are."""
    view.is_framed_too = True  # type: ignore[attr-defined]
    return anyone(view)


def with_api_key(view: View) -> View:
    """Open to a program that sends an API key of ours as `Authorization: Bearer …`; the view gets the key."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = installation().api_keys.authenticate(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            abort(401)
        return view(key=key, **values)

    guarded.access = "api_key"  # type: ignore[attr-defined]
    return guarded


def tenant_only(view: View) -> View:
    """Open to a session that an invite or a portal started; the view gets the tenant.

    A colleague is led to the one connection that was handed over to them.
    """

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None:
            return _away()
        if found.handover is not None:
            return redirect(url_for("wizard.step", connection_id=found.handover.connection_id, number=1), 303)
        return view(tenant=installation().store.get_tenant(found.tenant_id), **values)

    guarded.access = "tenant"  # type: ignore[attr-defined]
    return guarded


def own_connection(view: View) -> View:
    """Open to the tenant whose connection it is, and to a colleague to whom it was handed over.

    For everybody else there is no such page. The tenant itself is not read: a poll comes every two seconds, and needs
    no name.
    """

    @wraps(view)
    def guarded(*, connection_id: str, **values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None and is_framed(request):
            return _away()
        connection = _find(connection_id) if found else None
        if found is None or connection is None or not found.may_open(connection):
            abort(410 if found is None and _was_handed_over(connection_id) else 404)
        return view(connection=connection, **values)

    guarded.access = "connection"  # type: ignore[attr-defined]
    return guarded


def own_connection_in_full(view: View) -> View:
    """Open to the tenant whose connection it is, and not to a colleague."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        found = visit()
        if found is None or found.handover is not None:
            abort(404)
        return view(**values)

    return own_connection(guarded)


def start_session(kind: str, started_by: str, *, tenant_id: str) -> None:
    """Start this browser's session for the tenant, dropping what an earlier one left, all but the language.

    The CSRF token stays where the tenant does: a form of theirs that is open in another tab can still be sent.
    """
    kept = ("language", "csrf_token") if session.get("tenant") == tenant_id else ("language",)
    stays = {name: session[name] for name in kept if name in session}
    session.clear()
    session.update({kind: started_by, "tenant": tenant_id, **stays})
    session.permanent = True
    forget_lookups()


@once_a_request
def visit() -> Visit | None:
    """Return whose session this is, as long as the invite, launch or hand-over that started it is valid."""
    return _framed_visit() if is_framed(request) else _visit()


def session_tenant_id() -> str | None:
    """Return the tenant of this session, while what started it stands."""
    found = visit()
    return found.tenant_id if found else None


def handed_over() -> Handover | None:
    """Return the hand-over that this session works on; None for the tenant's own people."""
    found = visit()
    return found.handover if found else None


def onboarding() -> Onboarding:
    """Return the verbs, as done by whoever's session this is: that is what their events say."""
    verbs, handover = installation().onboarding, handed_over()
    return verbs if handover is None else verbs.done_by(Actor.COLLEAGUE, handover=handover.id)


def _away() -> ResponseReturnValue:
    """Nobody is known here: say so in a frame, whose script asks the portal for a new launch; else go to the start."""
    if is_framed(request):
        abort(401)
    return redirect(url_for("entry.landing"), 303)


def _framed_visit() -> Visit | None:
    launch_id = session.get(PORTAL_LAUNCH)
    launch = installation().portal.session(launch_id) if isinstance(launch_id, str) else None
    return Visit(launch.tenant_id, api_key_id=launch.api_key_id) if launch else None


def _visit() -> Visit | None:
    handover = _session_handover()
    if handover is not None:
        lets_in = handover.lets_in(installation().clock.now())
        return Visit(handover.tenant_id, handover=handover) if lets_in else None
    invite = _session_invite()
    return Visit(invite.tenant_id, invite_id=invite.id) if invite else None


def _session_handover() -> Handover | None:
    """Return the hand-over that started this session, ended or not."""
    handover_id = session.get(HANDOVER)
    if not isinstance(handover_id, str):
        return None
    try:
        return installation().handovers.get(handover_id)
    except NotFound:
        return None


def _was_handed_over(connection_id: str) -> bool:
    """Whether this session's hand-over, which has ended, was of that connection: then its page says so."""
    handover = None if is_framed(request) else _session_handover()
    return handover is not None and handover.connection_id == connection_id


def _session_invite() -> Invite | None:
    """Return the invite that started this session. Revoking it ends the session; that the link expired does not."""
    invite_id = session.get(INVITE)
    if not isinstance(invite_id, str):
        return None
    try:
        invite = installation().store.get_invite(invite_id)
    except NotFound:
        return None
    return None if invite.revoked_at else invite


def _find(connection_id: str) -> Connection | None:
    try:
        return installation().store.get_connection(connection_id)
    except NotFound:
        return None
