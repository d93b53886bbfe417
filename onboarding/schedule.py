"""When a connection is looked at next."""

from __future__ import annotations

from datetime import datetime, timedelta

WATCHED_FOR = timedelta(seconds=20)
TOUCH_EVERY = timedelta(seconds=15)
WATCHING_ENDS_AFTER = timedelta(days=7)
TROUBLE_PAUSE = timedelta(seconds=5)
# A connected role is proved again each day. One that does not answer is asked again after a minute.
PROOF_PAUSE = timedelta(days=1)
DOUBT_PAUSE = timedelta(minutes=1)
LOST_AFTER_ROUNDS = 3
# Several heartbeats of a worker, so that a busy moment is not an alarm.
WORKER_SILENT_AFTER = timedelta(seconds=30)

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
    return watched_at is not None and now - watched_at <= WATCHED_FOR


def is_worker_alive(last_beat: datetime | None, *, now: datetime) -> bool:
    """Whether a worker reported lately."""
    return last_beat is not None and now - last_beat <= WORKER_SILENT_AFTER


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


def _spread(pause: timedelta, jitter: float) -> timedelta:
    return pause * (0.8 + 0.4 * jitter)
