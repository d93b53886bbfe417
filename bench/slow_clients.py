"""What the front of the web server costs, and how it stands 500 slow clients: `make bench` (Linux).

It serves an empty Flask route in a process of its own. Processor time is that of all its threads, counted by the
kernel; the smallest of many rounds, since other programs only ever add to it. It depends on the machine's speed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from front.server import listen

SLOW_CLIENTS = 500
ROUNDS, REQUESTS = 25, 300
CPU_US, P95_MS, DEADLINE_SECONDS, STOP_SECONDS = 250.0, 50.0, 10.0, 3.0

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"


def main() -> int:
    """Measure, print, and return 1 where a target is missed."""
    with _served() as (server, port):
        cpu = asyncio.run(_cpu_of_a_request(server.pid, port))
        before = _megabytes(server.pid)
        took, ends, during = asyncio.run(_siege(server.pid, port))
        stopped = asyncio.run(_stop(server, port))
    p95 = sorted(took)[int(len(took) * 0.95)]
    first, last = min(ends), max(ends)
    rows = [
        ("processor time of a request", f"{cpu:.0f} µs", cpu <= CPU_US),
        (f"p95 of a healthy request beside {SLOW_CLIENTS} slow bodies", f"{p95:.1f} ms", p95 <= P95_MS),
        ("slow bodies refused after", f"{first:.1f} to {last:.1f} s", first >= DEADLINE_SECONDS >= last - 2),
        ("memory without them and with them", f"{before:.0f} and {during:.0f} MB", True),
        ("a stop beside them takes", f"{stopped:.1f} s", stopped <= STOP_SECONDS),
    ]
    for what, figure, is_met in rows:
        print(f"{what:55} {figure:>15}{'' if is_met else '   MISSED'}")
    return 0 if all(is_met for *_, is_met in rows) else 1


@contextmanager
def _served() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with listen("127.0.0.1", 0) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        server = subprocess.Popen([sys.executable, "-m", "bench.empty_route", str(fd)], pass_fds=[fd])
    try:
        yield server, port
    finally:
        server.kill()
        server.wait()


async def _cpu_of_a_request(pid: int, port: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    rounds = []
    for _ in range(ROUNDS):
        before = _cpu_ns(pid)
        for _ in range(REQUESTS):
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
        rounds.append((_cpu_ns(pid) - before) / REQUESTS / 1000)
    writer.close()
    return min(rounds)


async def _siege(pid: int, port: int) -> tuple[list[float], list[float], float]:
    """Return how many ms healthy requests took, after how many seconds slow ones ended, and the memory meanwhile."""
    slow = [asyncio.create_task(_slow_body(port)) for _ in range(SLOW_CLIENTS)]
    await asyncio.sleep(2)
    took = [await _healthy(port) for _ in range(100)]
    memory = _megabytes(pid)
    return took, await asyncio.gather(*slow), memory


async def _slow_body(port: int) -> float:
    """Send a byte a second, and return after how many seconds the server has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(POST)
    ended = asyncio.create_task(reader.readuntil(b"\r\n"))
    while not ended.done():
        writer.write(b"a")
        await asyncio.wait([ended], timeout=1)
    writer.close()
    if b" 408 " not in ended.result():
        raise AssertionError(ended.result())
    return time.monotonic() - began


async def _healthy(port: int) -> float:
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    await reader.readuntil(b"\r\n\r\n")
    took = (time.monotonic() - began) * 1000
    writer.close()
    await asyncio.sleep(0.05)
    return took


async def _stop(server: subprocess.Popen[bytes], port: int) -> float:
    slow = [asyncio.create_task(_slow_body(port)) for _ in range(SLOW_CLIENTS)]
    await asyncio.sleep(2)
    began = time.monotonic()
    server.terminate()
    await asyncio.to_thread(server.wait)
    took = time.monotonic() - began
    await asyncio.gather(*slow, return_exceptions=True)
    return took


def _cpu_ns(pid: int) -> int:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    sys.exit(main())
