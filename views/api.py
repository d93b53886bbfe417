"""The API, for a portal's server. JSON in, JSON out; every error has the same shape."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from onboarding.ground.refused import Refused
from onboarding.model import ApiKey
from views.forms import ConnectionsForm, PortalLaunchForm
from views.guard.access import with_api_key
from views.guard.limits import limited
from views.installation import installation

bp = Blueprint("api", __name__, url_prefix="/api/v1")

# Which field a refusal of the domain is about.
_FIELDS = {
    "origin_malformed": "origin",
    "origin_in_the_clear": "origin",
    "origin_not_registered": "origin",
    "account_id_malformed": "account_id",
    "return_url_not_allowed": "return_url",
    "theme_unknown": "theme",
}


@bp.post("/launches")
@with_api_key
@limited("portal_launch")
def create_launch(key: ApiKey) -> ResponseReturnValue:
    """Start the wizard for a tenant: 201 with the address of the iframe, good for one exchange within a minute."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return api_error(400, "not_an_object", "The body must be a JSON object, with Content-Type application/json.")
    for name, value in body.items():
        if not isinstance(value, str):
            return api_error(422, "not_text", f"{name} must be text.", field=name)
    form = PortalLaunchForm(formdata=MultiDict(body))
    if refusal := _refused_field(form, given=body):
        return refusal
    here = installation()
    try:
        launch, secret = here.portal.launch(
            key,
            reference=form.tenant.data,
            name=form.tenant_name.data,
            raw_origin=form.origin.data,
            raw_account_id=form.account_id.data,
            raw_return_url=form.return_url.data,
            raw_theme=form.theme.data,
            language=form.language.data,
        )
    except Refused as refused:
        return api_error(422, refused.code, str(refused), field=_FIELDS.get(refused.code, ""))
    url = f"{here.public_url}/embed/{launch.id}#{secret}"
    return jsonify(id=launch.id, url=url, expires_at=launch.expires_at.isoformat(timespec="seconds")), 201


@bp.get("/connections")
@with_api_key
@limited("portal_read")
def list_connections(key: ApiKey) -> ResponseReturnValue:
    """Say how each of a tenant's connections stands, oldest first: what a portal's page only hears, its server reads.

    Nothing to assume a role with: that is for the vendor's tools. A tenant whom nobody has started has none.
    """
    form = ConnectionsForm(formdata=request.args)
    if refusal := _refused_field(form, given=request.args):
        return refusal
    found = installation().portal.connections_of(str(form.tenant.data))
    return jsonify(
        tenant=form.tenant.data,
        connections=[
            {
                "connection": c.handle,
                "status": c.status,
                "account_id": c.account_id,
                "connected_at": c.connected_at and c.connected_at.isoformat(timespec="seconds"),
                "updated_at": c.updated_at.isoformat(timespec="seconds"),
            }
            for c in found
        ],
    )


def _refused_field(form: FlaskForm, *, given: Mapping[str, object]) -> ResponseReturnValue | None:
    """Return what is wrong with the first field that will not do; None where all will."""
    unknown = sorted(given.keys() - form.data.keys())
    if unknown:
        return api_error(422, "unknown_field", f"There is no field {unknown[0]}.", field=unknown[0])
    if not form.validate():
        field, sentences = next(iter(form.errors.items()))
        return api_error(422, "invalid_field", str(sentences[0]), field=str(field))
    return None


def api_error(status: int, code: str, message: str, *, field: str = "") -> tuple[Response, int]:
    """Return an error as the API says it: a code for programs, a sentence for whoever writes them."""
    return jsonify(error={"code": code, "message": message, **({"field": field} if field else {})}), status
