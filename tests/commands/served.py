"""One running `serve`, and what tests ask of it."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

APP = Path(__file__).parents[2] / "app.py"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rolecall(*arguments, cwd, env):
    """Run one command to its end."""
    command = [sys.executable, str(APP), *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=30, check=False)


class Served:
    """One running `serve`, started in `folder`."""

    def __init__(self, process, port, folder):
        self.process = process
        self.port = port
        self.folder = folder

    @property
    def log(self):
        return (self.folder / "log").read_text()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with suppress(OSError):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        return None, ""

    def pid_of(self, name):
        return int(re.findall(rf"process\.started name={name} pid=(\d+)", self.log)[-1])

    def children(self):
        """Every child, whichever thread of the parent started it."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]


def eventually(is_so, *, seconds=20.0):
    """Wait until it is so, and say whether it came to be."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def is_alive(pid):
    """Whether the process runs; one that nobody has buried yet does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
