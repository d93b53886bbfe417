"""Serves HTTP/1 on a socket, until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from front.reader import Front

log = logging.getLogger("rolecall.front")

LARGEST_HEAD = 16 * 1024
HEAD_SECONDS = 10
# Whoever reads nothing of an answer for this long is cut off.
UNREAD_SECONDS = 30
BACKLOG = 1024

MOST_CONNECTIONS = 2048
# What the process opens besides: the store, the log, the threads' own files.
OTHER_FILES = 128

# When a signal has come: for the threads to finish, and then for the answers to be read.
FINISH_SECONDS = 10.0
FAREWELL_SECONDS = 1.0


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OSError if the address is taken or is not one."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Every connection inherits it. No other system than Linux has it.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def connections_allowed() -> int:
    """Raise the limit of open files as far as it goes, and return how many connections fit below it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, hard - OTHER_FILES))


async def serve(front: Front, listener: socket.socket, *, logging_settings: dict[str, Any]) -> bool:
    """Serve until SIGTERM or SIGINT, then finish what the threads have begun. Return whether a signal was the reason.

    Clients who are slow to send or to read are not waited for. Their connections end with the process.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    connections = connections_allowed()
    server = _Server(front, listener, connections=connections, logging_settings=logging_settings)
    serving = asyncio.create_task(server.serve())
    log.info("web.running connections=%s threads=%s", connections, front.limits.threads)
    signalled = asyncio.create_task(told.wait())
    await asyncio.wait({serving, signalled}, return_when=asyncio.FIRST_COMPLETED)
    front.refuse_new()
    server.stop()  # type: ignore[no-untyped-call]
    await front.finish(seconds=FINISH_SECONDS)
    await asyncio.wait({serving}, timeout=FAREWELL_SECONDS)
    return told.is_set()


class _Server(Server):
    """Granian inside this process, on a socket of ours."""

    def __init__(
        self, front: Front, listener: socket.socket, *, connections: int, logging_settings: dict[str, Any]
    ) -> None:
        host, port, *_ = listener.getsockname()
        super().__init__(
            front,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            # It counts connections. Those beyond it wait until another one ends.
            backpressure=connections,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=LARGEST_HEAD),
            log_level=LogLevels.warning,
            log_dictconfig=logging_settings,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        # Granian would open one of its own with SO_REUSEPORT: a second server could take half of the requests.
        self._shd = SocketHolder(self._listener.detach(), False, BACKLOG)  # type: ignore[assignment, call-arg]
