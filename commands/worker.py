"""Runs the worker without the web server."""

from __future__ import annotations

import logging
import signal
import threading

import click

from commands.installation import open_installation
from commands.logs import set_up_logging
from commands.supervision import stop_with_parent
from receiver import QueueReader
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
@click.option("--parent", "parent_pid", type=int, help="Stop when the process with this ID is gone. `serve` sets it.")
@click.pass_context
def worker(ctx: click.Context, threads: int, parent_pid: int | None) -> None:
    """Run only the worker: it verifies the connections that are due, and hears what stacks report.

    `serve` starts one itself. SIGTERM or Ctrl-C stops it when it has finished what is under way.
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
    reader = QueueReader(
        queues=here.stack_queues,
        handler=here.receiver,
        answers=here.stack_answers,
        store=here.store,
        clock=here.clock,
        topics=here.config.vendor.topics,
        stop=work.stop,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # In a thread, since the handler can interrupt the one that waits for the event while it holds the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=work.stop.set).start())
    if parent_pid is not None:
        stop_with_parent(parent_pid, stop=work.stop.set)
    log.info("worker.running name=%s threads=%s", work.name, threads)
    reader.start()
    work.run()
    reader.finish()
    log.info("worker.stopped name=%s", work.name)
