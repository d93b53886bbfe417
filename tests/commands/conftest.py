"""Fixtures that start `serve`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from tests.commands.operator import SETTINGS
from tests.commands.served import APP, Served, eventually, free_port


@pytest.fixture
def env():
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **own,
        **SETTINGS,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def serving(env, tmp_path):
    @contextmanager
    def serving(*, before=()):
        port = free_port()
        with (tmp_path / "log").open("w") as log:
            command = [*before, sys.executable, str(APP), "serve", "--port", str(port)]
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
