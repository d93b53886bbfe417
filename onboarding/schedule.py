"""When a connection is looked at next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

Moment = TypeVar("Moment", datetime, datetime | None)

WATCHED_FOR = timedelta(seconds=20)
TOUCH_EVERY = timedelta(seconds=15)
WATCHING_ENDS_AFTER = timedelta(days=7)
TROUBLE_PAUSE = timedelta(seconds=5)
GONE_PAUSE = timedelta(seconds=2)
# A connected role is proved again each day. One that does not answer is asked again after a minute.
PROOF_PAUSE = timedelta(days=1)
DOUBT_PAUSE = timedelta(minutes=1)
LOST_AFTER_ROUNDS = 3
# After its stack was deleted, a role is watched for so long: it answers for some seconds more.
ROLE_GOES_WITHIN = timedelta(minutes=10)
# Whoever deletes the stack to create it again has so much time before the connection ends.
RECONNECTS_WITHIN = timedelta(hours=24)
# Whoever begins to do so in time has so much more: a stack takes its minutes.
FINISHES_WITHIN = timedelta(hours=1)
# The latest that a proved role can be due again: see `_spread`.
LONGEST_PROOF_PAUSE = 1.2 * PROOF_PAUSE
# A clock can be set, and those of two machines differ a little. A time further in the future is not believed.
CLOCKS_DIFFER_BY = timedelta(seconds=10)
# For how long a worker has a connection to itself. Longer than the longest verification: LONGEST_QUESTIONING and the
# slow call begun just before that ended, aws.self_report.REPORT_SECONDS and another slow call, and the judging.
LEASE = timedelta(seconds=120)
# Several heartbeats of a worker, so that a busy moment is not an alarm.
WORKER_SILENT_AFTER = timedelta(seconds=30)
# Later than this, a verification that is due is late, whatever the workers say of themselves.
LATE_AFTER = timedelta(minutes=2)

# Up to this age of the wait: the pause between two looks while somebody watches, and while nobody does.
_PAUSES: tuple[tuple[timedelta, timedelta, timedelta], ...] = (
    (timedelta(minutes=2), timedelta(seconds=1), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=1), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(seconds=5), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(seconds=15), timedelta(minutes=5)),
)
_LAST_PAUSES = (timedelta(seconds=60), timedelta(minutes=30))


def is_watched(watched_at: datetime | None, *, now: datetime) -> bool:
    """Whether somebody is looking: a poll came within the last 20 seconds."""
    return _is_within(watched_at, WATCHED_FOR, now)


def is_touched(watched_at: datetime | None, *, now: datetime) -> bool:
    """Whether it was noted so lately that somebody is looking that it need not be noted again."""
    return _is_within(watched_at, TOUCH_EVERY - timedelta.resolution, now)


def is_worker_alive(last_beat: datetime | None, *, now: datetime) -> bool:
    """Whether a worker reported lately."""
    return _is_within(last_beat, WORKER_SILENT_AFTER, now)


def lateness(waiting_since: datetime | None, *, now: datetime) -> timedelta | None:
    """Return for how long the connection waits that waits longest for its verification, if that is too long."""
    late = now - waiting_since if waiting_since else timedelta()
    return late if late > LATE_AFTER else None


def plausible(at: Moment, *, now: datetime) -> Moment:
    """Return the time, or now where it is in the future: it was noted before the clock was set back."""
    return now if at is not None and at - now > CLOCKS_DIFFER_BY else at


def _is_within(at: datetime | None, span: timedelta, now: datetime) -> bool:
    """Whether that time was within the span before now. One in the future is none of ours."""
    return at is not None and -CLOCKS_DIFFER_BY <= now - at <= span


def pause(*, age: timedelta, watched: bool, is_trouble: bool, jitter: float) -> timedelta:
    """Return how long to wait before the next look.

    `age` is the time since the tenant last did something; `is_trouble` says that the fault is on AWS's or our own
    side, so that asking sooner would only make it worse; `jitter` is in [0, 1) and spreads the pauses that nobody
    watches by a fifth either way, so that connections made together do not always ask AWS together.
    """
    seen, unseen = next(((s, u) for until, s, u in _PAUSES if age < until), _LAST_PAUSES)
    if watched:
        return max(seen, TROUBLE_PAUSE) if is_trouble else seen
    return _spread(unseen, jitter)


def proof_pause(*, jitter: float) -> timedelta:
    """Return how long until a proved role is proved again: a day, spread as above."""
    return _spread(PROOF_PAUSE, jitter)


def unanswered_pause(so_far: timedelta) -> timedelta:
    """Return how long until a connected role is asked again if a check had no answer, as while its stack is made.

    `so_far` is how long that has lasted since the last round: the pause is a minute at first, then twice as long each
    time, since a stack completes within minutes or takes long.
    """
    return min(max(DOUBT_PAUSE, 2 * so_far), PROOF_PAUSE)


def gone_pause(so_far: timedelta) -> timedelta:
    """Return how long until a role is asked again that still answers `so_far` after its stack was deleted.

    A minute at most: the deletion that was heard may not have been the one that takes the role, which goes any minute.
    """
    return min(max(GONE_PAUSE, so_far), DOUBT_PAUSE)


def _spread(pause: timedelta, jitter: float) -> timedelta:
    return pause * (0.8 + 0.4 * jitter)
