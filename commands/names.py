"""Names that an operator types. Pages show them, so they are printable and not too long."""

from __future__ import annotations

import click

LONGEST_NAME = 100


def printable_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name without extra white space. Raises BadParameter."""
    if value is None:
        return None
    name = " ".join(value.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"give 1 to {LONGEST_NAME} printable characters.", ctx, param)
    return name
