"""What an input costs in processor time, and whether that is too much.

Limits are in milliseconds of the machine that they were set on. A loop of plain Python, whose time there is known, is
measured beside every suspect: on a machine that is slower, or slowed down by what else runs on it, all limits grow by
as much, and they never shrink.

Above 5 ms, an input at 2× can cost 2.5 times as much as at 1×. Where the longer one gets another answer, such as a page
instead of a redirect, its cost says nothing about growth: then 4× is held against 2×.

An input is first tried once at its full size. It is a suspect if that takes more than 5 ms and more than twice what a
tiny one takes: otherwise it can neither be over the limit nor grow faster than that. A suspect is measured once at 1×,
2× and 4×, and clears itself below 60 % of the limit. Otherwise the medians of five count, each size in turn. What fails
is measured again, twice at most, and passes if all three sizes of one attempt pass together. Noise fails some attempts.
Growth by the square fails each: twice the size costs four times as much.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

# Everything at every route (`make abuse`), or each way in once (`make test`).
IS_WHOLE = os.environ.get("ROLECALL_ABUSE") == "whole"

REQUEST_MS, VERIFICATION_MS = 50.0, 250.0
NOTICED_MS, MOST_GROWTH = 5.0, 2.5
# So many times the limit is no noise: it is not measured again, which could take minutes.
HOPELESS = 8
SIZES = (0.25, 0.5, 1.0)
TINY = 0.0
_ATTEMPTS, _CLEARLY = 3, 0.6
_LOOP_MS = 1.0


class Answered(NamedTuple):
    """What came of an input: the kind of answer, such as its status, and a complaint if something is wrong with it."""

    kind: str = ""
    complaint: str = ""


# For a part of the full size: what gets ready, and returns what is measured.
Preparing = Callable[[], Callable[[], Answered]]
Making = Callable[[float], Preparing]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Cost:
    """The medians and kinds of answers at 1×, 2× and 4×, and how many times slower this machine was."""

    entry: str
    shape: str
    at: tuple[float, float, float]
    kinds: tuple[str, str, str]
    pace: float

    @property
    def paced(self) -> tuple[float, float, float]:
        """The same on the machine of the limits."""
        once, twice, whole = (ms / self.pace for ms in self.at)
        return once, twice, whole

    def fault(self, limit_ms: float) -> str:
        """Return what is wrong, or an empty string."""
        once, twice, whole = self.paced
        shown = f"{self.entry}: {self.shape}: {once:.1f}, {twice:.1f}, {whole:.1f} ms at 1×, 2×, 4×"
        if whole > limit_ms:
            return f"{shown}, and at most {limit_ms:.0f} are allowed"
        first, second, third = self.kinds
        half, double = (once, twice) if first == second else (twice, whole) if second == third else (whole, whole)
        grows = double > NOTICED_MS and double > MOST_GROWTH * half
        return f"{shown}: it grows faster than its size" if grows else ""


@dataclass
class Bench:
    """Tries inputs, and keeps what was tried for the table."""

    limit_ms: float
    tried: dict[str, int] = field(default_factory=dict)
    slowest: dict[str, tuple[float, str, str, Making]] = field(default_factory=dict)
    _tiny: dict[str, float] = field(default_factory=dict)

    def fault(self, entry: str, shape: str, make: Making) -> str:
        """Try one shape of input at one way in; return what is wrong, or an empty string."""
        self.tried[entry] = self.tried.get(entry, 0) + 1
        took, answered = _cost(make(1.0))
        self._remember(took, entry, shape, make)
        if answered.complaint:
            return f"{entry}: {shape}: {answered.complaint}"
        if took > HOPELESS * self.limit_ms:
            return f"{entry}: {shape}: {took:.0f} ms at once"
        if took <= NOTICED_MS or took <= min(2 * self._tiny_cost(entry, make), self.limit_ms / 2):
            return ""
        fault = measured(entry, shape, make, rounds=1).fault(_CLEARLY * self.limit_ms)
        for _ in range(_ATTEMPTS):
            if not fault:
                break
            fault = measured(entry, shape, make).fault(self.limit_ms)
        return fault

    @property
    def summary(self) -> str:
        """What was tried."""
        return f"{len(self.tried)} ways in, {sum(self.tried.values())} inputs, at most {self.limit_ms:.0f} ms each"

    def slowest_five(self) -> list[str]:
        """Return the slowest five inputs of different ways in, with their cost at each size."""
        costs = sorted((measured(*row[1:]) for row in self.slowest.values()), key=lambda cost: -cost.paced[2])[:5]
        head = f"{'1×':>8} {'2×':>8} {'4×':>8}  ms"
        return [head, *(" ".join(f"{ms:8.1f}" for ms in c.paced) + f"  {c.entry}: {c.shape}" for c in costs)]

    def _remember(self, took: float, entry: str, shape: str, make: Making) -> None:
        """Keep the slowest input of each way in, of the eight slowest ways in."""
        if took > self.slowest.get(entry, (0.0,))[0]:
            rows = sorted([*self.slowest.values(), (took, entry, shape, make)], key=lambda row: -row[0])
            self.slowest = {}
            for row in rows[:9]:
                self.slowest.setdefault(row[1], row)

    def _tiny_cost(self, entry: str, make: Making) -> float:
        if entry not in self._tiny:
            self._tiny[entry] = statistics.median(_cost(make(TINY))[0] for _ in range(3))
        return self._tiny[entry]


def sample(items: Mapping[str, Item], *, one_in: int, of: int, always: bool) -> Iterator[tuple[str, Item]]:
    """Yield one item in so many, others for each number `of`; or always all of them."""
    yield from (item for number, item in enumerate(items.items()) if always or number % one_in == of % one_in)


def measured(entry: str, shape: str, make: Making, *, rounds: int = 5) -> Cost:
    """Return the medians of so many rounds at each size, measured in turn, with the loop among them."""
    works = [*(make(size) for size in SIZES), lambda: reference_loop]
    seen = [[_cost(prepare) for prepare in works] for _ in range(rounds)]
    once, twice, whole, loop = (statistics.median(ms for ms, _ in column) for column in zip(*seen, strict=True))
    first, second, third, _ = (answered.kind for _, answered in seen[-1])
    return Cost(entry, shape, (once, twice, whole), (first, second, third), max(1.0, loop / _LOOP_MS))


def _cost(prepare: Preparing) -> tuple[float, Answered]:
    """Return the milliseconds of processor time that this thread needs, and what came of it."""
    run = prepare()
    started = time.thread_time()
    answered = run()
    return (time.thread_time() - started) * 1000, answered


def reference_loop() -> Answered:
    """Take what was a millisecond on the machine of the limits."""
    seen: dict[int, str] = {}
    for number in range(4000):
        seen[number % 97] = f"{number}{seen.get(number % 89, '')[:8]}"
    return Answered()
