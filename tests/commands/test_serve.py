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

import pytest

from commands.logs import PlainLines
from tests.commands.served import APP, eventually, free_port, is_alive, rolecall

pytestmark = pytest.mark.clocked

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) [\w.]+ \S.*")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_becomes_ready_and_stops_cleanly(serving, number):
    with serving() as served:
        assert json.loads(served.get("/healthz")[1]) == {"status": "ok"}
        family = served.children()
        assert served.pid_of("worker") in family
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
        first = served.pid_of("worker")

        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: served.pid_of("worker") != first and is_alive(served.pid_of("worker")))
        assert served.get("/healthz")[0] == 200


def test_a_web_process_that_is_killed_is_started_again(serving):
    with serving() as served:
        web = served.pid_of("web")

        os.kill(web, signal.SIGKILL)

        # Who comes meanwhile waits a little, and is not refused.
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as waiting:
            waiting.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert waiting.recv(100).startswith(b"HTTP/1.1 200")
        assert served.pid_of("web") != web


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
