"""Limits the AssumeRole calls a second of one process.

STS allows 600 requests a second for an account and region. A worker with a thousand connections to verify must leave
most of them to the vendor's other tools.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """A token bucket: `per_second` calls on average, and those of a tenth of a second (at least one) at once.

    So in no second are there more than 1.1 times `per_second` calls, plus one.
    """

    def __init__(
        self,
        per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_second <= 0:
            raise ValueError("a budget must allow at least one call")
        self.per_second = per_second
        self._now = now
        self._sleep = sleep
        self._at_once_seconds = max(0.1, 1 / per_second)
        self._lock = threading.Lock()
        # When the bucket is full again if nobody takes anything: the only state.
        self._full_at = now()

    def take(self) -> float:
        """Wait until a call is allowed, and return the seconds waited. The first to ask is the first to go on."""
        with self._lock:
            now = self._now()
            self._full_at = max(self._full_at, now) + 1 / self.per_second
            wait = max(0.0, self._full_at - now - self._at_once_seconds)
        if wait:
            self._sleep(wait)
        return wait
