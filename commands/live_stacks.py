"""Which stacks of tenants still name a region's topic, as far as Rolecall knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onboarding.callback.stacks import StackPhase
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.ports import Store


@dataclass(frozen=True)
class LiveStack:
    """A stack that has not ended, and the connection that it belongs to."""

    connection: Connection
    stack_id: StackId


def live_stacks(store: Store, *, region: str) -> Sequence[LiveStack]:
    """Return the stacks in the region that have reported and not ended, and those of connected roles.

    The stack of a connected role counts even if it never reported: its report can have been lost. One that was made of
    the plain template names no topic.
    """
    found = []
    for connection in store.list_connections():
        reported = store.reported_stacks(connection.id)
        living = [stack.stack_id for stack in reported if stack.phase is not StackPhase.ENDED]
        bound = connection.stack_id
        is_in_use = connection.status in (Status.CONNECTED, Status.DEGRADED) and not connection.stack_deleted_at
        is_known = bound in [stack.stack_id for stack in reported]
        if bound is not None and is_in_use and not is_known and not connection.is_plain:
            living.append(bound)
        found += [LiveStack(connection, stack_id) for stack_id in living if stack_id.region == region]
    return found
