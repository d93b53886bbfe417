"""Is this installation fit to run? One line a question, and how to mend what is wrong."""

from __future__ import annotations

from dataclasses import asdict

import click

from commands.examinations import QUESTIONS, examine
from commands.printing import print_json, shown


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Examine this installation: one line each, OK or FAIL with what to do. Exit code 1 if any fails.

    Its settings; whose AWS credentials it has; whether they may assume roles; whether tenants can read the stack
    template, and whom that trusts; the store; the worker.
    """
    found = {name: examine(name, ctx.obj) for name in QUESTIONS}
    if as_json:
        print_json([{"question": name, **asdict(finding)} for name, finding in found.items()])
    else:
        width = max(len(name) for name in found)
        for name, finding in found.items():
            mark = "OK  " if finding.is_ok else "FAIL"
            click.echo(f"{mark}  {name.ljust(width)}  {shown(f'{finding.sentence} {finding.fix}'.strip())}")
    ctx.exit(0 if all(f.is_ok for f in found.values()) else 1)
