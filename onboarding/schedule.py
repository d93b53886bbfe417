"""When a connection is looked at next."""

from __future__ import annotations

from datetime import datetime, timedelta

WATCHED_FOR = timedelta(seconds=20)
TOUCH_EVERY = timedelta(seconds=15)
WATCHING_ENDS_AFTER = timedelta(days=7)
WATCHED_PAUSE = timedelta(seconds=1)
VENDOR_PAUSE = timedelta(seconds=5)
# Several heartbeats of a worker, so that a busy moment is not an alarm.
WORKER_SILENT_AFTER = timedelta(seconds=30)

# The age of the wait, and the pause between two looks at that age while nobody watches.
_PAUSES: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=5)),
)
_LAST_PAUSE = timedelta(minutes=30)


def is_watched(watched_at: datetime | None, *, now: datetime) -> bool:
    """Whether somebody is looking: a poll came within the last 20 seconds."""
    return watched_at is not None and now - watched_at <= WATCHED_FOR


def pause(*, age: timedelta, watched: bool, vendor_fault: bool, jitter: float) -> timedelta:
    """Return how long to wait before the next look.

    `age` is the time since the tenant last did something; `jitter` is in [0, 1) and spreads the pauses that
    nobody sees by a fifth either way, so that connections made together do not knock together for ever.
    """
    if watched:
        return VENDOR_PAUSE if vendor_fault else WATCHED_PAUSE
    plain = next((pause for until, pause in _PAUSES if age < until), _LAST_PAUSE)
    return plain * (0.8 + 0.4 * jitter)
