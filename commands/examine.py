"""Judges what is in a file as a verification does, without a connection: policies, a paste, an answer of AWS's."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import BinaryIO

import click

from commands.examined import Examined, Question, examined_answer, examined_paste, examined_trust
from commands.examined_permissions import examined_permissions
from commands.options import json_option, parsed_by
from commands.printing import print_json, print_line
from commands.refusals import JsonErrors
from onboarding.ground.arn import RoleArn, parse_role_arn
from wiring import SystemClock

KINDS: Mapping[str, Callable[[Question], Examined]] = {
    "trust": examined_trust,
    "permissions": examined_permissions,
    "answer": examined_answer,
    "paste": examined_paste,
}
# Ten times what anything is long that AWS stores or prints of a role.
LARGEST_INPUT = 1_000_000
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_RequestParameters
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", re.ASCII)


def _external_id(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value and not _EXTERNAL_ID.fullmatch(value):
        raise click.BadParameter("an external ID has 2 to 1,224 letters, digits and _+=,.@:/- .")
    return value


@click.command(cls=JsonErrors)
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.File("rb"))
@click.option("--external-id", default="", callback=_external_id, help="The external ID that the role should ask for.")
@click.option("--role-arn", callback=parsed_by(parse_role_arn), help="The role that it should be.")
@click.option("--trusted-principal-arn", help="Whom the role should trust, instead of the setting.")
@json_option
@click.pass_context
def examine(
    ctx: click.Context,
    *,
    kind: str,
    file: BinaryIO,
    external_id: str,
    role_arn: RoleArn | None,
    trusted_principal_arn: str | None,
    as_json: bool,
) -> None:
    """Judge policies, a paste or an answer of AWS's in a file (- for stdin), without a connection.

    Asks AWS nothing about the role, and keeps nothing. Exit code 0 if nothing is wrong with it, otherwise 1. With
    --json, what keeps it from being judged is JSON too, with exit code 2.
    """
    settings = _settings(ctx.obj, trusted_principal_arn)
    examined = KINDS[kind](Question(_read(file), external_id, role_arn, settings, SystemClock().now()))
    if as_json:
        print_json(examined.facts)
    else:
        for sentence in examined.sentences:
            print_line(sentence)
    ctx.exit(0 if examined.is_fine else 1)


def _read(file: BinaryIO) -> str:
    """Return the text of a file: UTF-8, or UTF-16 with its mark, as PowerShell writes it. Raises ClickException."""
    raw = file.read(LARGEST_INPUT + 1)
    if len(raw) > LARGEST_INPUT:
        raise click.ClickException(f"{file.name} is longer than {LARGEST_INPUT:,} bytes: nothing of a role is.")
    is_utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name} cannot be read: it is not UTF-8 text.") from None


def _settings(env: Mapping[str, str], trusted_principal_arn: str | None) -> Mapping[str, str]:
    """Return the settings with this trusted principal, if one was given."""
    if not trusted_principal_arn:
        return env
    name = "ROLECALL_TRUSTED_PRINCIPAL_ARN"
    return {**{key: value for key, value in env.items() if key != f"{name}_FILE"}, name: trusted_principal_arn}
