"""A budget of AssumeRole calls a second, shared by every thread of a process.

STS allows 600 requests a second for each account and region, all callers together; a worker that comes back to a
thousand waiting connections must leave most of that to the vendor's other tools.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """A token bucket: `per_second` calls on average, and a tenth of a second's worth (one at least) at once.

    So no second ever sees more than 1.1 times the budget, a call more at the most.
    """

    def __init__(
        self,
        per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_second <= 0:
            raise ValueError("a budget must allow something")
        self.per_second = per_second
        self._now = now
        self._sleep = sleep
        self._at_once_seconds = max(0.1, 1 / per_second)
        self._lock = threading.Lock()
        # When the bucket would be full, had nobody taken anything since: the whole state in one number.
        self._full_at = now()

    def take(self) -> float:
        """Wait for one call's turn, and return the seconds waited. Turns are given in the order asked."""
        with self._lock:
            now = self._now()
            self._full_at = max(self._full_at, now) + 1 / self.per_second
            wait = max(0.0, self._full_at - now - self._at_once_seconds)
        if wait:
            self._sleep(wait)
        return wait
