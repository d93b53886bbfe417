"""Runs the steps one after another, and cleans up whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import raw_code
from fieldtest.cleaning import Cleaner
from fieldtest.interrupts import Interrupted, Interrupts
from fieldtest.pace import TookTooLong
from fieldtest.run import Run, Skipped, said
from fieldtest.steps import callback, publishing, refusals, removal, role, sentences, shapes, stacks, trail


@dataclass(frozen=True)
class Step:
    """One step: what is said of it, and what it does."""

    title: str
    act: Callable[[Run], None]


# In this order: the later ones need what the earlier ones made.
STEPS = (
    Step("Installing the callback", callback.install),
    Step("Publishing the template", publishing.publish),
    Step("Trying stacks that CloudFormation refuses", stacks.try_refusals),
    Step("Trying a template that was never published", stacks.try_unpublished),
    Step("Making a stack", stacks.make),
    Step("Reading the callback's event", callback.read_create),
    Step("Waiting for the new role to answer", refusals.measure_propagation),
    Step("Reading how STS refuses", refusals.read_refusals),
    Step("Trying a session that can do nothing", refusals.try_session_policy),
    Step("Verifying the role", role.verify),
    Step("Comparing trust policies", shapes.compare),
    Step("Making a stack that rolls back", removal.roll_back),
    Step("Asking who publishes", callback.ask_who_publishes),
    Step("Deleting the stack", removal.delete),
    Step("Diagnosing what AWS said", sentences.diagnose),
)


def run_and_clean(run: Run, interrupts: Interrupts, *, with_trail: bool) -> tuple[bool, list[str]]:
    """Take all steps, and remove what they made. Return whether it came to its end, and what could not be removed."""
    is_whole = False
    left: list[str] = []
    try:
        try:
            for step in STEPS:
                _take(run, step)
            is_whole = True
        finally:
            # Whatever ends the steps, a single signal must not end the cleaning.
            interrupts.hold()
    except Interrupted:
        run.problems.append("It was interrupted.")
    finally:
        left = clean(run)
    if is_whole and with_trail:
        try:
            _take(run, Step("Waiting for CloudTrail", trail.look_up))
        except Interrupted:
            run.problems.append("It was interrupted while it waited for CloudTrail.")
    return is_whole, left


def clean(run: Run) -> list[str]:
    """Remove what the run made, and return what could not be removed."""
    run.say("Removing what was made")
    try:
        return Cleaner(run.accounts, run.state, run.pace, run.say).remove_all(run.callbacks)
    except Interrupted:
        return [f"The {thing.side}'s {thing.kind} {thing.name}: not tried" for thing in run.state.left]


def _take(run: Run, step: Step) -> None:
    run.say(step.title)
    try:
        step.act(run)
    except (Skipped, TookTooLong) as why:
        run.problems.append(f"{step.title}: {why}")
    except ClientError as error:
        run.problems.append(f"{step.title}: {error.operation_name}: {': '.join(said(error))}")
    except BotoCoreError as error:
        run.problems.append(f"{step.title}: {raw_code(error)}")
