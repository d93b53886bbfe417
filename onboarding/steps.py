"""The nine steps of the wizard. Where a tenant stands is never stored: a step is a page, opened freely."""

from __future__ import annotations

from dataclasses import dataclass

from onboarding.model import Connection


@dataclass(frozen=True)
class Step:
    """One wizard page: its number, its group in the rail, its name there, and its heading."""

    number: int
    group: str
    name: str
    heading: str

    @property
    def name_in_sentence(self) -> str:
        """The name as it stands after a colon."""
        return self.name[0].lower() + self.name[1:]


STEPS: tuple[Step, ...] = (
    Step(1, "Open", "Create the stack", "Create the role in your AWS account"),
    Step(2, "Open", "Confirm the template", "Confirm the template"),
    Step(3, "Fill in", "Name and external ID", "Give the stack a name and the external ID"),
    Step(4, "Fill in", "Stack options", "Skip the stack options"),
    Step(5, "Fill in", "Review and create", "Review, and create the stack"),
    Step(6, "Wait", "Stack completes", "Wait until the stack is complete"),
    Step(7, "Confirm", "Find the role", "Open the role that was made"),
    Step(8, "Confirm", "Copy its ARN", "Copy the role’s ARN"),
    Step(9, "Confirm", "Paste and finish", "Paste the role ARN"),
)


def step(number: int) -> Step | None:
    """Return the step with that number, or None: there are nine."""
    return STEPS[number - 1] if 1 <= number <= len(STEPS) else None


def is_done(step: Step, connection: Connection) -> bool:
    """Whether the rail ticks the step. Facts alone decide: launched, role seen, connected."""
    if step.number == 1:
        return connection.launched_at is not None or connection.role_seen_at is not None
    if step.number <= 8:
        return connection.role_seen_at is not None
    return connection.is_connected
