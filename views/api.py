"""The API for a portal's server: JSON in and out, and all errors in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from onboarding.ground.refused import Refused
from onboarding.model import ApiKey, Connection
from views.forms import ConnectionsForm, PortalStartForm
from views.guard.access import with_api_key
from views.guard.limits import limited
from views.installation import installation


class BoundedJson(DefaultJSONProvider):
    """JSON nested too deeply to be read is no JSON: 400, as for any other text that is none."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value. Raises ValueError."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


bp = Blueprint("api", __name__, url_prefix="/api/v1")

# The field that a refusal of the domain is about.
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
@limited("portal_start")
def start_wizard(key: ApiKey) -> ResponseReturnValue:
    """Start the wizard for a tenant: 201 with the address for the iframe, which works once and within a minute."""
    body: Any = request.get_json(silent=True)
    if refusal := _not_text(body):
        return refusal
    form = PortalStartForm(formdata=MultiDict(body))
    if refusal := _refused_field(form, given=body):
        return refusal
    here = installation()
    try:
        start, secret = here.portal.start(
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
    url = f"{here.public_url}/embed/{start.id}#{secret}"
    return jsonify(id=start.id, url=url, expires_at=start.expires_at.isoformat(timespec="seconds")), 201


@bp.get("/connections")
@with_api_key
@limited("portal_read")
def list_connections(key: ApiKey) -> ResponseReturnValue:
    """Return the status of each of a tenant's connections, oldest first, with nothing that helps to assume a role.

    The frame tells the portal's page the same, but the portal's server cannot trust what a page sends.
    """
    form = ConnectionsForm(formdata=request.args)
    if refusal := _refused_field(form, given=request.args):
        return refusal
    found = installation().portal.connections_of(str(form.tenant.data))
    return jsonify(tenant=form.tenant.data, connections=[_shown(connection) for connection in found])


def _shown(connection: Connection) -> dict[str, str | None]:
    connected_at = connection.connected_at
    return {
        "connection": connection.handle,
        "status": connection.status,
        "account_id": connection.account_id,
        "connected_at": connected_at.isoformat(timespec="seconds") if connected_at else None,
        "updated_at": connection.updated_at.isoformat(timespec="seconds"),
    }


def _not_text(body: object) -> ResponseReturnValue | None:
    """Return what is wrong if the body is not a JSON object, or one of its values is not text."""
    if not isinstance(body, dict):
        return api_error(400, "not_an_object", "The body must be a JSON object, with Content-Type application/json.")
    wrong = next((name for name, value in body.items() if not _is_text(value)), None)
    return None if wrong is None else api_error(422, "not_text", f"{wrong} must be text.", field=wrong)


def _is_text(value: object) -> bool:
    """Whether a value is text that can be stored: half of a surrogate pair, which JSON can hold, cannot."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _refused_field(form: FlaskForm, *, given: Mapping[str, object]) -> ResponseReturnValue | None:
    """Return what is wrong with the first field that is unknown or invalid, or None."""
    unknown = sorted(given.keys() - form.data.keys())
    if unknown:
        return api_error(422, "unknown_field", f"There is no field {unknown[0]}.", field=unknown[0])
    if not form.validate():
        field, sentences = next(iter(form.errors.items()))
        return api_error(422, "invalid_field", str(sentences[0]), field=str(field))
    return None


def api_error(status: int, code: str, message: str, *, field: str = "") -> tuple[Response, int]:
    """Return an error of the API: a code for programs, and a sentence for whoever writes them."""
    return jsonify(error={"code": code, "message": message, **({"field": field} if field else {})}), status
