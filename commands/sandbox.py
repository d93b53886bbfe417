"""Runs the sandbox: Rolecall with a stand-in for AWS, on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from commands.logs import set_up_logging
from commands.serve import serve_installation
from config import Config
from wiring import build


class _LocalName(click.ParamType[str]):
    """`localhost` or a name below it, which browsers find on their own machine."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "localhost" and not value.endswith(".localhost"):
            self.fail("give localhost, or a name that ends in .localhost.", param, ctx)
        return value


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
@click.option(
    "--host", type=_LocalName(), default="localhost", show_default=True, help="What browsers call this machine."
)
@click.option("--without-callbacks", is_flag=True, help="Stacks do not report back, as in an installation without.")
@click.pass_context
def sandbox(
    ctx: click.Context, *, port: int, data: Path | None, stack_seconds: float, host: str, without_callbacks: bool
) -> None:
    """Try Rolecall on this machine, without an AWS account.

    Runs the wizard, the worker and a stand-in for AWS. Do not use it in production: it lets anyone in.
    """
    # Imported here, since production has no moto.
    try:
        from sandbox.portal import running_portal  # noqa: PLC0415
        from sandbox.run import run_sandbox  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "moto":
            raise
        raise click.ClickException("The sandbox needs moto: pip install -r requirements-dev.txt") from None
    set_up_logging()

    def serve(env: Mapping[str, str], *, host: str, port: int, threads: int) -> None:
        """Serve the installation and the example portal, with an API key that is revoked at the end."""
        config = Config.from_env(env)
        keys = build(config).api_keys
        key, token = keys.create("example portal")
        api_url = f"http://127.0.0.1:{port}"
        try:
            with running_portal(port + 3, rolecall_url=config.public_url, api_url=api_url, api_key=token):
                serve_installation(env, host=host, port=port, threads=threads)
        finally:
            keys.revoke(key.id)

    run_sandbox(
        port=port,
        host=host,
        data=data,
        stack_seconds=stack_seconds,
        with_callbacks=not without_callbacks,
        env=ctx.obj,
        serve=serve,
    )
