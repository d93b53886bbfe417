"""A second installation on the sandbox's AWS, whose worker has just the credentials that a test gives it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.sandbox_process import PROJECT, STARTS_WITHIN_SECONDS, VENDOR_ACCOUNT, Sandbox, free_ports


@dataclass(frozen=True, kw_only=True)
class OwnInstallation(Sandbox):
    """A wizard and a worker of its own; AWS and its console are those of `beside`."""

    beside: Sandbox

    @property
    def console_url(self) -> str:
        return self.beside.console_url

    @property
    def aws_url(self) -> str:
        return self.beside.aws_url

    @property
    def credentials_file(self) -> Path:
        return self.data / "credentials"

    def has_no_credentials(self) -> None:
        """Leave the worker nothing to sign with."""
        self.credentials_file.unlink(missing_ok=True)

    def has_credentials_of_its_administrator(self) -> None:
        """Let the worker be somebody in the vendor's account whom no tenant's role trusts."""
        self._keep(self.control(f"credentials?account_id={VENDOR_ACCOUNT}"))

    def has_its_own_credentials(self) -> None:
        """Let the worker be the role that tenants trust."""
        self._keep(self.control("vendor-credentials"))

    def _keep(self, given: dict[str, str]) -> None:
        lines = "".join(f"{name.lower()} = {value}\n" for name, value in given.items())
        # In one move: a worker may be looking.
        (self.data / "new").write_text(f"[default]\n{lines}", encoding="ascii")
        (self.data / "new").replace(self.credentials_file)

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Run `python app.py serve` while the block lasts, and yield its process ID."""
        command = [sys.executable, str(PROJECT / "app.py"), "serve", "--port", str(self.port)]
        with self.output.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=self._environment())
        try:
            self._wait_until_healthy(process)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    def _environment(self) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("ROLECALL_", "AWS_", "FLASK_"))}
        return {
            **plain,
            **self.environment,
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.data / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file),
            "ROLECALL_TEMPLATE_URL": self.template_url(),
            "ROLECALL_CONSOLE_URL": self.console_url,
            "ROLECALL_OPEN_DOOR": "yes",
            "ROLECALL_NO_RATE_LIMITS": "yes",
        }

    def template_url(self) -> str:
        """Return where the sandbox published its stack template."""
        found = self.client("s3", VENDOR_ACCOUNT).list_objects_v2(Bucket="northwind-rolecall")["Contents"]
        return f"https://northwind-rolecall.s3.us-east-1.amazonaws.com/{found[0]['Key']}"

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        # Not until it is ready: what is wrong with its credentials keeps it from that.
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the installation did not come up:\n{self.output.read_text()}")


def own_installation(beside: Sandbox, folder: Path) -> OwnInstallation:
    """Return an installation that is not served yet."""
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "secret-key").write_text(secrets.token_hex(32), encoding="ascii")
    return OwnInstallation(port=free_ports(), data=data, output=folder / "output.txt", beside=beside)
