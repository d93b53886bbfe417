"""Making and deleting a GradualStack's resources step by step, in a thread of its own.

A share of `seconds` passes before the first resource and after the last, and the resources take equal parts of the
rest. A resource exists once it is CREATE_COMPLETE. Deleting and rolling back take half as long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from moto.core.utils import utcnow
from moto.iam.models import Role

from sandbox.callbacks.custom_resources import RequestFailed
from sandbox.cloudformation.custom_steps import create_custom, custom_of, delete_custom, is_custom
from sandbox.cloudformation.gradual_stack import GradualStack
from sandbox.cloudformation.messaging_resources import make_messaging, takes_messaging, unmake_messaging
from sandbox.cloudformation.refusals import (
    by_handler,
    message_of,
    principal_of_nobody,
    why_faulty,
    why_refused,
)
from sandbox.cloudformation.stack_faults import StackFault, stop_asking_for_the_external_id
from sandbox.moto_access import MOTO_LOCK, find_role

log = logging.getLogger(__name__)
EDGE_SHARE = 0.15
# How much longer a stack that completes late stays in progress after its last resource is there.
LATE_SECONDS = 10.0


class _Cancelled(Exception):
    """Somebody deletes the stack while it is being made."""


class _CreationFailed(Exception):
    """A resource could not be made. The argument is the reason as the console shows it."""


def start_creating(stack: GradualStack, *, seconds: float) -> None:
    """Begin to make the stack and return at once. It ends CREATE_COMPLETE or ROLLBACK_COMPLETE."""
    stack.set_status("CREATE_IN_PROGRESS", reason="User Initiated")
    stack.maker = threading.Thread(target=_create, args=(stack, seconds), name=f"create {stack.name}", daemon=True)
    stack.maker.start()


def start_deleting(
    stack: GradualStack,
    *,
    seconds: float,
    when_deleted: Callable[[], None],
    retained: frozenset[str] = frozenset(),
) -> None:
    """Begin to delete the stack and return at once; `when_deleted` is called under MOTO_LOCK at the end.

    The resources with the logical IDs in `retained` are left as they are.
    """
    stack.is_cancelled.set()
    stack.set_status("DELETE_IN_PROGRESS", reason="User Initiated")
    stack.maker = threading.Thread(
        target=_delete,
        args=(stack, seconds, stack.maker, when_deleted, retained),
        name=f"delete {stack.name}",
        daemon=True,
    )
    stack.maker.start()


def abandon(stack: GradualStack) -> None:
    """Stop making or deleting the stack at once, because its AWS stops."""
    stack.is_abandoned.set()
    stack.is_cancelled.set()
    if stack.maker is not None:
        stack.maker.join()


def _create(stack: GradualStack, seconds: float) -> None:
    logical_ids = stack.logical_ids()
    edge = seconds * EDGE_SHARE
    share = (seconds - 2 * edge) / len(logical_ids)
    try:
        _pause(stack, edge)
        for logical_id in logical_ids:
            try:
                _create_resource(stack, logical_id, seconds=share)
            except _CreationFailed as failure:
                stack.set_resource(logical_id, "CREATE_FAILED", reason=str(failure))
                _roll_back(stack, logical_id, seconds=seconds / 2)
                return
        _pause(stack, edge + (LATE_SECONDS if stack.fault is StackFault.COMPLETES_LATE else 0))
        stack.set_status("CREATE_COMPLETE")
    except _Cancelled:
        # The thread that deletes the stack removes what was made so far.
        return


def _create_resource(stack: GradualStack, logical_id: str, *, seconds: float) -> None:
    stack.set_resource(logical_id, "CREATE_IN_PROGRESS")
    if is_custom(stack.template_dict["Resources"][logical_id]):
        _create_custom(stack, logical_id, seconds=seconds)
        return
    _pause(stack, seconds / 2)
    if (why := why_faulty(stack, logical_id)) is not None:
        raise _CreationFailed(why)
    name = stack.custom_name(logical_id)
    stack.set_resource(logical_id, "CREATE_IN_PROGRESS", physical_id=name, reason="Resource creation Initiated")
    _pause(stack, seconds / 2)
    with MOTO_LOCK:
        physical_id = _make(stack, logical_id)
        stack.set_resource(logical_id, "CREATE_COMPLETE", physical_id=physical_id)


def _create_custom(stack: GradualStack, logical_id: str, *, seconds: float) -> None:
    """Ask for it at once and wait for its answer, so that it takes its share of the time or longer."""
    begun = time.monotonic()
    try:
        physical_id = create_custom(stack, logical_id, stop=stack.is_cancelled).physical_resource_id
    except RequestFailed as failure:
        _pause(stack, 0)
        raise _CreationFailed(failure.reason) from failure
    stack.set_resource(logical_id, "CREATE_IN_PROGRESS", physical_id=physical_id, reason="Resource creation Initiated")
    _pause(stack, max(0.0, seconds - (time.monotonic() - begun)))
    stack.set_resource(logical_id, "CREATE_COMPLETE")


def _make(stack: GradualStack, logical_id: str) -> str:
    """Make the resource in moto and return its physical ID."""
    if (nobody := principal_of_nobody(stack, logical_id)) is not None:
        raise _CreationFailed(by_handler(f'Invalid principal in policy: "AWS":"{nobody}"', code="InvalidRequest"))
    try:
        if takes_messaging(stack, logical_id):
            return make_messaging(stack, logical_id)
        # moto's map makes a resource when somebody first looks it up.
        resource = stack.resource_map[logical_id]
    except Exception as error:
        # Whatever moto raises, the stack must end as failed and not stay in progress.
        log.warning("stack %s: %s could not be made: %r", stack.name, logical_id, error)
        raise _CreationFailed(why_refused(stack, logical_id, error)) from error
    if isinstance(resource, Role) and stack.fault is StackFault.IGNORES_EXTERNAL_ID:
        stop_asking_for_the_external_id(resource)
    return str(getattr(resource, "physical_resource_id", None) or f"{stack.name}-{logical_id}")


def _roll_back(stack: GradualStack, failed_id: str, *, seconds: float) -> None:
    stack.set_status(
        "ROLLBACK_IN_PROGRESS",
        reason=(f"The following resource(s) failed to create: [{failed_id}]. Rollback requested by user."),
    )
    _pause(stack, seconds / 2)
    for logical_id in reversed(stack.resources):
        custom = custom_of(stack, logical_id)
        stack.set_resource(logical_id, "DELETE_IN_PROGRESS", physical_id=custom.physical_resource_id if custom else "")
        try:
            # Also for a custom resource that failed: whoever was asked to make it may have begun.
            delete_custom(stack, logical_id, stop=stack.is_cancelled)
        except RequestFailed as failure:
            _pause(stack, 0)
            stack.set_resource(logical_id, "DELETE_FAILED", reason=failure.reason)
            stack.set_status("ROLLBACK_FAILED", reason=_failed_to_delete(logical_id))
            return
        with MOTO_LOCK:
            if logical_id != failed_id:
                _unmake(stack, logical_id)
            stack.set_resource(logical_id, "DELETE_COMPLETE")
    _pause(stack, seconds / 2)
    stack.set_status("ROLLBACK_COMPLETE")


def _delete(
    stack: GradualStack,
    seconds: float,
    making: threading.Thread | None,
    when_deleted: Callable[[], None],
    retained: frozenset[str],
) -> None:
    if making is not None:
        making.join()
    for logical_id, resource in reversed(list(stack.resources.items())):
        if logical_id in retained:
            stack.set_resource(logical_id, "DELETE_SKIPPED")
            continue
        is_made = resource.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED"}
        if not is_made and custom_of(stack, logical_id) is None:
            continue
        stack.set_resource(logical_id, "DELETE_IN_PROGRESS")
        if stack.is_abandoned.wait(seconds / 2 / len(stack.resources)):
            return
        if not _delete_resource(stack, logical_id):
            return
    with MOTO_LOCK:
        stack.deletion_time = utcnow()
        stack.set_status("DELETE_COMPLETE")
        when_deleted()


def _delete_resource(stack: GradualStack, logical_id: str) -> bool:
    """Delete the resource, or leave it and the stack DELETE_FAILED and return False (also when this AWS stops)."""
    try:
        delete_custom(stack, logical_id, stop=stack.is_abandoned)
    except RequestFailed as failure:
        if not stack.is_abandoned.is_set():
            stack.set_resource(logical_id, "DELETE_FAILED", reason=failure.reason)
            stack.set_status("DELETE_FAILED", reason=_failed_to_delete(logical_id))
        return False
    with MOTO_LOCK:
        try:
            _unmake(stack, logical_id)
        except Exception as error:
            # As in _make: the stack must end as failed, for example when somebody attached a policy by hand.
            stack.set_resource(logical_id, "DELETE_FAILED", reason=message_of(error))
            stack.set_status("DELETE_FAILED", reason=_failed_to_delete(logical_id))
            return False
        stack.set_resource(logical_id, "DELETE_COMPLETE")
        return True


def _unmake(stack: GradualStack, logical_id: str) -> None:
    if takes_messaging(stack, logical_id):
        unmake_messaging(stack, logical_id)
        return
    made = stack.resource_map._parsed_resources.pop(logical_id, None)
    if made is None:
        return
    if isinstance(made, Role) and find_role(made.arn) is not made:
        # Somebody has already deleted it, which CloudFormation accepts.
        return
    try:
        stack.resource_map._delete_resource(made, stack.template_dict["Resources"][logical_id])
    except Exception:
        stack.resource_map._parsed_resources[logical_id] = made
        raise


def _failed_to_delete(logical_id: str) -> str:
    return f"The following resource(s) failed to delete: [{logical_id}]. "


def _pause(stack: GradualStack, seconds: float) -> None:
    if stack.is_cancelled.wait(seconds):
        raise _Cancelled
