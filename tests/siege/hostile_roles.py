"""Eight tenants, each with a role whose policies cost the most to judge, who watch their pages all the time."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field

from tests.browser.sandbox_process import Sandbox, sound_trust
from tests.siege.caller import Caller

MANY = 8
# What AWS stores of a role's inline policies, in characters.
LARGEST = 10_240


def costly_policy() -> str:
    """Return a policy of the size that AWS takes, with many actions and as many denies, all of them patterns."""
    statements = [
        {"Effect": "Allow", "Action": [f"s3:*a*b*{n}*" for n in range(280)], "Resource": "*"},
        {"Effect": "Deny", "Action": [f"s3:*a*{n}*b*c" for n in range(260)], "Resource": "*"},
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    assert 0.8 * LARGEST < len(text) < LARGEST
    return text


@dataclass
class HostileRoles:
    """Their pages poll until it is `over`."""

    callers: list[tuple[Caller, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def make(self, sandbox: Sandbox, aws: Sandbox) -> None:
        """Connect each as a tenant does, then put the costly policy on its role."""
        for number in range(MANY):
            caller = Caller(sandbox.port, f"192.0.2.{number}")
            account_id = f"{600000000000 + number}"
            connection_id = connect(caller, f"Hostile {number}", account_id)
            row = sandbox.row(connection_id)
            iam = aws.client("iam", account_id)
            name = f"northwind-{row['handle']}"
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=sound_trust(row["pinned_external_id"]))
            iam.put_role_policy(RoleName=name, PolicyName="costly", PolicyDocument=costly_policy())
            self.callers.append((caller, connection_id))

    def watch(self) -> None:
        """Poll as open pages do: so each role is judged again every second."""
        for caller, connection_id in self.callers:
            threading.Thread(target=self._watch, args=(caller, connection_id), daemon=True).start()

    def _watch(self, caller: Caller, connection_id: str) -> None:
        while not self.over.wait(2):
            try:
                caller.get(f"/connect/{connection_id}/status?has=nothing")
            except OSError:
                continue


def connect(caller: Caller, company: str, account_id: str, *, is_in: bool = False) -> str:
    """Begin a connection and go to AWS by quick create, and return the connection's ID."""
    if not is_in:
        assert caller.post("/", "/start", company=company).status == 303
    opened = caller.post("/connections", "/connections")
    assert opened.status == 303, opened.status
    connection_id = opened.headers["Location"].partition("/connect/")[2].partition("/")[0]
    step = f"/connect/{connection_id}/step/1"
    fields = {"flow": "quick", "region": "us-east-1", "account_id": account_id}
    launched = caller.post(step, f"/connect/{connection_id}/launch", **fields)
    assert launched.status == 303, launched.text[:2000]
    return connection_id
