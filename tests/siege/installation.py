"""An installation with its rate limits on, which knows each client by the address that a proxy names."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from tests.browser.own_installation import OwnInstallation
from tests.browser.sandbox_process import Sandbox, free_ports


class Besieged(OwnInstallation):
    """As in production behind one proxy: all come over loopback, and each has an address of its own."""

    def _environment(self) -> dict[str, str]:
        usual = super()._environment()
        del usual["ROLECALL_NO_RATE_LIMITS"]
        return {**usual, "ROLECALL_PROXY_HOPS": "1"}

    @property
    def log(self) -> str:
        return self.output.read_text(errors="replace")

    def worker_pid(self) -> int:
        """Return the process that verifies."""
        return int(re.findall(r"process\.started name=worker pid=(\d+)", self.log)[-1])


def children_of(pid: int) -> set[int]:
    """Return every child of a process, whichever of its threads started it."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for thread in threads for child in (thread / "children").read_text().split()}


def besieged(beside: Sandbox, folder: Path) -> Besieged:
    """Return an installation that is not served yet, with the credentials that tenants trust."""
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "secret-key").write_text(secrets.token_hex(32), encoding="ascii")
    made = Besieged(port=free_ports(), data=data, output=folder / "output.txt", beside=beside)
    made.has_its_own_credentials()
    return made
