"""How a page writes times, numbers and hidden fields."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from jinja2 import Environment
from markupsafe import Markup, escape

from onboarding.ground.arn import spaced
from views.look.language import format_day, format_number


def install_filters(env: Environment) -> None:
    """Register the filters that templates use."""
    env.filters.update(spaced=spaced, clock=clock, day=format_day, tenths=partial(format_number, pattern="0.0"))
    env.filters["unread"] = unread
    env.filters["iso"] = partial(datetime.isoformat, timespec="seconds")


def clock(at: datetime) -> str:
    """Return the time of day, with its zone."""
    return f"{at:%H:%M:%S} UTC"


def unread(text: str) -> Markup:
    """Return the value of a field that nobody reads, as it was sent: `visible` must not write out what hides in it."""
    return Markup(escape(text).encode("ascii", "xmlcharrefreplace").decode())  # noqa: S704 (escaped)
