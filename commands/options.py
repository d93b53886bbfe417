"""Options that several commands share, and the kinds of values that options have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

LONGEST_NAME = 100
LONGEST_DURATION = timedelta(days=365)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def printable_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name without extra white space. Raises BadParameter for one that a page cannot show."""
    if value is None:
        return None
    name = " ".join(value.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"give 1 to {LONGEST_NAME} printable characters.", ctx, param)
    return name


def parsed_by(parse: Callable[[Any], object]) -> Callable[..., object]:
    """Return a callback that parses the option's value, if it has one. Raises what `parse` raises."""
    return lambda _ctx, _param, value: parse(value) if value else None


class Duration(click.ParamType[timedelta]):
    """A whole number and a unit, from one minute to a year: 30m, 12h, 7d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration. Raises BadParameter."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([mhd])", str(value), re.ASCII)
        duration = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
        if not timedelta() < duration <= LONGEST_DURATION:
            self.fail(f"{value!r} is not a duration from 1m to 365d, such as 30m, 12h or 7d.", param, ctx)
        return duration
