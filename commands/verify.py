"""Verifies one connection now: by the worker if one is alive, otherwise by itself."""

from __future__ import annotations

import time

import click

from commands.installation import find_connection, has_worker, open_installation
from commands.options import json_option
from commands.printing import print_json, print_line
from onboarding.diagnosis.catalogue import diagnose
from onboarding.ground.refused import Refused
from onboarding.ground.status import Status
from onboarding.ground.wording import Text
from onboarding.model import Connection
from onboarding.ports import ConcurrentChange
from onboarding.schedule import LEASE
from wiring import Parts

LOOK_EVERY_SECONDS = 0.2

_NOTHING_TO_VERIFY = {
    Status.DRAFT: "the tenant has not named an account or a role yet",
    Status.EXPIRED: "no role worked for 7 days; it is watched again when the tenant does anything in the wizard",
    Status.DISCONNECTED: "it was disconnected, so its role is not used any more",
}


class NoResult(Exception):
    """The connection was not verified in time."""


@click.command()
@click.argument("raw_id", metavar="ID")
@json_option
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=1, max=3600),
    default=60,
    show_default=True,
    help="How many seconds to wait for the result.",
)
@click.pass_context
def verify(ctx: click.Context, raw_id: str, as_json: bool, timeout_seconds: float) -> None:
    """Verify a connection now and print the result.

    The worker verifies it or, if none is alive, this command. Exit code 0 if it is connected and nothing is wrong.
    """
    here = open_installation(ctx)
    connection = find_connection(here.store, raw_id)
    if connection.status in _NOTHING_TO_VERIFY or connection.claimed_role_arn is None:
        why = _NOTHING_TO_VERIFY.get(connection.status, _NOTHING_TO_VERIFY[Status.DRAFT])
        raise Refused("nothing_to_verify", Text(f"There is nothing to verify: {why}."))
    try:
        after = _verified(here, connection, timeout_seconds=timeout_seconds)
    except NoResult:
        raise click.ClickException(
            f"No result within {timeout_seconds:g} seconds: AWS or the worker is slow. `doctor` says more."
        ) from None
    _print(after, as_json=as_json)
    ctx.exit(0 if _is_sound(after) else 1)


def _verified(here: Parts, connection: Connection, *, timeout_seconds: float) -> Connection:
    """Return the connection as it is after the verification. Raises NoResult."""
    give_up_at = time.monotonic() + timeout_seconds
    marked = _make_due(here, connection) if has_worker(here) else None
    while time.monotonic() < give_up_at:
        if marked is None:
            after = _verify_here(here, connection.id)
            if after is not None:
                return after
        else:
            after = here.store.get_connection(connection.id)
            if _schedule(after) != _schedule(marked):
                return after
            if not has_worker(here):
                marked = None
        time.sleep(LOOK_EVERY_SECONDS)
    raise NoResult


def _make_due(here: Parts, connection: Connection) -> Connection:
    here.onboarding.check_even_at_rest(connection)
    return here.store.get_connection(connection.id)


def _schedule(connection: Connection) -> tuple[object, ...]:
    """Return what every verification changes, whatever its result."""
    return connection.version, connection.check_at, connection.attempts


def _verify_here(here: Parts, connection_id: str) -> Connection | None:
    """Verify it in this process. Return None if a dead worker still has its lease, or if the tenant changed it."""
    leased = here.store.claim(connection_id, now=here.clock.now(), lease=LEASE)
    if leased is None:
        return None
    try:
        return here.verifier.verify(leased)
    except ConcurrentChange:
        return None
    finally:
        # Whatever the result, a worker can claim it again at once.
        here.store.release(connection_id, round=leased.round)


def _is_sound(connection: Connection) -> bool:
    return connection.status is Status.CONNECTED and not _finding_code(connection)


def _finding_code(connection: Connection) -> str:
    """Return what is wrong, even if a connected role has only missed a check or two."""
    is_doubtful = connection.status is Status.CONNECTED and connection.attempts > 0
    return connection.finding_code or ("not_answering" if is_doubtful else "")


def _print(connection: Connection, *, as_json: bool) -> None:
    finding_code = _finding_code(connection)
    diagnosis = diagnose(finding_code)
    sentence = diagnosis.operator if diagnosis else ""
    if as_json:
        facts = {"id": connection.id, "handle": connection.handle, "status": connection.status.value}
        print_json({**facts, "finding": finding_code or None, "what_is_wrong": sentence or None})
        return
    ending = f": {finding_code}. {sentence}" if finding_code else ""
    print_line(f"{connection.handle} {connection.status}{ending}")
