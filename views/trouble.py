"""The trouble page: the tenant pastes what AWS shows of a stack that failed, and reads why and what helps."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from onboarding.diagnosis.by_hand import boundary_line, deletion_of, perimeter_letter, roles_letter
from onboarding.diagnosis.of_the_stack import OF_THE_STACK
from onboarding.diagnosis.stack_finding import Press, StackFinding
from onboarding.ground.arn import AccountId
from onboarding.ground.status import Status
from onboarding.ground.wording import Text
from onboarding.launch import stack_events_url, stacks_url
from onboarding.model import Connection
from onboarding.pasted.stack_line import StackLine, read_stack_line
from views.forms import TroubleForm
from views.guard.access import own_connection
from views.guard.limits import limited
from views.installation import installation
from views.wizard_page import launch_form, wizard_page

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


@bp.get("")
@own_connection
def show(connection: Connection) -> ResponseReturnValue:
    """What to do if the stack failed in AWS: a box for what AWS shows, and the usual causes."""
    return _page(connection, TroubleForm(formdata=None))


@bp.post("")
@own_connection
@limited("examine")
def diagnose(connection: Connection) -> ResponseReturnValue:
    """Say why the stack failed. Nothing of what was pasted is kept, and AWS is not asked."""
    form = TroubleForm()
    if not form.validate():
        return _page(connection, form), 422
    found = read_stack_line(form.pasted.data, partition=installation().vendor.partition.name)
    log.info("stack.diagnosed connection=%s finding=%s", connection.id, found.code)
    return _page(connection, form, found)


def _page(connection: Connection, form: TroubleForm, found: StackLine | None = None) -> Response:
    can_launch = not connection.is_connected and connection.status is not Status.DISCONNECTED
    values = {
        "trouble_form": form,
        "help": _help_for(connection, found, can_launch=can_launch) if found else None,
        "can_launch": can_launch,
        "regions": launch_form(connection).region.choices,
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
