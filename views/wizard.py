"""The wizard: its nine steps, the live panel, and what a tenant does on them."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from htmx_flask import make_response as make_htmx_response
from htmx_flask import request as htmx_request

from onboarding.ground.arn import spaced
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.launch import cloudshell_url, cloudtrail_urls
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Connection, Flow
from onboarding.naming import AccountsDisagree
from onboarding.pasted.role import NotTheRole
from onboarding.steps import STEPS
from onboarding.steps import step as find_step
from views.errors import error_page
from views.forms import ConfirmForm, PinForm, RoleForm, TokenForm
from views.guard.access import onboarding, own_connection
from views.guard.framing import framing_start
from views.guard.limits import limited
from views.guard.shown import shown_external_id
from views.installation import installation
from views.look.render import fragment
from views.panel_polls import is_current
from views.wizard_page import hears_of, launch_form, panel_of, step_page, wizard_page, wizard_url

bp = Blueprint("wizard", __name__, url_prefix="/connect/<connection_id>")


@bp.get("/step/<int:number>")
@own_connection
def step(connection: Connection, number: int) -> ResponseReturnValue:
    found = find_step(number)
    if found is None:
        abort(404)
    return step_page(connection, found)


@bp.get("/status")
@own_connection
@limited("poll")
def status(connection: Connection) -> ResponseReturnValue:
    """Answer a poll with three small reads and no AWS: 204 for no news, else the panel, or success once connected."""
    here = installation()
    onboarding().look(connection)
    now, finding_code = here.clock.now(), here.store.vendor_finding_code()
    has, was, hears = request.args.get("has", ""), request.args.get("was", ""), hears_of(connection)
    if is_current(has, connection, now=now, vendor_finding_code=finding_code, hears=hears):
        return "", 204
    # If it is degraded, or its stack was deleted, then only from a page that still says that all is well: the panel of
    # the new page keeps polling, and each poll would lead there again.
    is_sound = connection.status is Status.CONNECTED and connection.stack_deleted_at is None
    is_outdated = connection.is_connected and was == "connected"
    if htmx_request.htmx and (is_sound or is_outdated):
        return _to_success(connection)
    panel = panel_of(connection, here.store.last_verification(connection.id), vendor_finding_code=finding_code)
    tenant = here.store.get_tenant(connection.tenant_id) if panel.news.accounts else None
    form = TokenForm(formdata=None)
    values = {"connection": connection, "panel": panel, "form": form, "tenant": tenant}
    return fragment("wizard/step.html", "status_panel", **values)


@bp.post("/launch")
@own_connection
@limited("launch")
def launch(connection: Connection) -> ResponseReturnValue:
    """Redirect to the AWS console, in the window that the form opened."""
    here = installation()
    form = launch_form(connection)
    if not form.validate():
        return step_page(connection, STEPS[0], launch_form=form), 422
    flow = Flow(form.flow.data)
    try:
        launched = onboarding().launch(
            connection.id,
            flow=flow,
            region=form.region.data,
            raw_account_id=form.account_id.data,
            is_plain=bool(form.plain.data),
        )
    except Refused as refused:
        form.account_id.errors = [refused.words]
        return step_page(connection, STEPS[0], launch_form=form), 422
    if flow is Flow.COMMAND:
        return redirect(wizard_url("wizard.command", connection), 303)
    if flow is Flow.QUICK_CREATE and form.link.data:
        return redirect(wizard_url("wizard.link", connection), 303)
    external_id = launched.settled_external_id or onboarding().show_external_id(launched).external_id
    return redirect(here.vendor.launch(launched, external_id).url(flow), 303)


@bp.get("/command")
@own_connection
def command(connection: Connection) -> ResponseReturnValue:
    """The command for AWS CloudShell. Its external ID was pinned when this way to launch was chosen."""
    here = installation()
    if connection.settled_external_id is None:
        return redirect(wizard_url("wizard.step", connection, number=1), 303)
    shown = here.vendor.launch(connection, connection.settled_external_id)
    return wizard_page(
        "wizard/command.html",
        connection,
        command=shown.command(),
        shell_url=cloudshell_url(here.vendor.console_url, connection.region),
    )


@bp.get("/link")
@own_connection
def link(connection: Connection) -> ResponseReturnValue:
    """The address behind the launch button, to copy. Its external ID was pinned when it was asked for."""
    if connection.settled_external_id is None:
        return redirect(wizard_url("wizard.step", connection, number=1), 303)
    shown = installation().vendor.launch(connection, connection.settled_external_id)
    return wizard_page("wizard/link.html", connection, launch_url=shown.url(Flow.QUICK_CREATE))


@bp.post("/account")
@own_connection
@limited("account")
def account(connection: Connection) -> ResponseReturnValue:
    """Save the account: htmx does so when the field loses focus, a button of the form without JavaScript."""
    form = launch_form(connection)
    if form.account_id.validate(form) and form.account_id.data:
        try:
            connection = onboarding().submit_account(connection.id, raw_account_id=form.account_id.data)
            form.account_id.data = spaced(connection.account_id or "")
        except Refused as refused:
            form.account_id.errors = [refused.words]
    code = 422 if form.account_id.errors else 200
    if htmx_request.htmx:
        return fragment("wizard/step_1.html", "account_field", connection=connection, launch_form=form), code
    if code == 200:
        return redirect(wizard_url("wizard.step", connection, number=1), 303)
    return step_page(connection, STEPS[0], launch_form=form), code


@bp.post("/confirm-account")
@own_connection
@limited("account")
def confirm_account(connection: Connection) -> ResponseReturnValue:
    """Watch the account in which a stack reported: the tenant pressed that it is theirs."""
    form = ConfirmForm()
    if not form.validate():
        abort(400)
    try:
        onboarding().confirm_account(connection.id, raw_account_id=form.account_id.data)
    except Refused as refused:
        return error_page(409, headline=refused.sentence, remedy=refused.remedy)
    return redirect(wizard_url("wizard.step", connection, number=6), 303)


@bp.post("/pin")
@own_connection
@limited("pin")
def pin(connection: Connection) -> ResponseReturnValue:
    """Keep the external ID that the page shows, since the tenant pressed Copy."""
    form = PinForm()
    external_id = shown_external_id(connection, form.shown.data) if form.validate() else None
    if external_id is None:
        abort(400)
    try:
        onboarding().pin_external_id(connection.id, external_id=external_id)
    except Refused:
        abort(400)
    return ("", 204) if htmx_request.htmx else redirect(wizard_url("wizard.step", connection, number=3), 303)


@bp.post("/role")
@own_connection
@limited("role")
def role(connection: Connection) -> ResponseReturnValue:
    form = RoleForm()
    disagreement = offered = None
    try:
        if form.validate():
            onboarding().submit_role(
                connection.id,
                raw_role_arn=form.named,
                offered_for=form.role_arn.data if form.offered.data else "",
                account_may_change=bool(form.replace_account.data),
            )
            return redirect(wizard_url("wizard.step", connection, number=9), 303)
    except AccountsDisagree as refused:
        disagreement = refused
        form.role_arn.data, form.role_arn.errors = form.named, [refused.sentence]
    except NotTheRole as refused:
        offered = installation().vendor.role_arn_in(refused.place.account_id, connection)
        form.role_arn.errors = [refused.words]
    except Refused as refused:
        form.role_arn.errors = [refused.words]
    return step_page(connection, STEPS[8], role_form=form, disagreement=disagreement, offered=offered), 422


@bp.post("/check")
@own_connection
@limited("check")
def check(connection: Connection) -> ResponseReturnValue:
    # A connected role is checked on its own schedule: each proof is kept, and so many would fill the disk.
    if connection.status is not Status.CONNECTED:
        onboarding().check_now(connection.id)
    return ("", 204) if htmx_request.htmx else redirect(wizard_url("wizard.step", connection, number=9), 303)


@bp.get("/success")
@own_connection
def success(connection: Connection) -> ResponseReturnValue:
    if not connection.is_connected or connection.role_arn is None:
        return redirect(wizard_url("wizard.step", connection, number=9), 303)
    here = installation()
    trail = cloudtrail_urls(
        here.vendor.console_url,
        region=here.vendor.region,
        role_arn=connection.role_arn,
        session_name=connection.session_name,
    )
    start = framing_start()
    return_url = (start.return_url if start else None) or here.return_url
    return wizard_page("wizard/success.html", connection, trail=trail, return_url=return_url)


@bp.post("/retry")
@own_connection
@limited("retry")
def retry(connection: Connection) -> ResponseReturnValue:
    """Start over at step 1 with another stack name, since a rolled-back stack still occupies its own."""
    try:
        onboarding().try_again(connection.id)
    except Refused as refused:
        return error_page(409, headline=refused.sentence, remedy=refused.remedy)
    return redirect(wizard_url("wizard.step", connection, number=1), 303)


@bp.errorhandler(IllegalTransition)
def overtaken(error: IllegalTransition) -> ResponseReturnValue:
    """Answer a double click or an old tab: show success if the connection is connected, else say what happened."""
    connection = installation().store.get_connection((request.view_args or {})["connection_id"])
    return _to_success(connection) if connection.is_connected else error_page(409)


def _to_success(connection: Connection) -> ResponseReturnValue:
    """Lead to success: htmx replaces the wizard without loading a page, anything else is redirected."""
    path = wizard_url("wizard.success", connection)
    if not htmx_request.htmx:
        return redirect(path, 303)
    there = {"path": path, "target": "#wizard", "select": "#wizard", "swap": "outerHTML"}
    moved: Response = make_htmx_response("", location=there)
    return moved
