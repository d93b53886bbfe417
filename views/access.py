"""Who may open a route. Every view wears one of these, and a guard test holds that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, redirect, session, url_for
from flask.typing import ResponseReturnValue

from onboarding.model import Connection, Invite, Tenant
from onboarding.ports import NotFound
from views.installation import installation

View = Callable[..., ResponseReturnValue]


def anyone(view: View) -> View:
    """Open to strangers: it shows and does nothing that is a tenant's."""
    view.access = "anyone"  # type: ignore[attr-defined]
    return view


def tenant_only(view: View) -> View:
    """Open to a session that an invite started; the view gets the tenant."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        tenant = current_tenant()
        if tenant is None:
            return redirect(url_for("entry.landing"), 303)
        return view(tenant=tenant, **values)

    guarded.access = "tenant"  # type: ignore[attr-defined]
    return guarded


def own_connection(view: View) -> View:
    """Open to the tenant whose connection it is; for everybody else there is no such page.

    The tenant itself is not read: a poll comes every two seconds, and needs no name.
    """

    @wraps(view)
    def guarded(*, connection_id: str, **values: Any) -> ResponseReturnValue:
        invite = _session_invite()
        connection = _find(connection_id) if invite else None
        if invite is None or connection is None or connection.tenant_id != invite.tenant_id:
            abort(404)
        return view(connection=connection, **values)

    guarded.access = "connection"  # type: ignore[attr-defined]
    return guarded


def start_session(invite: Invite) -> None:
    """Start this browser's session for the invite's tenant, dropping what an earlier one left, all but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session["invite"] = invite.id
    session.permanent = True


def current_tenant() -> Tenant | None:
    """Return the tenant of this session."""
    invite = _session_invite()
    return installation().store.get_tenant(invite.tenant_id) if invite else None


def _session_invite() -> Invite | None:
    """Return the invite that started this session. Revoking it ends the session; that the link expired does not."""
    invite_id = session.get("invite")
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
