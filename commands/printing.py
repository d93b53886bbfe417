"""The one door to the terminal: tables for people, JSON for programs, and nothing that a terminal takes for a command.

Tenants and AWS choose much of what is printed here: names, policies, error texts. What a terminal would obey, or a
reader would not see, stands there as `\\x1b` or `\\u202e`, and no value can begin a line of its own. An access key of
AWS's that somebody put among it has stars in place of what is secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from tabulate import tabulate

from onboarding.pasted.access_keys import masked


def print_line(text: str, *, err: bool = False) -> None:
    """Print one line, whatever the text holds; `err` prints to stderr."""
    click.echo(printable(text), err=err)


def print_lines(text: str, *, err: bool = False) -> None:
    """Print a text of ours as it is, line by line. A value in it has to be `shown`, so that it has no line end."""
    click.echo("\n".join(map(printable, text.split("\n"))), err=err)


def confirmed(question: str) -> bool:
    """Ask a question of ours, and return whether the answer is yes. No answer at all is a no."""
    try:
        return click.confirm(printable(question), default=False)
    except click.Abort:
        return False


def print_json(value: Any) -> None:
    """Print the value as JSON, times in ISO 8601."""
    text = masked(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))
    # Line ends stand between values alone; JSON has an escape of its own for every other character.
    click.echo("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print rows under their headings in aligned columns, or the sentence for an empty list."""
    if not rows:
        print_line(empty)
        return
    cells = [[shown(cell) for cell in row] for row in rows]
    print_lines(tabulate(cells, headings, tablefmt="plain", disable_numparse=True))


def print_rows(headings: Sequence[str], rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    """Print rows as JSON, or as a table."""
    if as_json:
        print_json(rows)
    else:
        print_table(headings, [list(row.values()) for row in rows], empty=empty)


def print_facts(facts: Sequence[tuple[str, object]]) -> None:
    """Print named values, one a line, the names aligned."""
    cells = [(shown(name), shown(value)) for name, value in facts]
    print_lines(tabulate(cells, tablefmt="plain", disable_numparse=True))


def shown(value: object) -> str:
    """Return the value as text for a terminal, `-` for nothing, with control characters escaped."""
    if value is None or value in ("", ()):
        return "-"
    return printable(" ".join(value) if isinstance(value, tuple) else _plain(value))


def printable(text: str) -> str:
    """Return the text with control characters escaped and access keys masked: tenants and AWS can send some."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in masked(text))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
