"""`serve` and `worker` as real processes: started from another folder, killed in every way, and nothing left behind."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from commands.logs import PlainLines
from tests.commands.operator import SETTINGS

pytestmark = pytest.mark.clocked

APP = Path(__file__).parents[2] / "app.py"
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) [\w.]+ \S.*")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def env():
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **own,
        **SETTINGS,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


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

    def children(self):
        """Every child, whichever thread of the parent started it."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]

    def worker_pid(self):
        return int(re.findall(r"worker\.started pid=(\d+)", self.log)[-1])


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


@pytest.fixture
def serving(env, tmp_path):
    @contextmanager
    def serving():
        port = free_port()
        with (tmp_path / "log").open("w") as log:
            command = [sys.executable, str(APP), "serve", "--port", str(port)]
            process = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=log, stdout=log)
        served = Served(process, port, tmp_path)
        try:
            assert eventually(lambda: served.get("/readyz")[0] == 200, seconds=40), served.log
            yield served
        finally:
            family = [*(served.children() if process.poll() is None else []), process.pid]
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    return serving


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_becomes_ready_and_stops_cleanly(serving, number):
    with serving() as served:
        assert json.loads(served.get("/healthz")[1]) == {"status": "ok"}
        family = served.children()
        assert served.worker_pid() in family
        # A browser that keeps its connection open must not keep us from stopping.
        idle = http.client.HTTPConnection("127.0.0.1", served.port)
        idle.request("GET", "/healthz")
        idle.getresponse().read()

        served.process.send_signal(number)

        assert eventually(lambda: served.process.poll() is not None), served.log
        assert served.process.returncode == 0
        assert "kill" not in served.log.lower()
        assert not any(is_alive(pid) for pid in family)
        assert "worker.stopped" in served.log
        assert (served.folder / "data" / "rolecall.db").exists()


def test_a_worker_that_is_killed_is_started_again(serving):
    with serving() as served:
        first = served.worker_pid()

        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: served.worker_pid() != first and is_alive(served.worker_pid()))
        assert served.get("/healthz")[0] == 200


def test_a_web_process_that_is_killed_is_started_again(serving):
    with serving() as served:
        (web,) = set(served.children()) - {served.worker_pid()}

        os.kill(web, signal.SIGKILL)

        assert eventually(lambda: not is_alive(web) and served.get("/healthz")[0] == 200)


def test_a_killed_serve_leaves_no_process_behind(serving):
    with serving() as served:
        family = served.children()
        assert len(family) == 2

        served.process.kill()

        assert eventually(lambda: not any(is_alive(pid) for pid in family), seconds=8), served.log


def test_a_second_server_on_the_same_port_is_refused(serving, env, tmp_path):
    with serving() as served:
        second = rolecall("serve", "--port", str(served.port), cwd=tmp_path, env=env)

        assert second.returncode == 1
        assert second.stderr == f"Error: Cannot listen on 127.0.0.1:{served.port}: Address already in use.\n"


def test_the_log_is_plain_lines_without_an_invites_token(serving, env):
    with serving() as served:
        made = rolecall("invite", "--tenant", "Acme", cwd=served.folder, env=env)
        token = made.stdout.strip().rpartition("/")[2]

        assert served.get(f"/i/{token}")[0] == 200
        served.get("/%0Aforged%1b[31m?token=" + token)

        assert all(LOG_LINE.fullmatch(line) for line in served.log.splitlines()), served.log
        assert "route=/i/<token> status=200" in served.log
        assert token not in served.log


UNSAFE = [
    ("ROLECALL_SECRET_KEY", "short"),
    ("ROLECALL_SECRET_KEY", "change-me" * 9),
    ("ROLECALL_TRUSTED_PRINCIPAL_ARN", ""),
    ("ROLECALL_PUBLIC_URL", "http://connect.example.com"),
    ("FLASK_DEBUG", "1"),
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
]


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_serve_refuses_what_is_unsafe_before_anything_starts(env, tmp_path, name, value):
    refused = rolecall("serve", "--port", str(free_port()), cwd=tmp_path, env={**env, name: value})

    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"Error: {name}")
    assert list(tmp_path.iterdir()) == []


def test_the_worker_alone_stops_when_it_is_told_to(env, tmp_path):
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen([sys.executable, str(APP), "worker"], cwd=tmp_path, env=env, stderr=log)
    try:
        assert eventually(lambda: "worker.running" in (tmp_path / "log").read_text(), seconds=30)
        worker.terminate()
        assert worker.wait(timeout=10) == 0
    finally:
        worker.kill()
        worker.wait()


def test_nothing_in_a_log_line_can_pass_for_another_line():
    try:
        raise ValueError("first\n2030-01-01T00:00:00Z INFO rolecall.serve forged\x1b[2J")
    except ValueError:
        record = logging.LogRecord("rolecall", logging.ERROR, "", 0, "a\nb\x1b[31m %s", ("c\rd",), sys.exc_info())

    first, *traceback = PlainLines().format(record).splitlines()

    assert first.endswith("ERROR rolecall a\\nb\\x1b[31m c\\rd")
    assert all(line.startswith("  | ") and "\x1b" not in line for line in traceback)
    assert "forged" in traceback[-1]
