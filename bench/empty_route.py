"""The smallest application behind the front of the web server: what bench/slow_clients.py measures."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from flask import Flask, request

from front.reader import Front, Limits
from front.server import serve

QUIET = {"version": 1, "loggers": {"_granian": {"propagate": False, "handlers": []}}}


def main(fd: int) -> None:
    """Serve the socket until a signal comes."""
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def empty() -> bytes:
        return request.get_data()

    asyncio.run(serve(Front(app, Limits()), socket.socket(fileno=fd), logging_settings=QUIET))
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
