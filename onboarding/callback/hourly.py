"""What strangers can cause again and again is said once an hour."""

from __future__ import annotations

from datetime import timedelta

HOUR = timedelta(hours=1)
MOST = 100


class Hourly:
    """Remembers what was said within the hour, and of that at most MOST things: beyond them nothing is said.

    Threads can share one. Two that ask at the same moment might both be told to say it, which does no harm.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._said: dict[str, timedelta] = {}

    def is_new(self, thing: str, *, at: timedelta) -> bool:
        """Whether to say this now. `at` is the time since some fixed moment (Clock.elapsed)."""
        for old, said_at in list(self._said.items()):
            if at - said_at >= HOUR:
                self._said.pop(old, None)
        if thing in self._said or len(self._said) >= self._most:
            return False
        self._said[thing] = at
        return True
