"""How often something came within a minute, in this process's memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

WINDOW_SECONDS = 60
# 50,000 of the longest keys take 14 MB, for addresses and for tenants each. Whoever sends from more addresses is not
# held by counting addresses anyway.
_REMEMBERED = 50_000


class Counters:
    """Counts each key within a minute that starts with its first time. Thread-safe; at most so many keys are known.

    Keys are kept in the order in which their minutes began, so the first is over first. That costs the same for one
    key as for all (docs/decisions/0001-libraries.md).
    """

    def __init__(self, *, remembered: int = _REMEMBERED, clock: Callable[[], float] = time.monotonic) -> None:
        self._remembered = remembered
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def wait(self, key: str, *, most: int) -> int:
        """Count the key once more, and return 0; or return for how many seconds it is not allowed any more."""
        with self._lock:
            now = self._clock()
            began, count = self._counts.get(key, (now, 0))
            if now - began >= WINDOW_SECONDS:
                del self._counts[key]
                began, count = now, 0
            if count >= most:
                return max(1, ceil(began + WINDOW_SECONDS - now))
            self._counts[key] = (began, count + 1)
            self._forget(now)
        return 0

    def _forget(self, now: float) -> None:
        # Each call adds one key at most, so two at a time are enough, and no call pays for all of them.
        for _ in range(2):
            oldest = next(iter(self._counts))
            if len(self._counts) <= self._remembered and now - self._counts[oldest][0] < WINDOW_SECONDS:
                return
            del self._counts[oldest]
