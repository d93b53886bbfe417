"""The trouble page: the tenant pastes what AWS shows of a stack that failed, and reads why and what helps."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectChoice

from onboarding.diagnosis.by_hand import boundary_line, deletion_of, perimeter_letter, roles_letter
from onboarding.diagnosis.of_the_stack import OF_THE_STACK
from onboarding.diagnosis.stack_finding import Press, StackFinding
from onboarding.ground.arn import AccountId
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.launch import stack_events_url, stacks_url
from onboarding.model import Connection, Flow
from onboarding.pasted.stack_line import StackLine, read_stack_line
from views.errors import error_page
from views.forms import TroubleForm, TroubleLaunchForm
from views.guard.access import onboarding, own_connection
from views.guard.limits import limited
from views.installation import installation
from views.wizard_page import wizard_page

log = logging.getLogger("rolecall.trouble")

bp = Blueprint("trouble", __name__, url_prefix="/connect/<connection_id>/trouble")

_HAS_OLD_STACK = frozenset({"name_taken", "rolled_back", "role_exists", "role_in_other_stack", "removal_stuck"})
_OF_PERIMETER = frozenset({"callback_denied", "template_forbidden"})


@dataclass(frozen=True)
class StackHelp:
    """A finding, and what goes with it: the old stack's page, lines for a shell, a line for the template, a letter."""

    finding: StackFinding
    press: Press
    quoted: str = ""
    old_stack_url: str = ""
    deletion: str = ""
    boundary: str = ""
    letter: tuple[Text, ...] = ()


@bp.post("")
@own_connection
@limited("examine")
def diagnose(connection: Connection) -> ResponseReturnValue:
    """Say why the stack failed. Nothing of what was pasted is kept, and AWS is not asked."""
    form = TroubleForm()
    if not form.validate():
        return trouble_page(connection, form), 422
    found = read_stack_line(form.pasted.data, partition=installation().vendor.partition.name)
    log.info("stack.diagnosed connection=%s finding=%s", connection.id, found.code)
    return trouble_page(connection, form, found)


@bp.post("/launch")
@own_connection
@limited("launch")
def launch(connection: Connection) -> ResponseReturnValue:
    """Redirect to the AWS console, in the window that the form opened, for the stack that avoids what went wrong."""
    form = _launch_form(connection)
    if not form.validate():
        return trouble_page(connection), 422
    try:
        is_plain = bool(form.plain.data) or connection.is_plain
        launched = onboarding().launch(
            connection.id, flow=Flow.QUICK_CREATE, region=form.region.data, is_plain=is_plain
        )
    except Refused as refused:
        return error_page(409, headline=refused.sentence, remedy=refused.remedy)
    external_id = launched.settled_external_id or onboarding().show_external_id(launched).external_id
    return redirect(installation().vendor.launch(launched, external_id).url(Flow.QUICK_CREATE), 303)


def trouble_page(connection: Connection, form: TroubleForm | None = None, found: StackLine | None = None) -> Response:
    """Return the page: with what was typed if there is a form, and with the diagnosis if something was found."""
    can_launch = not connection.is_connected and connection.status is not Status.DISCONNECTED
    values = {
        "trouble_form": form or TroubleForm(formdata=None),
        "help": _help_for(connection, found, can_launch=can_launch) if found else None,
        "can_launch": can_launch,
        "trouble_launch_form": _launch_form(connection),
        "template_url": installation().vendor.template_for(connection),
    }
    return wizard_page("wizard/trouble.html", connection, **values)


def _help_for(connection: Connection, found: StackLine, *, can_launch: bool) -> StackHelp:
    vendor = installation().vendor
    finding = OF_THE_STACK[found.code]
    theirs = vendor.role_arn_in(connection.account_id or AccountId(""), connection)
    template_url = vendor.template_for(connection)
    url = ""
    if found.stack_id:
        url = stack_events_url(vendor.console_url, found.stack_id)
    elif found.code in _HAS_OLD_STACK:
        url = stacks_url(vendor.console_url, region=connection.region, name=connection.role_name)
    letter: tuple[Text, ...] = ()
    if found.code in _OF_PERIMETER:
        topic = vendor.topics.topic_arn(connection.region) if connection.region in vendor.callback_regions else ""
        letter = perimeter_letter(vendor=vendor.name, topic_arn=topic, template_url=template_url)
    elif found.code == "roles_forbidden":
        letter = roles_letter(vendor=vendor.name, theirs=theirs, template_url=template_url)
    return StackHelp(
        finding=finding,
        press=_press(finding, connection, can_launch=can_launch),
        quoted=found.quoted,
        old_stack_url=url,
        # The role of a connection that is connected is in use.
        deletion=deletion_of(connection.role_name) if found.code == "role_exists" and can_launch else "",
        boundary=boundary_line(theirs) if found.code in ("boundary_demanded", "roles_forbidden") else "",
        letter=letter,
    )


def _press(finding: StackFinding, connection: Connection, *, can_launch: bool) -> Press:
    """Return what to offer: what launches nothing, where nothing may be launched or there is no plain template."""
    if not can_launch:
        return Press.NONE
    if finding.press is Press.PLAIN and not installation().vendor.plain_template_url:
        return Press.NEW_NAME
    return finding.press


def _launch_form(connection: Connection) -> TroubleLaunchForm:
    form = TroubleLaunchForm(region=connection.region)
    regions = installation().vendor.partition.regions
    form.region.choices = [
        SelectChoice(code, say("{name} ({code})", name=name, code=code)) for code, name in regions.items()
    ]
    return form
