"""Those who lay siege, in a process of their own: slow clients, and senders of the worst inputs.

`python -m tests.siege.besiegers PORT` runs until its input is closed. It prints a line once all are there, and at the
end what became of them, as JSON. Each kind is bounded in number and in rate, and goes to loopback only.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any

from tests.siege.caller import Caller

SLOW = {"body": 200, "head": 150, "reader": 100, "idle": 50}
WORST_A_SECOND = 50
PAUSE_SECONDS = 2.0

Actor = Callable[["Siege", int], Coroutine[Any, Any, None]]


class Siege:
    """What all of them know: where it is, and what has been counted."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.counts: Counter[str] = Counter()
        self.here = 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    def head(self, method: str, path: str, number: int, *more: str) -> bytes:
        """Return a request's head, from an address of the sender's own."""
        lines = (f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", f"X-Forwarded-For: 198.51.100.{number}")
        return "\r\n".join((*lines, *more, "", "")).encode()


async def slow_body(siege: Siege, number: int) -> None:
    """Announce a body, and send a byte of it every two seconds."""
    reader, writer = await siege.connect()
    form = "Content-Type: application/x-www-form-urlencoded"
    writer.write(siege.head("POST", "/start", number % 250, form, "Content-Length: 60000"))
    await _drip(siege, "body", reader, writer)


async def slow_head(siege: Siege, number: int) -> None:
    """Begin a request, and send a byte of its head every two seconds."""
    reader, writer = await siege.connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    await _drip(siege, "head", reader, writer)


async def slow_reader(siege: Siege, number: int) -> None:
    """Ask for much, and read none of it."""
    _, writer = await siege.connect()
    writer.write(siege.head("GET", "/static/vendor/htmx.min.js", number % 250) * 20)
    siege.here += 1
    await asyncio.sleep(30)
    siege.counts["reader: over"] += 1
    writer.close()


async def idle(siege: Siege, number: int) -> None:
    """Ask once, and keep the connection."""
    reader, writer = await siege.connect()
    writer.write(siege.head("GET", "/healthz", number % 250))
    siege.here += 1
    with suppress(TimeoutError, OSError):
        while await asyncio.wait_for(reader.read(4096), 60):
            pass
    siege.counts["idle: over"] += 1
    writer.close()


async def _drip(siege: Siege, kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    siege.here += 1
    answer = asyncio.ensure_future(reader.read(64))
    with suppress(OSError):
        while not answer.done():
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait([answer], timeout=PAUSE_SECONDS)
    said = b""
    with suppress(OSError):
        said = await answer
    status = said[9:12].decode("ascii", "replace") if said.startswith(b"HTTP") else "closed"
    siege.counts[f"{kind}: {status}"] += 1
    writer.close()


async def again_and_again(siege: Siege, actor: Actor, number: int) -> None:
    """Come back whenever the server has got rid of it."""
    while True:
        try:
            await actor(siege, number)
        except OSError as error:
            siege.counts[f"{actor.__name__}: {type(error).__name__}"] += 1
        await asyncio.sleep(0.5 + random.random())


async def send_the_worst(siege: Siege, requests: Iterator[tuple[str, bytes]]) -> None:
    """Send fifty a second, whether the ones before are answered or not."""
    pending: set[asyncio.Task[None]] = set()
    while True:
        name, request = next(requests)
        pending.add(task := asyncio.create_task(_one(siege, name, request)))
        task.add_done_callback(pending.discard)
        await asyncio.sleep(1 / WORST_A_SECOND)


async def _one(siege: Siege, name: str, request: bytes) -> None:
    try:
        reader, writer = await siege.connect()
        writer.write(request)
        said = await asyncio.wait_for(reader.read(64), 30)
        siege.counts[f"{name}: {said[9:12].decode('ascii', 'replace') or 'closed'}"] += 1
        writer.close()
    except (TimeoutError, OSError) as error:
        siege.counts[f"{name}: {type(error).__name__}"] += 1


def worst_requests(siege: Siege) -> Iterator[tuple[str, bytes]]:
    """Return the worst inputs of a tenant's and a stranger's, around and around. Each sender has one address."""
    tenant = Caller(siege.port, "203.0.113.66")
    tenant.post("/", "/start", company="Besiegers")
    tenant.post("/connections", "/connections")
    opened = tenant.get("/connections").text
    connection = opened.partition("/connect/")[2][:32]
    step_3 = f"/connect/{connection}/step/3"
    token = tenant.get(step_3).text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    cookie = f"Cookie: {'; '.join(f'{k}={v}' for k, v in tenant.cookies.items())}"
    principals = ",".join(f'"arn:aws:iam::99998888777{n % 10}:role/northwind-rolecal{n}"' for n in range(1000))
    trust = '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":['
    paste = f"{trust}{principals}]}}}}]}}"
    form = "Content-Type: application/x-www-form-urlencoded"

    def posted(path: str, body: bytes, *more: str) -> bytes:
        return (
            siege.head("POST", path, 66, form, cookie, f"Content-Length: {len(body)}", "Connection: close", *more)
            + body
        )

    def fetched(path: str, *more: str) -> bytes:
        return siege.head("GET", path, 66, "Connection: close", *more)

    examine = f"/connect/{connection}/examine"
    signed = f"csrf_token={token}&".encode()
    languages = ",".join(f"x{n}-y;q=0.{n % 10}" for n in range(1500))[:14_000]
    return itertools.cycle(
        (
            ("newlines", posted(examine, signed + b"pasted=" + b"%0A" * 19_000 + b"x")),
            ("principals", posted(examine, signed + b"pasted=" + paste.encode()[:60_000])),
            ("nested", posted(examine, signed + b"pasted=" + b"[" * 59_000)),
            ("step 3", fetched(step_3, cookie)),
            ("languages", fetched("/", f"Accept-Language: {languages}")),
            ("fields", posted("/start", b"&".join(b"a%d=1" % n for n in range(7_000)))),
            ("check", posted(f"/connect/{connection}/check", signed)),
            ("another", posted("/connections", signed)),
            ("invite", fetched("/i/" + "A" * 8_000)),
            ("nowhere", fetched("/" + "%2e%2e/" * 1_000)),
        )
    )


async def besiege(port: int) -> None:
    siege = Siege(port)
    worst = await asyncio.to_thread(worst_requests, siege)
    actors: dict[str, Actor] = {"body": slow_body, "head": slow_head, "reader": slow_reader, "idle": idle}
    tasks = [
        asyncio.create_task(again_and_again(siege, actors[kind], number))
        for kind, many in SLOW.items()
        for number in range(many)
    ]
    while siege.here < sum(SLOW.values()):
        await asyncio.sleep(0.05)
    tasks.append(asyncio.create_task(send_the_worst(siege, worst)))
    print("all here", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(siege.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(besiege(int(sys.argv[1])))
