"""The trust-policy examiner: the tenant pastes what AWS prints of the role, and reads which line differs."""

from __future__ import annotations

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue

from onboarding.diagnosis.organization import letter
from onboarding.ground.wording import Text
from onboarding.model import REFUSALS, Connection
from onboarding.trust.examiner import Examination
from onboarding.trust.judgement import TrustVerdict
from views.forms import ExamineForm
from views.guard.access import onboarding, own_connection
from views.guard.limits import limited
from views.installation import installation
from views.wizard_page import wizard_page, wizard_url

bp = Blueprint("examine", __name__, url_prefix="/connect/<connection_id>")


@bp.get("/examine")
@own_connection
def show(connection: Connection) -> ResponseReturnValue:
    if not installation().store.issued(connection.id):
        # Nothing to compare with yet: no external ID was ever shown or sent.
        return redirect(wizard_url("wizard.step", connection, number=1), 303)
    return _page(connection, ExamineForm(formdata=None), None)


@bp.post("/examine")
@own_connection
@limited("examine")
def examine(connection: Connection) -> ResponseReturnValue:
    """Examine what was pasted. Nothing of it is kept but that it was right, and AWS is not asked."""
    if not installation().store.issued(connection.id):
        return redirect(wizard_url("wizard.step", connection, number=1), 303)
    form = ExamineForm()
    if not form.validate():
        return _page(connection, form, None), 422
    return _page(connection, form, onboarding().examine(connection, form.pasted.data))


def _page(connection: Connection, form: ExamineForm, found: Examination | None) -> Response:
    claimed = connection.claimed_role_arn
    role_name = claimed.name if claimed else connection.role_name
    command = f"aws iam get-role --role-name {role_name} --output json"
    values = {"examine_form": form, "found": found, "command": command, "letter": _letter(connection, found)}
    return wizard_page("wizard/examine.html", connection, **values)


def _letter(connection: Connection, found: Examination | None) -> tuple[Text, ...]:
    """Return the text for the organization's administrator, or nothing where something else is to be done first."""
    is_fine = found is not None and found.verdict is TrustVerdict.EXACT
    is_silent = found is None and connection.finding_code in REFUSALS
    if connection.claimed_role_arn is None or not (is_fine or is_silent):
        return ()
    vendor = installation().vendor
    return letter(vendor=vendor.name, ours=vendor.trusted_principal, theirs=connection.claimed_role_arn)
