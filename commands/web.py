"""Runs the web server without its worker."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import socket
from functools import partial
from typing import NoReturn

import click

from commands.logs import logging_settings, set_up_logging
from commands.supervision import stop_with_parent
from config import Config
from front.reader import Front, Limits
from front.server import serve

log = logging.getLogger("rolecall.serve")


@click.command()
@click.option("--listener", "fd", type=click.IntRange(0), required=True, help="The open socket to serve, a number.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests handled at once.")
@click.option("--parent", "parent_pid", type=int, help="Stop when the process with this ID is gone. `serve` sets it.")
@click.pass_context
def web(ctx: click.Context, fd: int, threads: int, parent_pid: int | None) -> NoReturn:
    """Run only the web server, on a socket that another program has opened.

    `serve` starts one itself. SIGTERM or Ctrl-C stops it when it has finished what is under way.
    """
    set_up_logging()
    if parent_pid is not None:
        stop_with_parent(parent_pid, stop=partial(os.kill, os.getpid(), signal.SIGTERM))
    # Not by name: no part of the program imports the application.
    application = importlib.import_module("app").create_app(Config.from_env(ctx.obj))
    limits = Limits(threads=threads, largest_body=application.config["MAX_CONTENT_LENGTH"])
    front = Front(application, limits)
    was_told = asyncio.run(serve(front, socket.socket(fileno=fd), logging_settings=logging_settings()))
    log.info("web.stopped")
    logging.shutdown()
    # At once: slow clients still have connections, and nobody waits for them.
    os._exit(0 if was_told else 1)
