"""Reads whole requests on one event loop, however slowly they come, and has threads answer them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, NamedTuple

from front.answer import BROKEN_OFF, BUSY, CRASHED, IN_PIECES, STOPPING, TOO_SLOW, Answer, refused
from front.wsgi import OF_THE_WIRE, Application, Body, environ_of, run

log = logging.getLogger("rolecall.front")

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """How much of everything there is for strangers."""

    threads: int = 8
    # Whole requests that wait for a thread. Each holds at most its body, so this bounds memory.
    waiting: int = 512
    largest_body: int = 64 * 1024
    body_seconds: float = 10.0
    # Each piece takes some 50 µs of the loop. A network's packets are larger than the 256 bytes that each may have.
    pieces: int = 256
    # So much of a body that is too long is read and dropped: a browser shows no answer before it has sent everything.
    # A reverse proxy sends larger pieces than a network's packets. In these, about 350 kB are read: 1 MiB of them would
    # cost 80 ms. Whoever sends more can meet the end of the connection instead of the answer.
    dropped: int = 1024 * 1024


class _Request(NamedTuple):
    scope: Mapping[str, Any]
    body: Body | None
    answer: asyncio.Future[Answer]


class Front:
    """An ASGI application, for one event loop, in front of a WSGI application."""

    def __init__(self, application: Application, limits: Limits) -> None:
        self._application = application
        self.limits = limits
        self._whole: SimpleQueue[_Request] = SimpleQueue()
        self._under_way: set[asyncio.Future[Answer]] = set()
        self._deadlines: set[asyncio.Timeout] = set()
        self._is_stopping = False
        for number in range(limits.threads):
            threading.Thread(target=self._work, name=f"request-{number}", daemon=True).start()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        status, headers, body = await self._answer(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def refuse_new(self) -> None:
        """From now on refuse every request that is not with the threads yet."""
        self._is_stopping = True
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines:
            # One that is over cannot be moved; its body is refused in a moment.
            if not deadline.expired():
                deadline.reschedule(now)

    async def finish(self, *, seconds: float) -> None:
        """Wait, but not longer than this, until the threads have answered what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        answer = STOPPING if self._is_stopping else refused(scope["headers"])
        if answer is not None:
            return _noted(answer)
        has_body = any(name in OF_THE_WIRE for name, _ in scope["headers"])
        body = await self._read(receive) if has_body else None
        return _noted(body) if isinstance(body, Answer) else await self._run(scope, body)

    async def _read(self, receive: Receive) -> Body | Answer:
        """Return the whole body, or why it is refused."""
        limits = self.limits
        content, length, pieces = bytearray(), 0, 0
        try:
            async with asyncio.timeout(limits.body_seconds) as deadline:
                self._deadlines.add(deadline)
                is_whole = False
                while not is_whole and length <= limits.dropped and pieces < limits.pieces:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return BROKEN_OFF
                    pieces += 1
                    length += len(message["body"])
                    if length <= limits.largest_body:
                        content += message["body"]
                    is_whole = not message["more_body"]
        except TimeoutError:
            return STOPPING if self._is_stopping else TOO_SLOW
        finally:
            self._deadlines.discard(deadline)
        if length > limits.largest_body:
            return Body(b"", length)
        return Body(content, length) if is_whole else IN_PIECES

    async def _run(self, scope: Mapping[str, Any], body: Body | None) -> Answer:
        if len(self._under_way) >= self.limits.threads + self.limits.waiting:
            return _noted(BUSY)
        request = _Request(scope, body, asyncio.get_running_loop().create_future())
        self._under_way.add(request.answer)
        self._whole.put(request)
        try:
            return await request.answer
        finally:
            self._under_way.discard(request.answer)

    def _work(self) -> None:
        while True:
            scope, body, future = self._whole.get()
            try:
                answer = run(self._application, environ_of(scope, body))
            except BaseException:  # This thread has other requests to answer, whatever it was.
                log.exception("request.crashed")
                answer = CRASHED
            future.get_loop().call_soon_threadsafe(future.set_result, answer)


def _noted(answer: Answer) -> Answer:
    log.info("request.unread status=%s", answer.status)
    return answer
