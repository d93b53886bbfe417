"""Who may open a route. Every view wears one of these, and a guard test holds that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from onboarding.model import Connection, Invite
from onboarding.ports import NotFound
from views.framing import PORTAL_LAUNCH, is_framed
from views.installation import installation

INVITE = "invite"

View = Callable[..., ResponseReturnValue]


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
    """Open to a session that an invite or a portal started; the view gets the tenant."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        tenant_id = session_tenant_id()
        if tenant_id is None:
            return _away()
        return view(tenant=installation().store.get_tenant(tenant_id), **values)

    guarded.access = "tenant"  # type: ignore[attr-defined]
    return guarded


def own_connection(view: View) -> View:
    """Open to the tenant whose connection it is; for everybody else there is no such page.

    The tenant itself is not read: a poll comes every two seconds, and needs no name.
    """

    @wraps(view)
    def guarded(*, connection_id: str, **values: Any) -> ResponseReturnValue:
        tenant_id = session_tenant_id()
        if tenant_id is None and is_framed(request):
            return _away()
        connection = _find(connection_id) if tenant_id else None
        if connection is None or connection.tenant_id != tenant_id:
            abort(404)
        return view(connection=connection, **values)

    guarded.access = "connection"  # type: ignore[attr-defined]
    return guarded


def start_session(kind: str, started_by: str, *, tenant_id: str) -> None:
    """Start this browser's session for the tenant, dropping what an earlier one left, all but the language.

    The CSRF token stays where the tenant does: a form of theirs that is open in another tab can still be sent.
    """
    kept = ("language", "csrf_token") if session.get("tenant") == tenant_id else ("language",)
    stays = {name: session[name] for name in kept if name in session}
    session.clear()
    session.update({kind: started_by, "tenant": tenant_id, **stays})
    # Flask-WTF keeps the token that it has made for this request, which was of the session that was.
    g.pop("csrf_token", None)
    session.permanent = True


def session_tenant_id() -> str | None:
    """Return the tenant of this session, while what started it stands."""
    if is_framed(request):
        launch_id = session.get(PORTAL_LAUNCH)
        launch = installation().portal.session(launch_id) if isinstance(launch_id, str) else None
        return launch.tenant_id if launch else None
    invite = _session_invite()
    return invite.tenant_id if invite else None


def _away() -> ResponseReturnValue:
    """Nobody is known here: say so in a frame, whose script asks the portal for a new launch; else go to the start."""
    if is_framed(request):
        abort(401)
    return redirect(url_for("entry.landing"), 303)


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
