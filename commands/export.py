"""Exports what the vendor's own tools need to assume tenants' roles. It exports no credentials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from commands.installation import open_installation, tenants_by_id
from commands.printing import print_json, print_lines
from onboarding.ground.status import Status
from wiring import Parts


@dataclass(frozen=True)
class Exported:
    """One connected account. `external_id` is the one that the role demands."""

    tenant: str
    tenant_name: str
    account: str
    role_arn: str
    external_id: str
    role_session_name: str
    handle: str


def _source(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_./@%+-]+", value, re.ASCII):
        raise click.BadParameter("give the name of a profile: letters, digits and _ . / @ % + -", ctx, param)
    return value


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", "aws-config")),
    required=True,
    help="JSON, or a file of AWS profiles.",
)
@click.option(
    "--source-profile",
    default="default",
    show_default=True,
    callback=_source,
    help="The profile of the trusted principal (only for aws-config).",
)
@click.pass_context
def export(ctx: click.Context, form: str, source_profile: str) -> None:
    """Export what your own tools need to assume the roles.

    Exports only connected roles: a degraded one is not safe to use. `aws-config` prints a file for AWS_CONFIG_FILE.
    """
    found = _connected(open_installation(ctx))
    if form == "json":
        print_json([asdict(e) for e in found])
    elif found:
        print_lines(aws_config(found, source_profile=source_profile).removesuffix("\n"))


def aws_config(found: Sequence[Exported], *, source_profile: str) -> str:
    """Return a profile for each connection, as the AWS CLI and the SDKs read it.

    Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
    """
    names = _profile_names(found, taken=source_profile)
    profiles = (
        f"[profile {name}]\n"
        f"role_arn = {exported.role_arn}\n"
        f"external_id = {exported.external_id}\n"
        f"role_session_name = {exported.role_session_name}\n"
        f"source_profile = {source_profile}\n"
        for name, exported in zip(names, found, strict=True)
    )
    return "\n".join(profiles)


def _profile_names(found: Sequence[Exported], *, taken: str) -> list[str]:
    """Return `tenant-account` for each, followed by the handle if that name is not unique."""
    plain = [f"{_sanitized(e.tenant)}-{e.account}" for e in found]
    used = [*plain, taken]
    return [
        name if used.count(name) == 1 else f"{name}-{exported.handle}"
        for name, exported in zip(plain, found, strict=True)
    ]


def _sanitized(reference: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", reference).strip("-") or "tenant"


def _connected(here: Parts) -> list[Exported]:
    found = [c for c in here.store.list_connections() if c.status is Status.CONNECTED]
    tenants = tenants_by_id(here.store, (c.tenant_id for c in found))
    return [
        Exported(
            tenant=tenants[c.tenant_id].reference,
            tenant_name=tenants[c.tenant_id].name,
            account=c.account_id or "",
            role_arn=str(c.role_arn or ""),
            external_id=c.bound_external_id or "",
            role_session_name=c.session_name,
            handle=c.handle,
        )
        for c in found
    ]
