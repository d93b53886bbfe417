"""Runs the web server and its worker."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from commands.logs import logging_settings, set_up_logging
from commands.supervision import Supervised, stop_with_parent
from config import PROJECT, Config
from onboarding.stack_template.template import StackTemplate
from settings import unknown_settings
from wiring import open_store

log = logging.getLogger("rolecall.serve")

# Long enough for every page, and short enough for a restart.
REQUESTS_FINISH_SECONDS = 15


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
    set_up_logging()
    config = Config.from_env(env)
    StackTemplate.parse(config.stack_template.read_text(encoding="utf-8"))
    for name in unknown_settings(env):
        log.warning("setting.unknown name=%s", name)
    _refuse_taken_port(host, port)
    open_store(config).close()
    # Granian handles the signals as soon as it runs. Until then they must stop the worker too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_at_once)
    command = [sys.executable, str(PROJECT / "app.py"), "worker", "--parent", str(os.getpid())]
    worker = Supervised(command, env=env)
    try:
        worker.start()
        log.info("serve.listening address=http://%s:%s public_url=%s", host, port, config.public_url)
        _serve_web(config, host=host, port=port, threads=threads)
    finally:
        worker.stop()
    log.info("serve.stopped")


def _serve_web(config: Config, *, host: str, port: int, threads: int) -> None:
    server = Granian(
        "app:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        # If more requests than this wait, Granian tells them to come back.
        backpressure=threads * 16,
        respawn_failed_workers=True,
        workers_kill_timeout=REQUESTS_FINISH_SECONDS,
        # The application logs requests itself, by their route: a path can hold an invite's token.
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig=logging_settings(),
    )
    server.serve(target_loader=partial(_load, config=config, parent_pid=os.getpid()))


def _load(target: str, *, config: Config, parent_pid: int) -> Callable[..., Any]:
    """Return the WSGI application, in Granian's own process."""
    stop_with_parent(parent_pid, stop=partial(os.kill, os.getpid(), signal.SIGTERM))
    module, _, factory = target.partition(":")
    application: Callable[..., Any] = getattr(importlib.import_module(module), factory)(config)
    return application


def _refuse_taken_port(host: str, port: int) -> None:
    # Granian shares its port (SO_REUSEPORT): a second server would start and silently get half of the requests.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from None


def _stop_at_once(*_: object) -> NoReturn:
    sys.exit(0)
