"""AWS on a bad day: a server of this machine that answers as AWS does, but for what a test makes go wrong."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from bench.stub_aws import answer

# What AWS, or whoever stands between, might say and no tenant may read.
CANARY = "canary-of-raw-text-7f3a"


@dataclass(frozen=True)
class Says:
    """An answer: an error code of AWS's, or a body that is none."""

    status: int
    code: str = ""
    body: str = ""

    @property
    def text(self) -> str:
        """The body, as STS, IAM and CloudFormation word an error."""
        if not self.code:
            return self.body
        message = f"User: arn:aws:sts::999988887777:assumed-role/x/{CANARY} is not authorized {CANARY}"
        return (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{self.code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>request-{CANARY}</RequestId></ErrorResponse>"
        )


HANGS, RESETS, SLOW = object(), object(), object()
Fault = Callable[[str, int], object | None]


@dataclass
class FaultyAws:
    """`fault(action, nth)` says what goes wrong with the nth call of an action (from 1), or None."""

    url: str
    fault: Fault = lambda action, nth: None
    requests: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def faulty_aws() -> Iterator[FaultyAws]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            aws.requests.append(asked)
            action = asked["Action"]
            fault = aws.fault(action, sum(1 for r in aws.requests if r["Action"] == action))
            if fault is HANGS:
                aws.over.wait(20)
                return
            if fault is RESETS:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if fault is SLOW:
                time.sleep(0.15)
            if isinstance(fault, Says):
                self.reply(fault.status, fault.text)
                return
            scope = re.search(r"Credential=([^/]+)/\d+/[^/]+/(\w+)/", self.headers["Authorization"])
            assert scope is not None
            self.reply(*answer(asked, service=scope[2], access_key=scope[1]))

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    aws = FaultyAws(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield aws
    finally:
        aws.over.set()
        server.shutdown()
        server.server_close()
