"""The whole product in a process of its own, as `python app.py sandbox` starts it, and a hand on its switches."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from click.testing import CliRunner

from commands import command_line

PROJECT = Path(__file__).parents[2]
VENDOR_ACCOUNT = "999988887777"
VENDOR_PRINCIPAL = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"
STARTS_WITHIN_SECONDS = 40
BLOCKS = range(20_000, 32_000, 5)
_held: list[socket.socket] = []


@dataclass(frozen=True)
class Sandbox:
    """One running sandbox: the wizard on `port`, then the stand-in console, AWS and the example portal."""

    port: int
    data: Path
    output: Path
    host: str = "localhost"

    @property
    def wizard_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def portal_url(self) -> str:
        return f"http://portal.localhost:{self.port + 3}"

    @property
    def console_url(self) -> str:
        return f"http://localhost:{self.port + 1}"

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def environment(self) -> dict[str, str]:
        """The installation's settings, as its operator has them."""
        return {
            "ROLECALL_SECRET_KEY_FILE": str(self.data / "secret-key"),
            "ROLECALL_DATABASE_URL": f"sqlite:///{self.data / 'rolecall.db'}",
            "ROLECALL_TRUSTED_PRINCIPAL_ARN": VENDOR_PRINCIPAL,
            "ROLECALL_TEMPLATE_URL": "https://northwind-rolecall.s3.us-east-1.amazonaws.com/role.yaml",
            "ROLECALL_PUBLIC_URL": self.wizard_url,
            "ROLECALL_VENDOR_NAME": "Northwind Cost",
            "ROLECALL_SUPPORT_URL": "mailto:help@northwind.example",
            "ROLECALL_PREFIX": "northwind",
            "ROLECALL_EMBED_ORIGINS": self.portal_url,
            "ROLECALL_INSECURE": "yes",
        }

    def command(self, *arguments: str, may_fail: bool = False) -> str:
        """Return what a command prints on the same installation. It runs in this process: a new one costs a second."""
        environment = {**os.environ, **self.environment}
        ran = CliRunner().invoke(command_line, arguments, obj=environment, catch_exceptions=False)
        assert may_fail or ran.exit_code == 0, ran.output
        return ran.stdout.strip()

    def invite(self, tenant: str, *, expires: str = "7d") -> str:
        """Return the link of a new invite."""
        return self.command("invite", "--tenant", tenant, "--expires", expires)

    @contextmanager
    def faults(self, **switched_on: Any) -> Iterator[None]:
        """Let AWS misbehave for a while (sandbox/faults.py)."""
        self.control("faults", switched_on)
        try:
            yield
        finally:
            self.control("faults", {})

    @contextmanager
    def settings(self, **changed: float) -> Iterator[None]:
        """Run with other `stack_seconds` or `propagation_seconds` for a while."""
        before = self.control("settings")
        self.control("settings", changed)
        try:
            yield
        finally:
            self.control("settings", before)

    def control(self, name: str, body: Any = None) -> Any:
        """Ask or tell the sandbox's AWS about itself (sandbox/control.py)."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.aws_url}/sandbox/{name}", data=data, timeout=10) as answer:
            return json.load(answer)

    def client(self, service: str, account_id: str, *, region: str = "us-east-1") -> Any:
        """Return a boto3 client that acts as the account's administrator."""
        found = self.control(f"credentials?account_id={account_id}")
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.aws_url,
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=found["AWS_SESSION_TOKEN"],
        )

    @contextmanager
    def delivery(self, **changed: float) -> Iterator[None]:
        """Let events of stacks come otherwise for a while (sandbox/callbacks/delivery.py)."""
        self.control("delivery", changed)
        try:
            yield
        finally:
            self.control("delivery", {})

    @contextmanager
    def sleeping_worker(self) -> Iterator[None]:
        """Let the worker do nothing while the block lasts."""
        with closing(sqlite3.connect(self.data / "rolecall.db", timeout=10)) as db:
            [(name,)] = db.execute("select worker from workers order by beat_at desc limit 1").fetchall()
        worker = int(name.rpartition(":")[2])
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def row(self, connection_id: str) -> dict[str, Any]:
        """Return the connection as it is stored."""
        with closing(sqlite3.connect(self.data / "rolecall.db", timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return dict(db.execute("select * from connections where id = ?", [connection_id]).fetchone())

    def age(self, connection_id: str, age: timedelta) -> None:
        """Let the connection have been waiting for that long already."""
        since = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
        # A new version, as for every change: the worker that holds the old one must not write over this.
        with closing(sqlite3.connect(self.data / "rolecall.db", timeout=10)) as db, db:
            db.execute(
                "update connections set waiting_since = ?, version = version + 1 where id = ?", [since, connection_id]
            )
            # The wait counts from the stack's own beginning, if it reported one.
            db.execute("update reported_stacks set begun_at = ? where connection_id = ?", [since, connection_id])

    def leave(self) -> None:
        """Let the worker look at no connection any more: those of a test that is over would take its time for hours."""
        with closing(sqlite3.connect(self.data / "rolecall.db", timeout=10)) as db, db:
            db.execute("update connections set check_at = null, version = version + 1 where check_at is not null")


def sound_trust(external_id: str) -> str:
    """Return the trust policy that the stack template writes for that external ID."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": VENDOR_PRINCIPAL},
            "StringEquals": {"sts:ExternalId": external_id},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def database(sandbox: Sandbox) -> sqlite3.Connection:
    """Open the installation's database, for what no page shows and no hand can turn."""
    return sqlite3.connect(sandbox.data / "rolecall.db", timeout=10)


@contextmanager
def running_sandbox(
    folder: Path, *, stack_seconds: float = 1, host: str = "localhost", with_callbacks: bool = True
) -> Iterator[Sandbox]:
    """Run `python app.py sandbox` while the block lasts. It must come up, and must stop cleanly on SIGTERM."""
    sandbox = Sandbox(port=free_ports(), data=folder / "data", output=folder / "output.txt", host=host)
    command = [sys.executable, str(PROJECT / "app.py"), "sandbox", "--port", str(sandbox.port)]
    command += ["--host", host, "--data", str(sandbox.data), "--stack-seconds", str(stack_seconds)]
    command += [] if with_callbacks else ["--without-callbacks"]
    with sandbox.output.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait_until_ready(sandbox, process)
        yield sandbox
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, sandbox.output.read_text()


def _wait_until_ready(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # Ready, not merely healthy: the worker has said that it is alive.
            urllib.request.urlopen(f"http://127.0.0.1:{sandbox.port}/readyz", timeout=2).close()
        except OSError:
            pass
        else:
            if "sandbox is ready" in sandbox.output.read_text():
                return
        time.sleep(0.1)
    raise AssertionError(f"the sandbox did not come up:\n{sandbox.output.read_text()}")


def free_ports() -> int:
    """Return a port that is free together with the three after it, and that no other worker is given.

    The port before it is held as long as this process lives, and whoever finds it held looks elsewhere. All are below
    32768: from there on, Linux gives ports to whoever asks for any.
    """
    for before in random.sample(BLOCKS, len(BLOCKS)):
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", before))
        except OSError:
            guard.close()
            continue
        if all(_is_free(before + n) for n in (1, 2, 3, 4)):
            _held.append(guard)
            return before + 1
        guard.close()
    raise AssertionError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True
