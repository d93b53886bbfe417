"""Runs the web server and its worker."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from queue import SimpleQueue

import click

from commands.logs import set_up_logging
from commands.supervision import Supervised, stop_together
from config import PROJECT, Config
from front.server import listen
from onboarding.stack_template.template import StackTemplate
from settings import unknown_settings
from wiring import open_store

log = logging.getLogger("rolecall.serve")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port to listen on.")
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="How many requests are handled at once.",
)
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, threads: int) -> None:
    """Serve the wizard, and run its worker.

    Refuses unsafe settings first. SIGTERM or Ctrl-C stops both when they have finished what is under way.
    """
    serve_installation(ctx.obj, host=host, port=port, threads=threads)


def serve_installation(env: Mapping[str, str], *, host: str, port: int, threads: int) -> None:
    """Serve the installation until a signal stops it.

    Raises ConfigError, StackTemplateError or ClickException before it starts anything.
    """
    # A queue, since a handler can interrupt the thread that waits for it at any point.
    told: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.put(number))
    set_up_logging()
    config = Config.from_env(env)
    StackTemplate.parse(config.stack_template.read_text(encoding="utf-8"))
    for name in unknown_settings(env):
        log.warning("setting.unknown name=%s", name)
    with _listener(host, port) as listener:
        open_store(config).close()
        worker = _child("worker", env=env)
        web = _child("web", f"--listener={listener.fileno()}", f"--threads={threads}", env=env, fds=[listener.fileno()])
        try:
            worker.start()
            web.start()
            log.info("serve.listening address=http://%s:%s public_url=%s", host, port, config.public_url)
            told.get()
        finally:
            # First, so that nobody connects to a server that goes.
            listener.close()
            stop_together(worker, web)
    log.info("serve.stopped")


def _child(command: str, *options: str, env: Mapping[str, str], fds: Sequence[int] = ()) -> Supervised:
    arguments = [sys.executable, str(PROJECT / "app.py"), command, f"--parent={os.getpid()}", *options]
    return Supervised(command, arguments, env=env, fds=fds)


def _listener(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
