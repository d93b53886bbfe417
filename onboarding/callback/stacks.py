"""What is kept of the stacks that reported, and of each of their events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onboarding.ground.stack_id import StackId


class StackPhase(StrEnum):
    """How far a stack has come, as far as its custom resource can tell."""

    BEGUN = "begun"
    # It was rolled back or deleted: the custom resource does not learn which.
    ENDED = "ended"


@dataclass(frozen=True)
class ReportedStack:
    """A stack that reported with an external ID of this connection's. Anyone can send such an event: it proves nothing.

    `begun_at` is None if its end came before its beginning, or its beginning never.
    """

    stack_id: StackId
    connection_id: str
    phase: StackPhase
    begun_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class HandledEvent:
    """An event that was handled, and how it was answered: it comes again, and is then answered the same."""

    connection_id: str
    stack_id: StackId
    request_id: str
    request_type: str
    status: str
    reason: str
    handled_at: datetime


@dataclass(frozen=True)
class StackReport:
    """What one event leaves behind. `stack` is None if its stack is not kept."""

    handled: HandledEvent
    stack: ReportedStack | None = None
