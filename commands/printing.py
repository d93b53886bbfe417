"""Plain output: tables for people, JSON for programs, and nothing that could steer a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from tabulate import tabulate


def print_json(value: Any) -> None:
    """Print the value as JSON, times in ISO 8601."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print rows under their headings in aligned columns, or the sentence for an empty list."""
    if not rows:
        click.echo(empty)
        return
    cells = [[shown(cell) for cell in row] for row in rows]
    click.echo(tabulate(cells, headings, tablefmt="plain", disable_numparse=True))


def print_facts(facts: Sequence[tuple[str, object]]) -> None:
    """Print named values, one a line, the names aligned."""
    cells = [(name, shown(value)) for name, value in facts]
    click.echo(tabulate(cells, tablefmt="plain", disable_numparse=True))


def shown(value: object) -> str:
    """Return the value as text for a terminal: control characters, which may come from tenants, are escaped."""
    text = "-" if value is None or value == "" else _plain(value) if isinstance(value, datetime) else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
