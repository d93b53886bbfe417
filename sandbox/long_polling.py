"""SQS's long poll, answered without holding moto: moto itself would wait, and nobody else could call AWS meanwhile.

The wait is done here. moto is asked once, when there is a message or the time is up, and never waits.
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from moto.sqs.models import Queue, SQSBackend, sqs_backends

from sandbox.faults import has_hung_up
from sandbox.moto_access import MOTO_LOCK

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RECEIVE = "AmazonSQS.ReceiveMessage"
LONGEST_SECONDS = 20
STEP_SECONDS = 0.03
_REGION = re.compile(r"Credential=\w+/\d{8}/(?P<region>[a-z0-9-]+)/sqs/")


class LongPolling:
    """WSGI middleware. It holds a ReceiveMessage back until a message is there or its WaitTimeSeconds are over."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._stopped = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET") == RECEIVE:
            self._wait(_read_json(environ), environ)
        return self._app(environ, start_response)

    def start(self) -> None:
        """Begin to hold calls back."""
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Hold nobody back any longer."""
        self._stopped.set()

    def _wait(self, asked: dict[str, Any], environ: WSGIEnvironment) -> None:
        named, region = str(asked.get("QueueUrl", "")).split("/"), _REGION.search(environ.get("HTTP_AUTHORIZATION", ""))
        with MOTO_LOCK:
            queue = sqs_backends[named[-2]][region["region"]].queues.get(named[-1]) if region and named[1:] else None
        if queue is None:
            return
        wanted = asked.get("WaitTimeSeconds", queue.receive_message_wait_time_seconds)  # type: ignore[attr-defined]
        until = time.monotonic() + (min(wanted, LONGEST_SECONDS) if type(wanted) is int else 0)
        connection = environ.get("werkzeug.socket")
        while time.monotonic() < until and not _has_messages(queue) and not self._stopped.wait(STEP_SECONDS):
            if connection is not None and has_hung_up(connection):
                # Or else a message would be given to nobody, and be hidden from the next who asks.
                raise ConnectionAbortedError


def never_wait() -> AbstractContextManager[object]:
    """Return the patch of moto, which lasts while its context does: its SQS answers at once."""
    original = SQSBackend.receive_message

    def receive_message(
        backend: SQSBackend, queue_name: str, count: int, _wait_seconds: int, *others: Any, **named: Any
    ) -> Any:
        return original(backend, queue_name, count, 0, *others, **named)

    return patch.object(SQSBackend, "receive_message", receive_message)


def _has_messages(queue: Queue) -> bool:
    with MOTO_LOCK:
        return any(message.visible and not message.delayed for message in queue._messages)


def _read_json(environ: WSGIEnvironment) -> dict[str, Any]:
    """Read the call's fields and leave the body readable for moto."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
