"""Values worth trying for a condition key: those that tell dates, numbers, addresses and truths apart."""

from __future__ import annotations

import ipaddress
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from onboarding.policy.effort import spend
from onboarding.policy.values import instant, network, number
from onboarding.trust.request_keys import EPOCH, ValueKind, times

_SORTING, _LOOKING_UP = 40, 30
_MOST_WITHIN = 6


def candidates(name: str, kind: ValueKind, values: Sequence[str], *, now: datetime) -> Iterator[str]:
    """Yield values of a key that tell apart what a policy compares with: limits, and what lies between."""
    if kind is ValueKind.TIME:
        starts = now.timestamp()
        for seconds in around([starts, *readable(instant, values)]):
            if seconds >= int(starts):
                yield _time(name, seconds)
    elif kind is ValueKind.ADDRESS:
        yield from _addresses(values)
    elif kind is ValueKind.TRUTH:
        yield from ("true", "false")
    elif values:
        yield from ("true", "false")
        for limit in around(readable(number, values)):
            yield format(Decimal(repr(limit)), "f")
        for seconds in around(readable(instant, values)):
            yield from (_time(name, seconds), str(int(seconds)))
        yield from _addresses(values)
        yield from values


def readable(as_what: Callable[[str], float | None], values: Iterable[str]) -> list[float]:
    """Return those of a policy's values that are dates, or numbers."""
    return [limit for limit in map(as_what, values) if limit is not None]


def around(limits: Iterable[float]) -> Iterator[float]:
    """Yield each limit, what is just beside it, and what lies between two."""
    ordered = sorted(set(limits))
    for limit in ordered:
        # The last two for limits so large that one more or less is no other number.
        yield from (limit, limit - 1, limit + 1, math.nextafter(limit, -math.inf), math.nextafter(limit, math.inf))
    for below, above in pairwise(ordered):
        yield (below + above) / 2


def _time(name: str, seconds: float) -> str:
    try:
        at = datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    said = times(at)
    return said[EPOCH][0] if name == EPOCH else said["aws:currenttime"][0]


def _addresses(values: Iterable[str]) -> Iterator[str]:
    yield from ("198.51.100.77", "203.0.113.77", "10.1.2.3", "2001:db8::77")
    for within in [read for value in values if (read := network(value)) is not None]:
        first, last = int(within.network_address), int(within.broadcast_address)
        most = 2**within.max_prefixlen
        make = ipaddress.IPv4Address if within.version == 4 else ipaddress.IPv6Address
        # Beside the ends, a few within: single addresses may be excepted.
        for at in (first, last, first - 1, last + 1, *range(first + 1, min(last, first + _MOST_WITHIN))):
            if 0 <= at < most:
                yield str(make(at))


def in_ranges(values: Sequence[str]) -> Callable[[str], bool]:
    """Return whether an address is in one of these ranges, as a function of it. What is no range holds nothing."""
    spend(_SORTING * len(values))
    ends: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    for within in [read for value in values if (read := network(value)) is not None]:
        ends[within.version].append((int(within.network_address), int(within.broadcast_address)))
    merged = {version: _merged(sorted(some)) for version, some in ends.items()}

    def is_within(value: str) -> bool:
        spend(_LOOKING_UP)
        address = network(value)
        if address is None:
            return False
        ranges = merged[address.version]
        at = bisect_right(ranges, (int(address.network_address), 2**128)) - 1
        return at >= 0 and int(address.broadcast_address) <= ranges[at][1]

    return is_within


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted ranges without those that overlap."""
    merged: list[tuple[int, int]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
