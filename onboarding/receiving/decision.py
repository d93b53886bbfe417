"""What the event of a stack changes, and how it is answered. Pure.

An event proves nothing: anyone who learns an external ID can send one. So it only wakes a check, and what the check
finds counts. What it says is kept for the tenant to read and, where no account was named, to confirm.
CloudFormation waits for the answer: SUCCESS means that the event was heard. FAILED stops a stack that could never be
connected, with a reason that the tenant reads in the console. A Delete always gets SUCCESS: a vendor's refusal must not
keep a stack in the tenant's account.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from onboarding.callback.answer import AnswerStatus
from onboarding.callback.event import RequestType, StackEvent
from onboarding.callback.stacks import ReportedStack, StackPhase
from onboarding.ground.arn import spaced
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.schedule import plausible
from onboarding.vendor import Vendor
from onboarding.waiting import wait_anew

# More stacks than anybody makes for one account, and more accounts than anybody tries by mistake.
MOST_STACKS = 20
MOST_UNCONFIRMED = 3
# Events of a stack overtake each other on their way to the queue, but not by more than that.
OVERTAKE_WITHIN = timedelta(minutes=1)
PROVED_AGAIN_AFTER = timedelta(minutes=1)
_PENDING = (Status.DRAFT, Status.WAITING, Status.REJECTED, Status.EXPIRED)
_KINDS: Mapping[RequestType, str] = {
    RequestType.CREATE: "stack.begun",
    RequestType.UPDATE: "stack.updated",
    RequestType.DELETE: "stack.ended",
}


@dataclass(frozen=True)
class Decision:
    """How an event is answered, the connection as it is afterwards, and what is kept of the stack, if anything.

    `reason` is English, since CloudFormation shows it as it comes; it is empty for SUCCESS. `kind` is that of the audit
    event.
    """

    connection: Connection
    kind: str
    stack: ReportedStack | None = None
    status: AnswerStatus = AnswerStatus.SUCCESS
    reason: str = ""


def reason_unknown(vendor: Vendor) -> str:
    """Return why an external ID that was never issued gets no stack."""
    return (
        f"{vendor.name} did not issue this External ID. Open the link that you were given once more, and create the "
        "stack from there."
    )


def must_ask(event: StackEvent, connection: Connection) -> bool:
    """Whether the answer depends on whether the connected role still answers: the stack is not the one that made it.

    It does not where that one was deleted, and this one follows in the same account: a role that is gone still answers
    for some seconds.
    """
    is_other = connection.status is Status.CONNECTED and not _may_have_made_the_role(event.stack_id, connection)
    follows = connection.stack_deleted_at is not None and connection.account_id == event.stack_id.account_id
    return is_other and not follows and event.request_type is not RequestType.DELETE


def decide(
    event: StackEvent,
    connection: Connection,
    stacks: Sequence[ReportedStack],
    *,
    vendor: Vendor,
    now: datetime,
    is_another: bool = False,
) -> Decision:
    """Return what follows from an event that comes for the first time.

    `stacks` are those that reported before. `is_another` says, if `must_ask`, whether the connected role answers and
    was made by another stack.
    """
    if event.request_type is RequestType.DELETE:
        return _ended(event, connection, stacks, now)
    if connection.status is Status.DISCONNECTED:
        return _refused(connection, f"This connection to {vendor.name} was ended. Start a new one from your link.")
    if must_ask(event, connection) and is_another:
        account = spaced(connection.account_id or "")
        return _refused(
            connection,
            f"{vendor.name} is connected to account {account} through another stack already. Delete this stack. To "
            "connect another account, start it from your list of accounts.",
        )
    known, room = _known(event, stacks), _has_room(connection, stacks, event.stack_id)
    stack, at = known or ReportedStack(event.stack_id, connection.id, StackPhase.BEGUN), min(event.sent_at, now)
    if stack.ended_at is not None and at - stack.ended_at > OVERTAKE_WITHIN:
        # It was updated with the plain template, which reports an end, and now with the other one again.
        stack = ReportedStack(event.stack_id, connection.id, StackPhase.BEGUN)
    # Otherwise one whose end was heard before stays ended: events come in any order.
    stack = replace(stack, begun_at=stack.begun_at or at)
    after = _woken(connection, event.stack_id, is_new=known is None and room, vendor=vendor, now=now)
    return Decision(after, _KINDS[event.request_type], stack if known or room else None)


def _woken(connection: Connection, stack_id: StackId, *, is_new: bool, vendor: Vendor, now: datetime) -> Connection:
    """Return the connection that a stack has woken: its check is due now, and an expired one waits again."""
    is_there = connection.account_id == stack_id.account_id
    if connection.is_connected:
        made = stack_id if _may_have_made_the_role(stack_id, connection) else connection.stack_id
        # A stack that is to reconnect the account: its role is awaited from now on.
        follows = is_new and is_there and connection.stack_deleted_at is not None
        return replace(
            connection,
            stack_id=made,
            check_at=_woken_at(connection, now),
            updated_at=now if follows else _touched(connection, now),
        )
    begins = is_new and connection.status is Status.WAITING and (is_there or connection.account_id is None)
    begins = begins or connection.status in (Status.DRAFT, Status.EXPIRED)
    if is_there:
        claimed = connection.claimed_role_arn or vendor.role_arn_in(stack_id.account_id, connection)
        region = stack_id.region if stack_id.region in vendor.partition.regions else connection.region
        connection = replace(connection, claimed_role_arn=claimed, region=region, check_at=now)
    return wait_anew(connection, at=now) if begins else replace(connection, updated_at=now)


def _woken_at(connection: Connection, now: datetime) -> datetime:
    """Return when an event has a proved role checked: a sound one once a minute, since each proof is kept.

    That holds after its stack was deleted too: it is then asked again within seconds anyway.
    """
    proved_at = plausible(connection.updated_at, now=now)
    at = max(now, proved_at + PROVED_AGAIN_AFTER) if connection.status is Status.CONNECTED else now
    return min(connection.check_at or at, at)


def _ended(event: StackEvent, connection: Connection, stacks: Sequence[ReportedStack], now: datetime) -> Decision:
    """A stack was rolled back or deleted. It counts for a connected role only if that stack made it."""
    known = _known(event, stacks)
    stack = known or ReportedStack(event.stack_id, connection.id, StackPhase.ENDED)
    stack = replace(stack, phase=StackPhase.ENDED, ended_at=stack.ended_at or min(event.sent_at, now))
    # Of a role that cannot say which stack made it, that is any that reported from its account.
    is_bound = known is not None and _may_have_made_the_role(event.stack_id, connection)
    is_bound = connection.is_connected and (is_bound or connection.stack_id == event.stack_id)
    # Also one whose beginning is heard later, but not each stack that was refused.
    is_kept = known or is_bound or (connection.status in _PENDING and _has_room(connection, stacks, event.stack_id))
    after = connection
    if is_bound:
        deleted_at, updated_at = connection.stack_deleted_at or now, _touched(connection, now)
        # Once is enough: it is then asked again within seconds.
        check_at = connection.check_at if connection.stack_deleted_at else now
        after = replace(
            connection, stack_id=event.stack_id, stack_deleted_at=deleted_at, check_at=check_at, updated_at=updated_at
        )
    elif (
        known
        and known.phase is StackPhase.BEGUN
        and connection.is_connected
        and connection.account_id == event.stack_id.account_id
    ):
        # It could have made the role since, after one that reports nothing was deleted. So only what AWS says counts.
        after = replace(connection, check_at=_woken_at(connection, now))
    return Decision(after, _KINDS[event.request_type], stack if is_kept else None)


def _known(event: StackEvent, stacks: Sequence[ReportedStack]) -> ReportedStack | None:
    return next((s for s in stacks if s.stack_id == event.stack_id), None)


def _touched(connection: Connection, now: datetime) -> datetime:
    """The wait for a weakened role to be repaired counts from its last change, which this is not."""
    return connection.updated_at if connection.status is Status.DEGRADED else now


def _refused(connection: Connection, reason: str) -> Decision:
    return Decision(connection, "stack.refused", status=AnswerStatus.FAILED, reason=reason)


def _may_have_made_the_role(stack_id: StackId, connection: Connection) -> bool:
    """Whether it is the stack of the connected role, or could be: of an older connection it is not known."""
    if connection.stack_id is None:
        return stack_id.account_id == connection.account_id
    return connection.stack_id == stack_id


def _has_room(connection: Connection, stacks: Sequence[ReportedStack], stack_id: StackId) -> bool:
    """Whether one more stack is kept: a connection has a few, in few accounts besides the one that was named."""
    others = {s.stack_id.account_id for s in stacks} - {connection.account_id}
    is_crowd = len(others) >= MOST_UNCONFIRMED and stack_id.account_id not in {*others, connection.account_id}
    return len(stacks) < MOST_STACKS and not is_crowd
