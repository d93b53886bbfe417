"""Two accounts in the sandbox's AWS, a field test at the command line, and a look at all that there is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from commands import command_line
from config import PROJECT
from fieldtest.state import Journey, Kind, Side, State
from sandbox.aws import SandboxAws
from tests.sandbox_callers import client

VENDOR, TENANT = "999988887777", "111122223333"
BOTH = ("--vendor-profile", "vendor", "--tenant-profile", "tenant")
LONGEST_SECONDS = 120


@dataclass
class TwoAccounts:
    """The sandbox's AWS with a profile for each side, in files below `folder`."""

    aws: SandboxAws
    folder: Path

    def __post_init__(self) -> None:
        self.sides = {"vendor": self.aws.vendor_credentials(), "tenant": self.aws.account_credentials(TENANT)}
        self.write_profiles(self.sides)

    def write_profiles(self, sides: dict[str, dict[str, str]]) -> None:
        """Write a credentials file with these profiles."""
        lines = []
        for name, keys in sides.items():
            lines += [f"[{name}]", *(f"{key.lower()} = {value}" for key, value in keys.items())]
        (self.folder / "credentials").write_text("\n".join(lines), encoding="utf-8")

    @property
    def env(self) -> dict[str, str]:
        """The environment of the command: no credentials but those of the profiles."""
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **own,
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `fieldtest` in the folder."""
        command = [sys.executable, str(PROJECT / "app.py"), "fieldtest", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, *arguments: str, code: int) -> str:
        """Run `fieldtest` to its end, which must be that exit code, and return what it printed."""
        process = self.start(*arguments)
        try:
            printed, _ = process.communicate(timeout=LONGEST_SECONDS)
        finally:
            process.kill()
        assert process.returncode == code, printed
        return printed

    def both(self, *arguments: str, code: int) -> str:
        """Run it with both profiles, without a question."""
        return self.run(*BOTH, "--yes", *arguments, code=code)

    def typed(self, *arguments: str, code: int) -> str:
        """Run it in this process, which is quicker, with its files in the folder. Return what it printed."""
        files = ("--state", str(self.state_file), "--report", str(self.folder))
        with patch.dict(os.environ, self.env, clear=True):
            result = CliRunner().invoke(command_line, ["fieldtest", *arguments, *files], obj={})
        assert result.exit_code == code, result.output
        return result.output

    def write_state(self, things: list[str], *, tenant_account: str = TENANT) -> None:
        """Write a state file that names these things of the tenant's, each as kind and name."""
        journey = Journey("ft0123456789", "vendor", "tenant", VENDOR, tenant_account, "us-east-1")
        state = State(self.state_file, journey)
        for thing in things:
            kind, name = thing.split()
            state.intend(Kind(kind), Side.TENANT, name)

    def stop_at(self, name: str, number: int) -> str:
        """Start it, and send the signal once the state file names something like this. Return what it printed."""
        process = self.start(*BOTH, "--yes")
        try:
            until = time.monotonic() + LONGEST_SECONDS
            while not any(name in thing for thing in self.listed()):
                assert process.poll() is None and time.monotonic() < until, f"it never came to {name}"
                time.sleep(0.005)
            process.send_signal(number)
            printed, _ = process.communicate(timeout=LONGEST_SECONDS)
        finally:
            process.kill()
        assert process.returncode != 0 or number != signal.SIGKILL
        return printed

    @property
    def state_file(self) -> Path:
        """The state file, where the command puts it by itself."""
        return self.folder / "fieldtest-state.json"

    def listed(self) -> list[str]:
        """Return what the state file lists as made, or about to be."""
        if not self.state_file.exists():
            return []
        return [f"{thing['kind']} {thing['name']}" for thing in json.loads(self.state_file.read_text())["things"]]

    def report(self) -> tuple[dict[str, Any], str]:
        """Return the one report in the folder, as JSON and as Markdown."""
        [data] = list(self.folder.glob("fieldtest-ft*.json"))
        return json.loads(data.read_text(encoding="utf-8")), data.with_suffix(".md").read_text(encoding="utf-8")

    def left(self) -> list[str]:
        """Return all in both accounts that a field test has made: by its tag, and by its name."""
        return sorted(set(self._by_name()) | set(self._by_tag()))

    def _by_name(self) -> Iterator[str]:
        for side, keys in self.sides.items():
            for kind, names in _listings(keys, self.aws).items():
                yield from (f"{side}: {kind} {name}" for name in names() if "fieldtest" in name or "ft" in _words(name))

    def _by_tag(self) -> Iterator[str]:
        for side, keys in self.sides.items():
            tagging = client("resourcegroupstaggingapi", keys, self.aws)
            found = tagging.get_resources(TagFilters=[{"Key": "rolecall:fieldtest"}])["ResourceTagMappingList"]
            yield from (f"{side}: tagged {each['ResourceARN']}" for each in found)
            iam = client("iam", keys, self.aws)
            for role in iam.list_roles()["Roles"]:
                tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
                if any(tag["Key"] == "rolecall:fieldtest" for tag in tags):
                    yield f"{side}: tagged {role['Arn']}"


def _listings(keys: dict[str, str], aws: SandboxAws) -> dict[str, Callable[[], list[str]]]:
    def made(service: str) -> Any:
        return client(service, keys, aws)

    return {
        "bucket": lambda: [b["Name"] for b in made("s3").list_buckets()["Buckets"]],
        "role": lambda: [r["RoleName"] for r in made("iam").list_roles()["Roles"]],
        "topic": lambda: [t["TopicArn"] for t in made("sns").list_topics()["Topics"]],
        "subscription": lambda: [s["TopicArn"] for s in made("sns").list_subscriptions()["Subscriptions"]],
        "queue": lambda: made("sqs").list_queues().get("QueueUrls", []),
        "alarm": lambda: [a["AlarmName"] for a in made("cloudwatch").describe_alarms()["MetricAlarms"]],
        "stack": lambda: [s["StackName"] for s in made("cloudformation").describe_stacks()["Stacks"]],
    }


def _words(name: str) -> set[str]:
    """Return the beginnings of the words of a name: a run's ID begins with "ft" and ten digits."""
    return {word[:2] for word in name.replace("/", "-").replace(":", "-").split("-") if len(word) == 12}
