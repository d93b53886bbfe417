"""The external ID that step 3 shows, signed. Its Copy form sends it back, so that no cookie has to remember it."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from onboarding.ground.external_id import ExternalId
from onboarding.model import Connection


def shown_token(connection: Connection, external_id: ExternalId) -> str:
    """Return what the form carries: a proof that we showed this external ID on a page of this connection."""
    return _signer(connection).dumps(external_id)


def shown_external_id(connection: Connection, token: str) -> ExternalId | None:
    """Return the external ID behind a token; None if it is not ours, or of another connection's page."""
    try:
        return ExternalId(_signer(connection).loads(token))
    except (BadData, UnicodeEncodeError):
        return None


def _signer(connection: Connection) -> URLSafeSerializer:
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"] or ()), current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=f"rolecall.shown.{connection.id}")
