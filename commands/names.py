"""Names that an operator gives: printable, and of a length that a page can show."""

from __future__ import annotations

import click

LONGEST_NAME = 100


def printable_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name with its blanks tidied. Raises BadParameter."""
    if value is None:
        return None
    name = " ".join(value.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"give 1 to {LONGEST_NAME} printable characters.", ctx, param)
    return name
