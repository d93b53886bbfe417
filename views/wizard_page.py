"""Builds the pages of the wizard: a step or another page, with the rail and the live panel beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, make_response, session, url_for
from wtforms.fields import SelectChoice

from onboarding.callback.news import StackNews, stack_news
from onboarding.explanation import Circumstances
from onboarding.ground.arn import spaced
from onboarding.ground.external_id import ExternalId
from onboarding.ground.wording import Text, say
from onboarding.model import Connection, Flow, Verification
from onboarding.steps import STEPS, Step, is_done
from views.forms import LaunchForm, PinForm, RoleForm, TokenForm
from views.guard.access import handed_over, onboarding
from views.guard.framing import framing_start
from views.guard.shown import shown_token
from views.installation import installation
from views.look.branding import branded
from views.look.render import page
from views.panel import Panel, build_panel

ONE_DAY = timedelta(days=1)
# Browsers drop a cookie of more than 4 kB, and the session with it.
_SHOWN_KEPT = 20


def step_page(connection: Connection, found: Step, **forms: Any) -> Response:
    """Return one of the nine steps. `forms` replace the empty ones: those to correct, with what was typed."""
    here = installation()
    issued = None
    if found.number == 3:
        issued = onboarding().show_external_id(connection)
        _remember_shown(issued.external_id)
    known = issued or next(reversed(here.store.issued(connection.id)), None)
    values: dict[str, Any] = {
        "step": found,
        "issued": issued,
        "picture": branded().picture(connection, external_id=known.external_id if known and found.number > 2 else ""),
        "launch_form": launch_form(connection),
        "role_form": RoleForm(role_arn=str(connection.claimed_role_arn or ""), formdata=None),
        "pin_form": PinForm(shown=shown_token(connection, issued.external_id) if issued else "", formdata=None),
        "disagreement": None,
        "offered": None,
        **forms,
    }
    return wizard_page(f"wizard/step_{found.number}.html", connection, **values)


def wizard_page(template: str, connection: Connection, **values: Any) -> Response:
    """Return a page of the wizard, with the rail and the live panel."""
    here = installation()
    verification = here.store.last_verification(connection.id)
    values = {
        "step": None,
        "tenant": here.store.get_tenant(connection.tenant_id),
        "connection": connection,
        "verification": verification,
        "panel": panel_of(connection, verification, vendor_finding_code=here.store.vendor_finding_code()),
        "rail": [(s, is_done(s, connection)) for s in STEPS],
        "form": TokenForm(formdata=None),
        **values,
    }
    return make_response(page(template, **values))


def panel_of(connection: Connection, verification: Verification | None, *, vendor_finding_code: str) -> Panel:
    """Return the live panel as it is now. `vendor_finding_code`: what is wrong with the worker's own AWS identity."""
    store, now = installation().store, installation().clock.now()
    # Only the list of causes needs to know whether other roles answer, so other polls do not read it.
    others = connection.finding_code == "not_answering" and store.has_proof_since(now - ONE_DAY, besides=connection.id)
    circumstances = Circumstances(now, vendor_finding_code, others, sts_region=installation().vendor.region)
    # Only the tenant sees to whom the connection was handed over, not the colleague.
    handovers = None if handed_over() else installation().handovers.of(connection)
    return build_panel(
        connection,
        verification,
        circumstances=circumstances,
        handovers=handovers,
        news=_news_of(connection),
        console_url=installation().vendor.console_url,
        hears=hears_of(connection),
    )


def hears_of(connection: Connection) -> bool:
    """Whether the stack that made the connected role reports when it is deleted."""
    stack_id = connection.stack_id
    return stack_id is not None and stack_id.region in installation().vendor.callback_regions


def _news_of(connection: Connection) -> StackNews:
    here = installation()
    # Without callbacks no stack has ever reported.
    stacks = here.store.reported_stacks(connection.id) if here.vendor.callback_regions else ()
    has_callback = here.vendor.has_callback(connection)
    return stack_news(connection, stacks, now=here.clock.now(), has_callback=has_callback)


def launch_form(connection: Connection) -> LaunchForm:
    """Return the launch form with what is known of the connection."""
    start = framing_start()
    # The portal's account ID is a suggestion: the tenant sees it in the field, and confirms it by going on.
    account_id = connection.account_id or (start.account_id if start else None) or ""
    form = LaunchForm(account_id=spaced(account_id), region=connection.region)
    vendor = installation().vendor
    form.region.choices = [
        SelectChoice(code, _region(code, name, reports=code in vendor.callback_regions))
        for code, name in vendor.partition.regions.items()
    ]
    return form


def _region(code: str, name: Text, *, reports: bool) -> Text:
    if reports:
        return say("{name} ({code}), reports by itself", name=name, code=code)
    return say("{name} ({code})", name=name, code=code)


def _remember_shown(external_id: ExternalId) -> None:
    """Keep in the signed session which external IDs this browser was shown last.

    Nothing depends on it: of two answers at once, the browser keeps the session of one.
    """
    shown = session.get("external_ids", [])
    if external_id not in shown:
        session["external_ids"] = [*shown, external_id][-_SHOWN_KEPT:]


def work_url(connection: Connection) -> str:
    """Return the address of the page where a newcomer to the connection goes on.

    If somebody else has launched it, they launch it again: the AWS page is open in the other person's browser.
    """
    if connection.is_connected:
        return wizard_url("wizard.success", connection)
    if connection.flow is Flow.COMMAND and connection.pinned_external_id:
        return wizard_url("wizard.command", connection)
    return wizard_url("wizard.step", connection, number=1)


def wizard_url(endpoint: str, connection: Connection, **values: Any) -> str:
    """Return the address of one of the connection's pages."""
    return url_for(endpoint, connection_id=connection.id, **values)
