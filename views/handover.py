"""Handing a connection over: the tenant makes a link for a colleague, sees whether it was opened, can revoke it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import segno
from flask import Blueprint, Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from onboarding.entry.handovers import LIFETIMES, can_hand_over
from onboarding.ground.refused import Refused
from onboarding.model import Connection, Handover, Tenant
from views.errors import error_page
from views.forms import HandoverForm
from views.guard.access import own_connection_in_full, visit
from views.guard.framing import FRAMED_ROOT
from views.guard.limits import limited
from views.guard.lookups import or_404
from views.installation import installation
from views.look.render import fragment
from views.wizard_page import wizard_page, wizard_url

bp = Blueprint("handover", __name__, url_prefix="/connect/<connection_id>")


@dataclass(frozen=True)
class ColleagueLink:
    """A valid link, and the ways to send it."""

    handover: Handover
    url: str
    mail_url: str
    qr_code: str


@bp.get("/handover")
@own_connection_in_full
def show(connection: Connection) -> ResponseReturnValue:
    return _page(connection, HandoverForm(formdata=None))


@bp.post("/handover")
@own_connection_in_full
@limited("handover")
def make(connection: Connection) -> ResponseReturnValue:
    form = HandoverForm()
    if not form.validate():
        return _page(connection, form), 422
    found = visit()
    if found is None:
        abort(404)
    try:
        installation().handovers.hand_over(
            connection,
            asked_by=form.asked_by.data,
            days=form.days.data,
            invite_id=found.invite_id,
            api_key_id=found.api_key_id,
        )
    except Refused as refused:
        return error_page(409, headline=refused.sentence, remedy=refused.remedy)
    return redirect(wizard_url("handover.show", connection), 303)


@bp.post("/handover/<handover_id>/revoke")
@own_connection_in_full
@limited("revoke")
def revoke(connection: Connection, handover_id: str) -> ResponseReturnValue:
    handovers = installation().handovers
    if or_404(lambda: handovers.get(handover_id)).connection_id != connection.id:
        abort(404)
    handovers.revoke(handover_id)
    return redirect(wizard_url("handover.show", connection), 303)


def _page(connection: Connection, form: HandoverForm) -> Response:
    here = installation()
    now = here.clock.now()
    made = here.handovers.of(connection)
    newest = next((h for h in reversed(made) if h.is_open(now)), None)
    tenant = here.store.get_tenant(connection.tenant_id)
    return wizard_page(
        "wizard/handover.html",
        connection,
        handover_form=form,
        lifetimes=LIFETIMES,
        link=_link(newest, connection, tenant) if newest else None,
        made=[(h, h.state(now)) for h in reversed(made)],
        is_needed=can_hand_over(connection),
    )


def _link(handover: Handover, connection: Connection, tenant: Tenant) -> ColleagueLink:
    here = installation()
    # Without `/framed`, also if it is made in a frame: the colleague opens it in a window of their own.
    path = url_for("colleague.show", token=here.handovers.token(handover)).removeprefix(FRAMED_ROOT)
    url = f"{here.public_url.rstrip('/')}{path}"
    subject, body = (
        fragment("wizard/handover_mail.txt", part, url=url, handover=handover, tenant=tenant).strip()
        for part in ("subject", "body")
    )
    lines = "\r\n".join(body.splitlines())
    # Dark on light in every colour scheme: cameras read it more reliably.
    qr_code = segno.make(url, error="m", micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return ColleagueLink(handover, url, f"mailto:?subject={quote(subject)}&body={quote(lines, safe='')}", qr_code)
