"""Values for tests: everything has a sensible default, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from onboarding.callback.stacks import HandledEvent, ReportedStack, StackPhase, StackReport
from onboarding.ground.arn import AccountId, parse_role_arn
from onboarding.ground.external_id import ExternalId, IssuedId
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.model import Actor, Connection, Event, Handover, Invite, Tenant, Verification
from onboarding.vendor import Vendor

NOON = datetime(2030, 5, 17, 12, tzinfo=UTC)
ACCOUNT = AccountId("111122223333")
OTHER_ACCOUNT = AccountId("444455556666")
VENDOR_ACCOUNT = AccountId("999988887777")
HANDLE = "7kq2m9xd"
EXTERNAL_ID = ExternalId(f"northwind-{HANDLE}-" + "0123456789abcdef" * 2)
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/northwind-{HANDLE}"
ROLE = parse_role_arn(ROLE_ARN)
STACK = StackId("aws", "eu-west-1", ACCOUNT, f"northwind-{HANDLE}", "0c7e3a10-8f5b-11f0-9d4e-0a1b2c3d4e5f")


def a_vendor(partition: str = "aws", **values: Any) -> Vendor:
    principal = parse_role_arn(f"arn:{partition}:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall")
    known = PARTITIONS[partition]
    return replace(
        Vendor(
            name="Northwind Cost",
            prefix="northwind",
            trusted_principal=principal,
            region=known.default_region,
            template_url="https://northwind-templates.s3.us-east-1.amazonaws.com/role-0a1b.yaml",
            console_url=known.console_url,
        ),
        **values,
    )


def a_tenant(reference: str = "acme", **values: Any) -> Tenant:
    return replace(
        Tenant(id=f"tenant-{reference}", reference=reference, name=reference.title(), created_at=NOON), **values
    )


def an_invite(tenant_id: str = "tenant-acme", **values: Any) -> Invite:
    return replace(
        Invite(id="invite-1", tenant_id=tenant_id, created_at=NOON, expires_at=NOON + timedelta(days=7)), **values
    )


def a_handover(**values: Any) -> Handover:
    return replace(
        Handover(
            id="handover-1",
            connection_id="connection-1",
            tenant_id="tenant-acme",
            created_at=NOON,
            expires_at=NOON + timedelta(days=3),
        ),
        **values,
    )


def a_connection(status: Status = Status.DRAFT, **values: Any) -> Connection:
    """A connection as it would be in that status, by way of the usual story."""
    claimed: dict[str, Any] = {"account_id": ACCOUNT, "claimed_role_arn": ROLE}
    named = {**claimed, "waiting_since": NOON, "check_at": NOON}
    proved = {**named, "role_arn": ROLE, "bound_external_id": EXTERNAL_ID, "check_at": None}
    usual: Mapping[Status, dict[str, Any]] = {
        Status.DRAFT: {},
        Status.WAITING: named,
        Status.REJECTED: {**named, "finding_code": "ignores_external_id_none"},
        Status.CONNECTED: {**proved, "connected_at": NOON, "role_seen_at": NOON},
        Status.DEGRADED: {**proved, "connected_at": NOON, "role_seen_at": NOON},
        Status.DISCONNECTED: {**proved, "role_arn": None},
        Status.EXPIRED: {**named, "check_at": None},
    }
    connection = Connection(
        id="connection-1",
        tenant_id="tenant-acme",
        handle=HANDLE,
        prefix="northwind",
        region="us-east-1",
        created_at=NOON,
        updated_at=NOON,
        status=status,
    )
    return replace(connection, **{**usual[status], **values})


def an_event(kind: str = "connection.started", **values: Any) -> Event:
    return replace(Event(kind, Actor.TENANT, NOON, tenant_id="tenant-acme", connection_id="connection-1"), **values)


def a_verification(conclusion: str = "passed", **values: Any) -> Verification:
    return replace(
        Verification(
            id="verification-1",
            connection_id="connection-1",
            started_at=NOON,
            finished_at=NOON + timedelta(seconds=1),
            role_arn=ROLE,
            conclusion=conclusion,
            results=(),
        ),
        **values,
    )


def a_reported_stack(phase: StackPhase = StackPhase.BEGUN, **values: Any) -> ReportedStack:
    """A stack that began at noon and, if it has ended, did so a minute later."""
    ended_at = NOON + timedelta(minutes=1) if phase is StackPhase.ENDED else None
    return replace(ReportedStack(STACK, "connection-1", phase, NOON, ended_at), **values)


def a_report(
    connection_id: str = "connection-1",
    *,
    stack_id: StackId = STACK,
    request_id: str = "request-1",
    at: datetime = NOON,
) -> StackReport:
    """The Create of a stack, as it was handled."""
    handled = HandledEvent(connection_id, stack_id, request_id, "Create", "SUCCESS", "", at)
    return StackReport(handled, a_reported_stack(stack_id=stack_id, connection_id=connection_id, begun_at=at))


def an_external_id(number: int) -> ExternalId:
    """The connection's external ID of that number, told apart at a glance."""
    return ExternalId(f"northwind-{HANDLE}-{number:032x}")


def an_issued_id(number: int, *, age: timedelta = timedelta()) -> IssuedId:
    return IssuedId(an_external_id(number), "connection-1", number, NOON - age)
