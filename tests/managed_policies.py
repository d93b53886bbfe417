"""AWS's own managed policies, as moto has them of AWS's documentation."""

from __future__ import annotations

import json
from functools import cache

from moto.iam.aws_managed_policies import aws_managed_policies_data


@cache
def managed_policies() -> dict[str, str]:
    """The text of each policy's document by its ARN."""
    policies = json.loads(aws_managed_policies_data)
    return {
        f"arn:aws:iam::aws:policy{policy['Path']}{name}": json.dumps(policy["Document"])
        for name, policy in policies.items()
    }
