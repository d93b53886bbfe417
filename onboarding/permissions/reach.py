"""How far an action reaches: it reads, reads data, changes something, or hands out credentials.

Told by AWS's access level, and where that does not say it, by reviewed_actions.txt, which names AWS's page for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from onboarding.permissions.aws_actions import aws_actions, text_beside
from onboarding.policy.effort import at_most

_PLENTY = 1_000_000


class Reach(StrEnum):
    """The least first. UNKNOWN is an action that our list of AWS's actions does not have."""

    READ = "read"
    UNKNOWN = "unknown"
    DATA = "data"
    CHANGE = "change"
    CREDENTIALS = "credentials"


@dataclass(frozen=True)
class Reviewed:
    """A row of the table: an action (or a pattern of them), how far it reaches, what it gives, and AWS's page.

    What makes lasting credentials both hands them out and changes something.
    """

    action: str
    reaches: tuple[Reach, ...]
    why: str
    page: str


@cache
def reviewed_actions() -> tuple[Reviewed, ...]:
    """Return the table, read once."""
    lines = text_beside("reviewed_actions.txt").splitlines()
    rows = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return tuple(
        Reviewed(action, tuple(map(Reach, reaches.split(", "))), why, page) for action, reaches, why, page in rows
    )


@cache
def actions_by_reach() -> Mapping[Reach, int]:
    """Return the known actions of each reach, as AwsActions counts them. Every action has one at least."""
    known = aws_actions()
    found = {Reach.READ: known.of_level("LR"), Reach.DATA: 0, Reach.CHANGE: known.of_level("WTP"), Reach.CREDENTIALS: 0}
    for row in reviewed_actions():
        with at_most(_PLENTY):  # Done once, so no judgement may pay for it.
            named = known.named_by(row.action)
        found = {
            reach: actions | named if reach in row.reaches else actions & ~named for reach, actions in found.items()
        }
    return found


def reaches_of(named: int) -> tuple[Reach, ...]:
    """Return how far these known actions reach, the least first; UNKNOWN if there are none."""
    found = [reach for reach, those in actions_by_reach().items() if those & named]
    return tuple(reach for reach in Reach if reach in found) or (Reach.UNKNOWN,)
