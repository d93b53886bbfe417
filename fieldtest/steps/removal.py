"""Lets one stack fail and deletes another one: in what order its resources go, and when its role no longer answers."""

from __future__ import annotations

from botocore.exceptions import ClientError

from fieldtest.pace import wait_for
from fieldtest.run import Run
from fieldtest.steps.callback import needed_event
from fieldtest.steps.refusals import ask

GONE_WITHIN = 120


def roll_back(run: Run) -> None:
    """Make a second stack for the same handle: its role's name is taken, so it rolls back."""
    first = run.needed_stack()
    stack_id = run.create_stack(f"{first.name}-2", run.mint())
    stack, _ = run.finished(stack_id)
    reason = run.first_failure(stack_id)
    run.sentences["stack-role-name-taken"] = reason
    run.findings.note(
        "stack-role-name-taken",
        stack["StackStatus"] == "ROLLBACK_COMPLETE" and "already exists" in reason,
        f"{stack['StackStatus']}. {reason}".rstrip(),
    )
    delete = needed_event(run, stack_id, "Delete")
    words = " ".join(map(str, delete.raw.values()))
    run.findings.note(
        "callback-delete-on-rollback",
        delete.event is not None and "already exists" not in words,
        f"It came, with the keys {', '.join(sorted(delete.raw))}.",
    )


def delete(run: Run) -> None:
    """Delete the tenant's stack, and wait until its role no longer answers."""
    stack = run.needed_stack()
    run.tenant.client("cloudformation").delete_stack(StackName=stack.stack_id)
    ended, _ = run.finished(stack.stack_id)
    _, took = wait_for(
        "A deleted role's last answer",
        lambda: isinstance(ask(run, str(stack.role_arn), stack.external_id), ClientError),
        seconds=run.pace.spread,
        every=run.pace.ask_every,
    )
    run.findings.note(
        "sts-gone",
        ended["StackStatus"] == "DELETE_COMPLETE" and took <= GONE_WITHIN,
        f"{ended['StackStatus']}; the role was refused {took:.1f} seconds later.",
        seconds=took,
    )
    event = needed_event(run, stack.stack_id, "Delete")
    custom = str(event.raw.get("LogicalResourceId"))
    wanted = (("Role", "DELETE_COMPLETE"), (custom, "DELETE_IN_PROGRESS"))
    done = [(e["LogicalResourceId"], e["ResourceStatus"]) for e in run.events(stack.stack_id)]
    kept = [each for each in done if each in wanted]
    run.findings.note(
        "callback-delete-last",
        kept == list(wanted),
        "In this order: " + ", ".join(f"{resource} {status}" for resource, status in kept),
    )
