"""The receipt of a connection that has ended: what proves that access to the account is gone. It stays readable."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from onboarding.model import Connection
from onboarding.receipt import receipt_of
from views.guard.access import own_connection
from views.installation import installation
from views.wizard_page import wizard_page, wizard_url

bp = Blueprint("receipt", __name__, url_prefix="/connect/<connection_id>")


@bp.get("/receipt")
@own_connection
def show(connection: Connection) -> ResponseReturnValue:
    receipt = receipt_of(connection, installation().store.last_verification(connection.id))
    if receipt is None:
        return redirect(wizard_url("wizard.success", connection), 303)
    return wizard_page("wizard/receipt.html", connection, receipt=receipt)
