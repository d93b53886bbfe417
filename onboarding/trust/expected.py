"""Whom a trust policy should let in, and the policy that does just that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

from onboarding.ground.arn import RoleArn


@dataclass(frozen=True)
class ExpectedTrust:
    """Who is to be let in, and how: the vendor's one role, and the connection's external ID."""

    partition: str
    account_id: str
    principal_arn: str
    external_id: str

    @classmethod
    def of(cls, principal: RoleArn, external_id: str) -> Self:
        """Return what lets in this one role with this external ID."""
        return cls(principal.partition, principal.account_id, str(principal), external_id)

    @property
    def account_root(self) -> str:
        """The ARN that stands for the whole vendor account."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"


def corrected_policy(expected: ExpectedTrust) -> dict[str, Any]:
    """Return the trust policy that the stack template makes."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OneRoleOfTheVendorWithTheExternalId",
                "Effect": "Allow",
                "Principal": {"AWS": expected.account_root},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": expected.principal_arn},
                    "StringEquals": {"sts:ExternalId": expected.external_id},
                },
            }
        ],
    }


def corrected_text(expected: ExpectedTrust) -> str:
    """Return that policy as text to copy, indented as AWS's console and CLI do."""
    return json.dumps(corrected_policy(expected), indent=4)
