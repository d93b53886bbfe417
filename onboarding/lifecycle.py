"""The lifecycle of a connection is this dictionary.

    draft ──named──────────────> waiting ──passed──> connected <──passed── degraded
                                 │  ^  │                 └──────weakened──────^
                       refused ──┘  │  └── timed_out ──> expired
                           v        └─────── named ──────────┘
                        rejected ──passed──> connected,  ──timed_out──> expired,  ──named──> waiting
    any ──removed──> disconnected

`named` is any act of the tenant that gives us something to wait for: a launch, an account ID, a role ARN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from onboarding.ground.status import Status
from onboarding.model import Connection


class Trigger(StrEnum):
    """What moves a connection from one status to another."""

    NAMED = "named"
    PASSED = "passed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    WEAKENED = "weakened"
    REMOVED = "removed"


TRANSITIONS: Mapping[tuple[Status, Trigger], Status] = {
    (Status.DRAFT, Trigger.NAMED): Status.WAITING,
    (Status.WAITING, Trigger.NAMED): Status.WAITING,
    (Status.WAITING, Trigger.PASSED): Status.CONNECTED,
    (Status.WAITING, Trigger.REFUSED): Status.REJECTED,
    (Status.WAITING, Trigger.TIMED_OUT): Status.EXPIRED,
    (Status.REJECTED, Trigger.NAMED): Status.WAITING,
    (Status.REJECTED, Trigger.PASSED): Status.CONNECTED,
    (Status.REJECTED, Trigger.REFUSED): Status.REJECTED,
    (Status.REJECTED, Trigger.TIMED_OUT): Status.EXPIRED,
    (Status.EXPIRED, Trigger.NAMED): Status.WAITING,
    (Status.CONNECTED, Trigger.PASSED): Status.CONNECTED,
    (Status.CONNECTED, Trigger.WEAKENED): Status.DEGRADED,
    (Status.DEGRADED, Trigger.PASSED): Status.CONNECTED,
    (Status.DEGRADED, Trigger.WEAKENED): Status.DEGRADED,
    **{(status, Trigger.REMOVED): Status.DISCONNECTED for status in Status if status is not Status.DISCONNECTED},
}


class IllegalTransition(Exception):
    """The trigger does not apply in this status: the caller acted on an outdated view of the connection."""

    def __init__(self, status: Status, trigger: Trigger) -> None:
        super().__init__(f"{trigger} does not apply to a connection that is {status}")


def advance(connection: Connection, trigger: Trigger, *, at: datetime) -> Connection:
    """Return the connection as it is after the trigger. Raises IllegalTransition.

    The only function that changes a status.
    """
    try:
        status = TRANSITIONS[connection.status, trigger]
    except KeyError:
        raise IllegalTransition(connection.status, trigger) from None
    return replace(connection, status=status, updated_at=at)
