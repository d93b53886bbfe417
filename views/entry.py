"""The start page, the page of an invite, and the list of a tenant's connections."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from onboarding.ground.refused import Refused
from onboarding.model import Actor, Invite, Tenant
from views.errors import error_page
from views.forms import StartForm, TokenForm
from views.guard.access import INVITE, anyone, onboarding, session_tenant_id, start_session, tenant_only
from views.guard.limits import limited
from views.guard.lookups import or_404
from views.installation import installation
from views.look.branding import branded_for
from views.look.render import page

bp = Blueprint("entry", __name__)


@bp.get("/")
@anyone
def landing() -> ResponseReturnValue:
    if session_tenant_id() is not None:
        return redirect(url_for("entry.connections"), 303)
    return page("entry/landing.html", form=StartForm())


@bp.post("/start")
@anyone
@limited("start")
def start() -> ResponseReturnValue:
    """Start without an invite, if the installation allows it: anybody can name a company."""
    here = installation()
    if not here.has_open_door:
        abort(404)
    form = StartForm()
    if not form.validate():
        return page("entry/landing.html", form=form), 422
    name = form.company.data.strip()
    invite = here.invites.invite(name=name, reference=name.casefold(), lifetime=timedelta(days=1), actor=Actor.TENANT)
    start_session(INVITE, invite.id, tenant_id=invite.tenant_id)
    return redirect(url_for("entry.connections"), 303)


@bp.get("/i/<token>")
@anyone
@limited("invite")
def invite(token: str) -> ResponseReturnValue:
    """Say who invites and for what. A GET starts nothing, since link previews and scanners open links too."""
    return _invite_page(token, *_open(token))


@bp.post("/i/<token>")
@anyone
@limited("invite")
def accept(token: str) -> ResponseReturnValue:
    invite, tenant = _open(token)
    if not invite.is_open(installation().clock.now()):
        return _invite_page(token, invite, tenant)
    start_session(INVITE, invite.id, tenant_id=invite.tenant_id)
    return redirect(url_for("entry.connections"), 303)


def _open(token: str) -> tuple[Invite, Tenant]:
    return or_404(lambda: installation().invites.open(token))


def _invite_page(token: str, invite: Invite, tenant: Tenant) -> ResponseReturnValue:
    is_open = invite.is_open(installation().clock.now())
    shown = page(
        "entry/invite.html",
        here=branded_for(tenant),
        key_path=url_for("entry.invite", token=token),
        form=TokenForm(),
        token=token,
        invite=invite,
        tenant=tenant,
        is_open=is_open,
    )
    return shown, 200 if is_open else 410


@bp.get("/connections")
@tenant_only
def connections(tenant: Tenant) -> ResponseReturnValue:
    found = installation().store.list_connections(tenant.id)
    return page("entry/connections.html", tenant=tenant, connections=found, form=TokenForm())


@bp.post("/connections")
@tenant_only
@limited("connect")
def connect(tenant: Tenant) -> ResponseReturnValue:
    try:
        connection = onboarding().start_connection(tenant.id)
    except Refused as refused:
        return error_page(409, headline=refused.sentence, remedy=refused.remedy)
    return redirect(url_for("wizard.step", connection_id=connection.id, number=1), 303)
