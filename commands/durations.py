"""Durations such as 30m, 12h or 7d."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=365)


class Duration(click.ParamType[timedelta]):
    """A whole number and a unit, from one minute to a year."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration. Raises a usage error."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([mhd])", str(value), re.ASCII)
        duration = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
        if not timedelta() < duration <= LONGEST:
            self.fail(f"{value!r} is not a duration from 1m to 365d, such as 30m, 12h or 7d.", param, ctx)
        return duration
