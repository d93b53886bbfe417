"""How often an open page asks for the live panel, and whether what it shows is still so. Pure.

A connected page goes on asking where its stack reports: docs/decisions/0019-a-deleted-stack.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from onboarding.callback.news import StackNews
from onboarding.explanation import NORMAL_SPREAD, is_refused_despite_its_trust
from onboarding.ground.status import Status
from onboarding.model import Connection

# Up to this age of the wait, this many seconds between two polls: often at first, seldom in a forgotten tab.
_INTERVALS: tuple[tuple[timedelta, int], ...] = (
    (timedelta(minutes=1), 1),
    (timedelta(minutes=2), 2),
    (timedelta(minutes=10), 5),
    (timedelta(hours=1), 15),
)
_LAST_INTERVAL = 60
_INTERVAL_CONNECTED = 10
# Nothing comes while the tenant reads: a draft changes only by what they do themselves.
_INTERVAL_DRAFT = 2
# A moment in seconds since 1970 has ten digits until the year 2286.
_LONGEST_END = 10


def interval_seconds(connection: Connection, *, now: datetime, hears: bool) -> int | None:
    """Return the seconds until the next poll, or None if nothing more is to come.

    `hears` says whether the stack of a connected role reports when it is deleted.
    """
    if connection.status is Status.CONNECTED and connection.stack_deleted_at:
        return _INTERVALS[0][1]
    if connection.status is Status.CONNECTED and hears:
        return _INTERVAL_CONNECTED
    if not connection.is_settling:
        return None
    age = _age(connection, now)
    seconds = next((seconds for until, seconds in _INTERVALS if age < until), _LAST_INTERVAL)
    return max(_INTERVAL_DRAFT, seconds) if connection.status is Status.DRAFT else seconds


def panel_tag(connection: Connection, news: StackNews, *, now: datetime, vendor_finding_code: str, hears: bool) -> str:
    """Return the tag of the panel as it is now, which changes whenever the panel does.

    A poll does not read the stacks that reported: each report is a new version of the connection. What time alone makes
    of them stands behind a `~`: the second in which this panel ends.
    """
    head = _head(connection, now=now, vendor_finding_code=vendor_finding_code, hears=hears)
    return f"{head}~{ceil(news.changes_at.timestamp())}" if news.changes_at else head


def is_current(has: str, connection: Connection, *, now: datetime, vendor_finding_code: str, hears: bool) -> bool:
    """Whether `has`, the tag of a panel that a browser shows, is that of the panel as it is now."""
    head, _, end = has.partition("~")
    is_over = len(end) <= _LONGEST_END and end.isascii() and end.isdecimal() and now.timestamp() >= int(end)
    return not is_over and head == _head(connection, now=now, vendor_finding_code=vendor_finding_code, hears=hears)


def waits_for_role(connection: Connection) -> bool:
    """Whether we ask AWS for a role that has not answered yet."""
    return connection.status is Status.WAITING and connection.claimed_role_arn is not None


def is_slow_to_answer(connection: Connection, *, now: datetime) -> bool:
    """Whether the role takes longer than new roles usually do."""
    return waits_for_role(connection) and _age(connection, now) > NORMAL_SPREAD


def _head(connection: Connection, *, now: datetime, vendor_finding_code: str, hears: bool) -> str:
    # A problem with the worker's own AWS identity changes no connection, but the panel of a waiting one shows it.
    ours = vendor_finding_code if connection.status is Status.WAITING else ""
    despite = int(is_refused_despite_its_trust(connection, now=now))
    slow = int(is_slow_to_answer(connection, now=now))
    return f"{connection.version}.{interval_seconds(connection, now=now, hears=hears) or 0}.{slow}.{despite}.{ours}"


def _age(connection: Connection, now: datetime) -> timedelta:
    return now - connection.watched_for_since
