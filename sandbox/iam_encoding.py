"""Make moto's IAM keep the policies of a stack's role as JSON text, as real IAM does.

moto stores an inline policy of a template as a Python dict, and its GetRolePolicy sends the repr of that. AWS sends
URL-encoded JSON: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import date
from unittest.mock import patch

from moto.iam.models import Role


def encode_policies() -> AbstractContextManager[object]:
    """Return the patch of moto, which lasts while its context does."""
    original = Role.put_policy

    def put_policy(role: Role, policy_name: str, policy_json: object) -> None:
        text = policy_json if isinstance(policy_json, str) else json.dumps(policy_json, default=_as_text)
        original(role, policy_name, text)

    return patch.object(Role, "put_policy", put_policy)


def _as_text(value: object) -> str:
    # moto's own YAML loader, which change sets use, makes a date of an unquoted `Version: 2012-10-17`.
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a policy cannot hold {type(value).__name__}")
