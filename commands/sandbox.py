"""The sandbox: Rolecall with an AWS of its own, on one machine."""

from __future__ import annotations

from pathlib import Path

import click

from commands.logs import set_up_logging
from commands.serve import serve_installation


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True, help="The wizard's port.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the store in this folder. Default: a temporary one.",
)
@click.option(
    "--stack-seconds",
    type=click.FloatRange(min=0, max=600),
    default=6,
    show_default=True,
    help="How long a stack takes to complete.",
)
@click.pass_context
def sandbox(ctx: click.Context, port: int, data: Path | None, stack_seconds: float) -> None:
    """Try Rolecall without an AWS account: wizard, worker and a stand-in for AWS on this machine.

    Not for production: it lets anyone in, and its AWS is make-believe.
    """
    # Only here: production does without moto and everything else that the sandbox needs.
    try:
        from sandbox.run import run_sandbox  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "moto":
            raise
        raise click.ClickException("The sandbox needs moto: pip install -r requirements-dev.txt") from None
    set_up_logging()
    run_sandbox(port=port, data=data, stack_seconds=stack_seconds, env=ctx.obj, serve=serve_installation)
