"""How values read on a page."""

from __future__ import annotations

from datetime import datetime

from jinja2 import Environment

from onboarding.arn import spaced


def install_filters(env: Environment) -> None:
    """Register the filters that templates use."""
    env.filters.update(spaced=spaced, iso=_iso, clock=clock, day=_day)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def clock(at: datetime) -> str:
    """Return the time of day, with its zone."""
    return f"{at:%H:%M:%S} UTC"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
