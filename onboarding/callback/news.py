"""What is known of the tenant's stacks, as the live panel tells it. It only tells: no event changes what is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from onboarding.callback.stacks import ReportedStack, StackPhase
from onboarding.ground.arn import AccountId
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.schedule import RECONNECTS_WITHIN

# A begun stack's role answers sooner than that as a rule. Unproved on a real AWS.
USUAL_TIME = timedelta(minutes=2)
# A stack begins within seconds of the press. After this, another way is offered.
SILENCE = timedelta(minutes=1)
# So many accounts are offered to a tenant who named none: anyone can send an event for theirs.
ACCOUNTS_OFFERED = 3
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class News(StrEnum):
    """What the panel tells of the tenant's stacks."""

    NOTHING = "nothing"
    SILENT = "silent"
    BEGUN = "begun"
    BEGUN_AND_SILENT = "begun_and_silent"
    UNFINISHED = "unfinished"
    OTHER_ACCOUNT = "other_account"
    GONE_ELSEWHERE = "gone_elsewhere"
    WHOSE_ACCOUNT = "whose_account"
    DELETED = "deleted"


@dataclass(frozen=True)
class StackNews:
    """What is known of the tenant's stacks now. `changes_at` is when time alone makes something else of it.

    `stack` is the one it is about, if it is about one. `accounts` holds the stack to confirm of each account that
    reported and that the tenant did not name, the newest account first. `awaits_event` says whether a stack that begins
    now would report.
    """

    kind: News
    stack: StackId | None = None
    begun_at: datetime | None = None
    accounts: tuple[StackId, ...] = ()
    awaits_event: bool = False
    changes_at: datetime | None = None
    reconnects_until: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a stack has begun in the account that the tenant named."""
        return self.kind in (News.BEGUN, News.BEGUN_AND_SILENT)


def stack_news(
    connection: Connection, stacks: Sequence[ReportedStack], *, now: datetime, has_callback: bool
) -> StackNews:
    """Return what is known of the connection's stacks.

    `stacks` are those that reported; `has_callback` says whether the stack of a launch reports at all: it does in
    a region with a topic, unless the plain template was launched.
    """
    if connection.stack_deleted_at is not None and connection.is_connected:
        anew = _begun_since(connection.stack_deleted_at, connection, stacks)
        until = connection.stack_deleted_at + RECONNECTS_WITHIN
        deleted = StackNews(News.DELETED, connection.stack_id, reconnects_until=until)
        return _begun(anew, now=now) if anew else deleted
    if connection.status is Status.DRAFT:
        return StackNews(News.NOTHING, awaits_event=has_callback)
    if connection.status is not Status.WAITING or connection.role_seen_at is not None:
        return StackNews(News.NOTHING)
    return _of_the_wait(connection, _current(connection, stacks), now=now) or _unheard(
        connection, now=now, has_callback=has_callback
    )


def accounts_reported(stacks: Iterable[ReportedStack]) -> dict[AccountId, StackId]:
    """Return the accounts that the tenant can confirm, each with its newest stack: those in which one has begun."""
    live = [one for one in _in_order(stacks) if one.phase is StackPhase.BEGUN]
    return {one.stack_id.account_id: one.stack_id for one in live}


def _of_the_wait(connection: Connection, current: Sequence[ReportedStack], *, now: datetime) -> StackNews | None:
    """Return what the stacks of the present wait come to, or None if there is none.

    One that begins in the tenant's account counts most; then one that failed there; then one of another account.
    """
    live = [one for one in current if one.phase is StackPhase.BEGUN]
    here = [one for one in live if one.stack_id.account_id == connection.account_id]
    if here:
        return _begun(here[-1], now=now)
    failed_here = bool(current) and current[-1].stack_id.account_id == connection.account_id
    if live and not failed_here:
        kind = News.WHOSE_ACCOUNT if connection.account_id is None else News.OTHER_ACCOUNT
        offered = _one_an_account(live)
        return StackNews(kind, offered[0], accounts=offered)
    return _ended(current[-1].stack_id, connection) if current else None


def _ended(stack: StackId, connection: Connection) -> StackNews:
    """Return what the end of a stack means. In an account that nobody wants to connect, its end is no failure."""
    is_elsewhere = connection.account_id not in (None, stack.account_id)
    return StackNews(News.GONE_ELSEWHERE if is_elsewhere else News.UNFINISHED, stack)


def _begun(stack: ReportedStack, *, now: datetime) -> StackNews:
    begun_at = stack.begun_at or now
    silent_at = begun_at + USUAL_TIME
    if now >= silent_at:
        return StackNews(News.BEGUN_AND_SILENT, stack.stack_id, begun_at)
    return StackNews(News.BEGUN, stack.stack_id, begun_at, changes_at=silent_at)


def _begun_since(at: datetime, connection: Connection, stacks: Iterable[ReportedStack]) -> ReportedStack | None:
    """Return the newest stack that has begun in the connection's account since then, if one has."""
    live = [s for s in _in_order(stacks) if s.phase is StackPhase.BEGUN and s.stack_id != connection.stack_id]
    here = [s for s in live if s.stack_id.account_id == connection.account_id and s.begun_at and s.begun_at >= at]
    return here[-1] if here else None


def _unheard(connection: Connection, *, now: datetime, has_callback: bool) -> StackNews:
    if not has_callback or connection.launched_at is None:
        return StackNews(News.NOTHING)
    silent_at = (connection.waiting_since or connection.launched_at) + SILENCE
    if now >= silent_at:
        return StackNews(News.SILENT, awaits_event=True)
    return StackNews(News.NOTHING, awaits_event=True, changes_at=silent_at)


def _current(connection: Connection, stacks: Iterable[ReportedStack]) -> list[ReportedStack]:
    """Return the stacks that count for the present wait, in their order.

    One that has ended is past once the tenant launches again, which proposes another name. The time alone does not
    tell: events can be heard late, and the beginning of a stack begins the wait anew.
    """
    return [one for one in _in_order(stacks) if one.phase is StackPhase.BEGUN or not _is_past(one, connection)]


def _is_past(ended: ReportedStack, connection: Connection) -> bool:
    began = connection.waiting_since or connection.created_at
    is_before = ended.ended_at is None or ended.ended_at < began
    return is_before and ended.stack_id.name != connection.stack_name


def _in_order(stacks: Iterable[ReportedStack]) -> list[ReportedStack]:
    """Return the stacks, the one of which something was heard last at the end."""
    return sorted(stacks, key=lambda one: max(at for at in (one.begun_at, one.ended_at, _LONG_AGO) if at is not None))


def _one_an_account(stacks: Sequence[ReportedStack]) -> tuple[StackId, ...]:
    newest = {one.stack_id.account_id: one.stack_id for one in stacks}
    # The account that was heard of last comes first.
    accounts = dict.fromkeys(one.stack_id.account_id for one in reversed(stacks))
    return tuple(newest[account_id] for account_id in accounts)[:ACCOUNTS_OFFERED]
