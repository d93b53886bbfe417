"""The worker alone."""

from __future__ import annotations

import logging
import signal
import threading

import click

from commands.installation import open_installation
from commands.logs import set_up_logging
from commands.supervision import outlive_no_parent
from worker import THREADS, Worker

log = logging.getLogger("rolecall.worker")


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=THREADS,
    show_default=True,
    help="How many connections to verify at once.",
)
@click.option("--parent", "parent_pid", type=int, help="Stop when the process with this ID is gone; `serve` sets it.")
@click.pass_context
def worker(ctx: click.Context, threads: int, parent_pid: int | None) -> None:
    """Run the worker: it verifies the connections that are due.

    `serve` starts one by itself. SIGTERM or Ctrl-C stops it, once it has finished what is under way.
    """
    set_up_logging()
    here = open_installation(ctx)
    work = Worker(
        store=here.store,
        verifier=here.verifier,
        clock=here.clock,
        threads=threads,
        own_finding_code=here.own_finding_code,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # From a thread: a handler interrupts the very thread that waits for the event, maybe while it holds its lock.
        signal.signal(number, lambda *_: threading.Thread(target=work.stop.set).start())
    if parent_pid is not None:
        outlive_no_parent(parent_pid, stop=work.stop.set)
    log.info("worker.running name=%s threads=%s", work.name, threads)
    work.run()
    log.info("worker.stopped name=%s", work.name)
