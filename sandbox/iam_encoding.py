"""Make moto's IAM keep the policies of CloudFormation-made roles as JSON text, as real IAM does.

moto's Role resource stores an inline policy of a template as a Python dict. Its GetRolePolicy then sends that dict's
repr, where AWS sends URL-encoded JSON (API reference, GetRolePolicy: "encoded compliant with RFC 3986"). The one
way in is Role.put_policy, so the mend sits there; the readers (GetRolePolicy, GetRole) already URL-encode text.
"""

from __future__ import annotations

import json
from datetime import date

from moto.iam.models import Role

from sandbox.patching import Patch


def encode_policies() -> Patch:
    """Return the patch, not yet applied."""
    original = Role.put_policy

    def put_policy(role: Role, policy_name: str, policy_json: object) -> None:
        original(role, policy_name, policy_json if isinstance(policy_json, str) else _as_json(policy_json))

    return Patch(Role, {"put_policy": put_policy})


def _as_json(document: object) -> str:
    return json.dumps(document, default=_plain)


def _plain(value: object) -> str:
    # YAML reads an unquoted `Version: 2012-10-17` as a date; CloudFormation takes it as text.
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a policy cannot hold {type(value).__name__}")
