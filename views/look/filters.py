"""How a page shows times and numbers."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from jinja2 import Environment

from onboarding.ground.arn import spaced
from views.look.language import format_day, format_number


def install_filters(env: Environment) -> None:
    """Register the filters that templates use."""
    env.filters.update(spaced=spaced, clock=clock, day=format_day, tenths=partial(format_number, pattern="0.0"))
    env.filters["iso"] = partial(datetime.isoformat, timespec="seconds")


def clock(at: datetime) -> str:
    """Return the time of day, with its zone."""
    return f"{at:%H:%M:%S} UTC"
