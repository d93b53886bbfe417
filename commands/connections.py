"""Lists, shows and disconnects the connections of all tenants."""

from __future__ import annotations

from typing import Any

import click

from commands.export import export
from commands.installation import find_connection, open_installation, tenants_by_id
from commands.options import json_option
from commands.printing import print_facts, print_json, print_line, print_lines, print_rows, print_table, shown
from commands.verify import verify
from onboarding.diagnosis.diagnosis import Who
from onboarding.explanation import Circumstances, explain, is_refused_despite_its_trust
from onboarding.model import REFUSALS, Actor, Connection, Event, Handover, Tenant, Verification
from onboarding.receipt import receipt_of
from wiring import Parts

_DESPITE_ITS_TRUST = (
    "The trust policy that the tenant had examined is right: it is another role's, or a resource control policy of the "
    "tenant's organization refuses us."
)


@click.group()
def connections() -> None:
    """List, show, verify, export and disconnect connections.

    ID is the connection's ID or handle, or enough of its beginning to identify it.
    """


@connections.command("list")
@click.option("--tenant", "reference", help="Only connections of the tenant with this reference.")
@json_option
@click.pass_context
def list_connections(ctx: click.Context, reference: str | None, as_json: bool) -> None:
    """List connections, oldest first."""
    here = open_installation(ctx)
    found = here.store.list_connections()
    tenants = tenants_by_id(here.store, (c.tenant_id for c in found))
    chosen = [c for c in found if reference in (None, tenants[c.tenant_id].reference)]
    if as_json:
        print_json([_facts(c, tenants[c.tenant_id]) for c in chosen])
        return
    rows = [
        (c.handle, c.status, c.account_id, tenants[c.tenant_id].reference, c.updated_at, c.finding_code) for c in chosen
    ]
    print_table(
        ("HANDLE", "STATUS", "ACCOUNT", "TENANT", "UPDATED", "FINDING"), rows, empty="There are no connections."
    )


@connections.command("show")
@click.argument("raw_id", metavar="ID")
@json_option
@click.pass_context
def show(ctx: click.Context, raw_id: str, as_json: bool) -> None:
    """Show one connection, its last verification, its hand-overs and its events."""
    here = open_installation(ctx)
    connection = find_connection(here.store, raw_id)
    facts = {**_facts(connection, here.store.get_tenant(connection.tenant_id)), **_more_facts(here, connection)}
    verification, events = here.store.last_verification(connection.id), here.store.events(connection.id)
    handovers = [_handover(here, h) for h in here.handovers.of(connection)]
    if as_json:
        facts["last_verification"] = _verification(verification) if verification else None
        print_json({**facts, "handovers": handovers, "events": [_event(e) for e in events]})
        return
    print_facts([(name.replace("_", " "), value) for name, value in facts.items()])
    _print_verification(verification)
    print_lines("\nhand-overs")
    print_rows(("ID", "STATE", "ASKED BY", "MADE", "OPENED", "EXPIRES"), handovers, as_json=False, empty="none")
    print_lines("\nevents")
    rows = [(e.at, e.actor, e.kind, " ".join(f"{k}={v}" for k, v in e.detail.items() if v)) for e in events]
    print_table(("AT", "WHO", "WHAT", "DETAIL"), rows, empty="none")


@connections.command("disconnect")
@click.argument("raw_id", metavar="ID")
@click.pass_context
def disconnect(ctx: click.Context, raw_id: str) -> None:
    """Stop using and watching a connection's role. The role stays in the tenant's account until they delete it."""
    here = open_installation(ctx)
    connection = find_connection(here.store, raw_id)
    here.onboarding.done_by(Actor.OPERATOR).disconnect(connection.id)
    print_line(f"Disconnected {connection.handle}. The tenant can delete its role with the stack that created it.")


connections.add_command(verify)
connections.add_command(export)


def _facts(connection: Connection, tenant: Tenant) -> dict[str, Any]:
    return {
        "id": connection.id,
        "handle": connection.handle,
        "tenant": tenant.reference,
        "tenant_name": tenant.name,
        "status": connection.status.value,
        "account_id": connection.account_id,
        "role_arn": connection.role_arn,
        "finding": connection.finding_code,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
        "connected_at": connection.connected_at,
    }


def _more_facts(here: Parts, connection: Connection) -> dict[str, Any]:
    what_is_wrong, who = _what_is_wrong(here, connection)
    issued = here.store.issued(connection.id)
    settled = connection.settled_external_id
    receipt = receipt_of(connection, here.store.last_verification(connection.id))
    return {
        "claimed_role_arn": connection.claimed_role_arn,
        "external_id": settled or (issued[-1].external_id if issued else None),
        "external_id_is": "bound" if connection.bound_external_id else "pinned" if settled else "issued",
        "region": connection.region,
        "stack_name": connection.stack_name,
        "stack_id": connection.stack_id,
        "stack_deleted_at": connection.stack_deleted_at,
        "access_refused_at": receipt.refused_at if receipt else None,
        "next_check_at": connection.check_at,
        "what_is_wrong": what_is_wrong,
        "who_must_act": who,
    }


def _what_is_wrong(here: Parts, connection: Connection) -> tuple[str | None, str | None]:
    """Return what the operator reads, and who must act. What is wrong with our own identity goes before a silence."""
    now = here.clock.now()
    explanation = explain(connection, Circumstances(now, here.store.vendor_finding_code()))
    if explanation is None:
        return None, None
    diagnosis = explanation.diagnosis
    if diagnosis.code in REFUSALS and is_refused_despite_its_trust(connection, now=now):
        return f"{diagnosis.operator} {_DESPITE_ITS_TRUST}", Who.TENANT.value
    return diagnosis.operator, diagnosis.who.value


def _verification(verification: Verification) -> dict[str, Any]:
    checks = [
        {
            "check": r.check,
            "verdict": r.verdict,
            "finding": r.finding_code,
            "evidence": r.evidence,
            "raw_codes": r.raw_codes,
        }
        for r in verification.results
    ]
    facts = {"finished_at": verification.finished_at, "role_arn": verification.role_arn}
    return {**facts, "conclusion": verification.conclusion, "checks": checks}


def _handover(here: Parts, handover: Handover) -> dict[str, Any]:
    return {
        "id": handover.id,
        "state": handover.state(here.clock.now()).value,
        "asked_by": handover.asked_by,
        "made_at": handover.created_at,
        "opened_at": handover.opened_at,
        "expires_at": handover.expires_at,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"at": event.at, "actor": event.actor.value, "kind": event.kind, "detail": dict(event.detail)}


def _print_verification(verification: Verification | None) -> None:
    if verification is None:
        print_lines("\nlast verification: none")
        return
    print_lines(f"\nlast verification: {shown(verification.finished_at)} {shown(verification.conclusion)}")
    rows = [(r.check, r.verdict, r.finding_code, " ".join(r.raw_codes)) for r in verification.results]
    print_table(("CHECK", "VERDICT", "FINDING", "AWS SAID"), rows, empty="no checks")
    for line in (line for r in verification.results if r.verdict != "passed" for line in r.evidence):
        print_line(f"  {line}")
