"""AWS's managed policies as moto has them: for the sandbox's accounts, and for Rolecall's own copy.

`python -m sandbox.managed_policies` writes that copy, aws/managed_policies.xz: the day of the newest policy, then one
line for each policy that somebody can attach to a role, its ARN and its text. Run it when moto is a newer one.
Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cache, wraps
from typing import Any
from unittest.mock import patch

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from aws.managed_policies import SNAPSHOT

_OF_AWS = "arn:aws:iam::aws:policy"
# Only AWS's own service-linked roles can have these.
_NOT_ATTACHABLE = "/aws-service-role/"


def know_what_is_named() -> AbstractContextManager[object]:
    """Return a patch of moto, which lasts while its context does: an account sees each of AWS's policies once named.

    moto by itself knows none, or reads all of them for each account.
    """
    patches = ExitStack()
    for method, place in (("attach_role_policy", 0), ("get_policy", 0), ("put_role_permissions_boundary", 1)):
        patches.enter_context(patch.object(IAMBackend, method, _knowing(getattr(IAMBackend, method), place)))
    return patches


def _knowing(original: Callable[..., Any], place: int) -> Callable[..., Any]:
    @wraps(original)
    def call(backend: IAMBackend, *arguments: Any, **named: Any) -> Any:
        _know(backend, str([*arguments, *named.values()][place]))
        return original(backend, *arguments, **named)

    return call


def _know(backend: IAMBackend, arn: str) -> None:
    if not arn.startswith(_OF_AWS) or arn in backend.managed_policies:
        return
    name = arn.rpartition("/")[2]
    if name in _published():
        policy = AWSManagedPolicy.from_data(name, backend.account_id, "us-east-1", _published()[name])
        # The path counts too.
        backend.managed_policies[policy.arn] = policy


def snapshot() -> bytes:
    """Return the copy, compressed."""
    policies = {name: policy for name, policy in _published().items() if policy["Path"] != _NOT_ATTACHABLE}
    published_on = max(policy["UpdateDate"] for policy in policies.values())[: len("2030-12-31")]
    lines = [
        f"{_OF_AWS}{policy['Path']}{name} {json.dumps(policy['Document'], separators=(',', ':'))}"
        for name, policy in sorted(policies.items())
    ]
    return lzma.compress("\n".join([published_on, *lines]).encode(), preset=9 | lzma.PRESET_EXTREME)


@cache
def _published() -> dict[str, Any]:
    return dict(json.loads(aws_managed_policies_data))


if __name__ == "__main__":
    SNAPSHOT.write_bytes(snapshot())
