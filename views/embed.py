"""The frame's first page, which exchanges the portal's start for a session and goes on to the wizard."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from onboarding.model import Connection
from views.forms import ExchangeForm
from views.guard.access import anyone, start_session
from views.guard.framing import FRAMED_ROOT, PORTAL_START, framing_start
from views.guard.limits import limited
from views.guard.lookups import or_none
from views.installation import installation
from views.look.render import page

bp = Blueprint("embed", __name__, url_prefix="/embed")


@bp.get("/<start_id>")
@anyone
def show(start_id: str) -> ResponseReturnValue:
    """The page that the iframe loads. The secret is in the fragment of its address, which browsers never send."""
    if framing_start() is None:
        abort(404)
    return page("embed/open.html")


@bp.post("/<start_id>")
@anyone
@limited("exchange")
def exchange(start_id: str) -> ResponseReturnValue:
    """Exchange the start once. 401 if it is used, expired or wrong: the script then asks the portal for another."""
    form = ExchangeForm()
    here = installation()
    start = or_none(lambda: here.portal.exchange(start_id, form.secret.data)) if form.validate() else None
    if start is None:
        abort(401)
    start_session(PORTAL_START, start.id, tenant_id=start.tenant_id)
    return jsonify(path=_framed_path(here.portal.where_to_go_on(start)), csrf_token=generate_csrf())


def _framed_path(connection: Connection | None) -> str:
    if connection is None:
        there = url_for("entry.connections")
    elif connection.is_connected:
        there = url_for("wizard.success", connection_id=connection.id)
    else:
        there = url_for("wizard.step", connection_id=connection.id, number=1)
    return f"{request.script_root}{FRAMED_ROOT}{there.removeprefix(request.script_root)}"
