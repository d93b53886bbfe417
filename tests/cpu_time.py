"""How much processor time something takes, and how that grows with its input."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

ALLOWED = 0.050
# Below this, noise is larger than growth.
NOTICED = 0.005
MOST_GROWTH = 2.5
ROUNDS = 5


def seconds(act: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the median of the processor time that this thread needs for the act."""
    taken = []
    gc.collect()
    gc.disable()  # What other tests left behind is not what the act costs.
    try:
        for _ in range(rounds):
            started = time.thread_time()
            act()
            taken.append(time.thread_time() - started)
    finally:
        gc.enable()
    return statistics.median(taken)


def grows_too_fast(half: Callable[[], object], whole: Callable[[], object]) -> str:
    """Return what is wrong if the whole costs too much, or far more than twice its half; else an empty string."""
    one, two = seconds(half), seconds(whole)
    if two > ALLOWED:
        return f"{two * 1000:.1f} ms"
    if two > NOTICED and two > MOST_GROWTH * one:
        return f"{one * 1000:.1f} ms for the half, {two * 1000:.1f} ms for the whole"
    return ""
