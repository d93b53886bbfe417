"""AWS's managed policies as moto has them: for the sandbox's accounts, and for Rolecall's own copy.

`python -m sandbox.managed_policies` writes that copy, aws/managed_policies.xz: the day of the newest policy, then one
line for each policy that somebody can attach to a role, its ARN and its text. Run it when moto is a newer one.
Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
import lzma
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from aws.managed_policies import SNAPSHOT

# Only AWS's own service-linked roles can have these.
_NOT_ATTACHABLE = "/aws-service-role/"


def know_managed_policies(account_id: str, *names: str) -> None:
    """Let an account see these policies of AWS's. moto itself would read all of them, which takes seconds."""
    for name in names:
        policy = AWSManagedPolicy.from_data(name, account_id, "us-east-1", _published()[name])
        iam_backends[account_id]["aws"].managed_policies[policy.arn] = policy


def snapshot() -> bytes:
    """Return the copy, compressed."""
    policies = {name: policy for name, policy in _published().items() if policy["Path"] != _NOT_ATTACHABLE}
    published_on = max(policy["UpdateDate"] for policy in policies.values())[: len("2030-12-31")]
    lines = [
        f"arn:aws:iam::aws:policy{policy['Path']}{name} {json.dumps(policy['Document'], separators=(',', ':'))}"
        for name, policy in sorted(policies.items())
    ]
    return lzma.compress("\n".join([published_on, *lines]).encode(), preset=9 | lzma.PRESET_EXTREME)


@cache
def _published() -> dict[str, Any]:
    return dict(json.loads(aws_managed_policies_data))


if __name__ == "__main__":
    SNAPSHOT.write_bytes(snapshot())
