"""Dates, numbers and addresses as policies write them. Nothing raises: what cannot be read is None."""

from __future__ import annotations

import ipaddress
import math
from datetime import UTC, datetime
from functools import lru_cache

_LONGEST = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=2048)
def instant(text: str) -> float | None:
    """Return a date in seconds since 1970.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    (ISO 8601 as the W3C has it, or seconds since 1970).
    """
    if len(text) > _LONGEST:
        return None
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


@lru_cache(maxsize=2048)
def number(text: str) -> float | None:
    """Return a number, or None for what is none, for infinity and for `nan`."""
    if len(text) > _LONGEST or "_" in text:
        return None
    try:
        read = float(text)
    except ValueError:
        return None
    return read if math.isfinite(read) else None


@lru_cache(maxsize=2048)
def network(text: str) -> Network | None:
    """Return an address or a range in CIDR form; an address alone is a range of one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
    """
    if len(text) > _LONGEST:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
