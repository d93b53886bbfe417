"""Making and deleting a GradualStack's resources step by step, in a thread of its own.

A share of `seconds` passes before the first resource and after the last, and the resources take equal parts of the
rest. A resource exists once it is CREATE_COMPLETE. Deleting and rolling back take half as long.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from uuid import uuid4

from moto.cloudformation.parsing import clean_json
from moto.core.utils import utcnow
from moto.iam.models import Role

from sandbox.cloudformation.gradual_stack import GradualStack
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


def start_deleting(stack: GradualStack, *, seconds: float, when_deleted: Callable[[], None]) -> None:
    """Begin to delete the stack and return at once; `when_deleted` is called under MOTO_LOCK at the end."""
    stack.is_cancelled.set()
    stack.set_status("DELETE_IN_PROGRESS", reason="User Initiated")
    stack.maker = threading.Thread(
        target=_delete, args=(stack, seconds, stack.maker, when_deleted), name=f"delete {stack.name}", daemon=True
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
    _pause(stack, seconds / 2)
    if stack.fault is StackFault.STACK_FAILS:
        raise _CreationFailed(_refused_by_policy(stack, logical_id))
    name = stack.custom_name(logical_id)
    stack.set_resource(logical_id, "CREATE_IN_PROGRESS", physical_id=name, reason="Resource creation Initiated")
    _pause(stack, seconds / 2)
    with MOTO_LOCK:
        physical_id = _make(stack, logical_id)
        stack.set_resource(logical_id, "CREATE_COMPLETE", physical_id=physical_id)


def _make(stack: GradualStack, logical_id: str) -> str:
    """Make the resource in moto and return its physical ID."""
    if (nobody := _principal_of_nobody(stack, logical_id)) is not None:
        raise _CreationFailed(_by_handler(f'Invalid principal in policy: "AWS":"{nobody}"', code="InvalidRequest"))
    try:
        # moto's map makes a resource when somebody first looks it up.
        resource = stack.resource_map[logical_id]
    except Exception as error:
        # Whatever moto raises, the stack must end as failed and not stay in progress.
        log.warning("stack %s: %s could not be made: %r", stack.name, logical_id, error)
        raise _CreationFailed(_why_refused(stack, logical_id, error)) from error
    if isinstance(resource, Role) and stack.fault is StackFault.IGNORES_EXTERNAL_ID:
        stop_asking_for_the_external_id(resource)
    return str(getattr(resource, "physical_resource_id", None) or f"{stack.name}-{logical_id}")


def _principal_of_nobody(stack: GradualStack, logical_id: str) -> str | None:
    """Return the principal in the account 000000000000 that the role trusts, if any. IAM refuses unknown accounts."""
    properties = stack.template_dict["Resources"][logical_id].get("Properties") or {}
    trust = json.dumps(clean_json(properties.get("AssumeRolePolicyDocument"), stack.resource_map))
    found = re.search(r'"(arn:[a-z-]+:iam::0{12}:[^"]*|0{12})"', trust)
    return found[1] if found else None


def _roll_back(stack: GradualStack, failed_id: str, *, seconds: float) -> None:
    stack.set_status(
        "ROLLBACK_IN_PROGRESS",
        reason=(f"The following resource(s) failed to create: [{failed_id}]. Rollback requested by user."),
    )
    _pause(stack, seconds / 2)
    for logical_id in reversed(stack.resources):
        stack.set_resource(logical_id, "DELETE_IN_PROGRESS")
        with MOTO_LOCK:
            if logical_id != failed_id:
                _unmake(stack, logical_id)
            stack.set_resource(logical_id, "DELETE_COMPLETE")
    _pause(stack, seconds / 2)
    stack.set_status("ROLLBACK_COMPLETE")


def _delete(
    stack: GradualStack, seconds: float, making: threading.Thread | None, when_deleted: Callable[[], None]
) -> None:
    if making is not None:
        making.join()
    for logical_id, resource in reversed(list(stack.resources.items())):
        if resource.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED"}:
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
    """Delete the resource, or leave it and the stack DELETE_FAILED and return False."""
    with MOTO_LOCK:
        try:
            _unmake(stack, logical_id)
        except Exception as error:
            # As in _make: the stack must end as failed, for example when somebody attached a policy by hand.
            stack.set_resource(logical_id, "DELETE_FAILED", reason=_message(error))
            stack.set_status("DELETE_FAILED", reason=f"The following resource(s) failed to delete: [{logical_id}]. ")
            return False
        stack.set_resource(logical_id, "DELETE_COMPLETE")
        return True


def _unmake(stack: GradualStack, logical_id: str) -> None:
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


def _pause(stack: GradualStack, seconds: float) -> None:
    if stack.is_cancelled.wait(seconds):
        raise _Cancelled


def _refused_by_policy(stack: GradualStack, logical_id: str) -> str:
    name = stack.custom_name(logical_id) or f"{stack.name}-{logical_id}"
    resource = f"arn:{stack.stack_id.split(':')[1]}:iam::{stack.account_id}:role/{name}"
    return _by_handler(
        f"User: {stack.caller_arn} is not authorized to perform: iam:CreateRole on resource: {resource} with an "
        f"explicit deny in a service control policy (Service: Iam, Status Code: 403, Request ID: {uuid4()})",
        code="AccessDenied",
    )


def _why_refused(stack: GradualStack, logical_id: str, error: Exception) -> str:
    name = stack.custom_name(logical_id)
    if "already exists" in _message(error) and name:
        return f"{name} already exists"
    return _by_handler(_message(error), code="GeneralServiceException")


def _by_handler(message: str, *, code: str) -> str:
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: {code})'


def _message(error: Exception) -> str:
    return str(getattr(error, "message", None) or error)
