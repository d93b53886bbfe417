"""The page of a link for a colleague: it says who asks, for which company and for what, then opens the connection."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from onboarding.model import Connection, Handover
from views.forms import TokenForm
from views.guard.access import HANDOVER, anyone, start_session, visit
from views.guard.limits import limited
from views.guard.lookups import or_404, or_none
from views.installation import installation
from views.look.branding import branded_for
from views.look.render import page
from views.wizard_page import work_url

bp = Blueprint("colleague", __name__, url_prefix="/h/<token>")


@bp.get("")
@anyone
@limited("handover_open")
def show(token: str) -> ResponseReturnValue:
    """Say whom this is for. A GET starts nothing, since link previews and scanners open links too."""
    return _page(token, _find(token))


@bp.post("")
@anyone
@limited("handover_open")
def accept(token: str) -> ResponseReturnValue:
    """Open the connection. The button names the company, so the colleague knows for whom they connect an account."""
    handover, here = _find(token), installation()
    connection = here.store.get_connection(handover.connection_id)
    if _is_own(connection):
        # Whoever made the link tries it: it does not count as opened, and their own session stays.
        return redirect(work_url(connection), 303)
    if or_none(lambda: here.handovers.open(handover.id)) is None:
        return _page(token, _find(token))
    start_session(HANDOVER, handover.id, tenant_id=handover.tenant_id)
    return redirect(work_url(connection), 303)


@bp.post("/again")
@anyone
@limited("handover_open")
def ask_again(token: str) -> ResponseReturnValue:
    """Record that the colleague needs a new link. Whoever made this one sees it in the wizard."""
    handover = _find(token)
    if or_none(lambda: installation().handovers.ask_again(handover.id)) is None:
        return _page(token, handover)
    return redirect(url_for("colleague.show", token=token), 303)


def _find(token: str) -> Handover:
    return or_404(lambda: installation().handovers.find(token))


def _is_own(connection: Connection) -> bool:
    found = visit()
    return found is not None and found.handover is None and found.can_open(connection)


def _page(token: str, handover: Handover) -> ResponseReturnValue:
    here = installation()
    now = here.clock.now()
    connection = here.store.get_connection(handover.connection_id)
    tenant = here.store.get_tenant(handover.tenant_id)
    shown = page(
        "entry/handover.html",
        here=branded_for(tenant),
        key_path=url_for("colleague.show", token=token),
        form=TokenForm(),
        token=token,
        handover=handover,
        state=handover.state(now),
        tenant=tenant,
        connection=connection,
        is_own=_is_own(connection),
    )
    return shown, 200 if handover.is_open(now) else 410
