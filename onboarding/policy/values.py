"""Dates, numbers and addresses as policies write them. Nothing raises: what cannot be read is None."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

_LONGEST = 64
_MOST_KEPT = 2_048
_Reader = TypeVar("_Reader", bound=Callable[[str], Any])


def _of_bounded_text(read: _Reader) -> _Reader:
    """Let a function see, and keep the answer for, no text longer than any value of its kind."""
    kept = lru_cache(maxsize=_MOST_KEPT)(read)

    @wraps(read)
    def bounded(text: str) -> Any:
        return kept(text) if len(text) <= _LONGEST else None

    return cast(_Reader, bounded)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@_of_bounded_text
def instant(text: str) -> float | None:
    """Return a date in seconds since 1970.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    (ISO 8601 as the W3C has it, or seconds since 1970).
    """
    seconds = number(text)
    if seconds is not None and not (text.isdecimal() and len(text) == 4):  # Four digits are a year.
        return seconds
    try:
        at = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None


@_of_bounded_text
def number(text: str) -> float | None:
    """Return a number, or None for what is none, for infinity and for `nan`."""
    if "_" in text:
        return None
    try:
        read = float(text)
    except ValueError:
        return None
    return read if math.isfinite(read) else None


@_of_bounded_text
def network(text: str) -> Network | None:
    """Return an address or a range in CIDR form; an address alone is a range of one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
    """
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
