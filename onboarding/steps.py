"""The nine steps of the wizard. Where a tenant stands is never stored: a step is a page, opened freely."""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.ground.wording import Text, say
from onboarding.model import Connection


@dataclass(frozen=True)
class Step:
    """One wizard page: its number, its group in the rail, its name there, its heading, and the link that leads to it.

    That link is a sentence of its own, since only English writes the name in lower case after a colon.
    """

    number: int
    group: Text
    name: Text
    heading: Text
    next: Text


STEPS: tuple[Step, ...] = (
    Step(
        1,
        say("Open"),
        say("Create the stack"),
        say("Create the role in your AWS account"),
        say("Next: create the stack"),
    ),
    Step(2, say("Open"), say("Confirm the template"), say("Confirm the template"), say("Next: confirm the template")),
    Step(
        3,
        say("Fill in"),
        say("Name and external ID"),
        say("Give the stack a name and the external ID"),
        say("Next: name and external ID"),
    ),
    Step(4, say("Fill in"), say("Stack options"), say("Skip the stack options"), say("Next: stack options")),
    Step(
        5, say("Fill in"), say("Review and create"), say("Review, and create the stack"), say("Next: review and create")
    ),
    Step(6, say("Wait"), say("Stack completes"), say("Wait until the stack is complete"), say("Next: stack completes")),
    Step(7, say("Confirm"), say("Find the role"), say("Open the new role"), say("Next: find the role")),
    Step(8, say("Confirm"), say("Copy its ARN"), say("Copy the role’s ARN"), say("Next: copy its ARN")),
    Step(9, say("Confirm"), say("Paste and finish"), say("Paste the role ARN"), say("Next: paste and finish")),
)


def step(number: int) -> Step | None:
    """Return the step with that number, or None: there are nine."""
    return STEPS[number - 1] if 1 <= number <= len(STEPS) else None


def is_done(step: Step, connection: Connection) -> bool:
    """Whether the rail ticks the step. Only facts decide: launched, role seen, connected."""
    if step.number == 1:
        return connection.launched_at is not None or connection.role_seen_at is not None
    if step.number <= 8:
        return connection.role_seen_at is not None
    return connection.is_connected
