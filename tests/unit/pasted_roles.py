"""A role as AWS prints it, and what the examiner makes of what was pasted."""

from __future__ import annotations

import json
from typing import Any

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import IssuedId
from onboarding.trust.examiner import Examination, examine
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from tests.builders import EXTERNAL_ID, NOON, ROLE, ROLE_ARN, VENDOR_ACCOUNT

TRUSTED = f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"
EXPECTED = ExpectedTrust("aws", VENDOR_ACCOUNT, TRUSTED, EXTERNAL_ID)
RIGHT = corrected_policy(EXPECTED)


def of(raw: Any, *, issued: tuple[IssuedId, ...] = (), claimed: RoleArn | None = ROLE) -> Examination:
    return examine(raw, expected=EXPECTED, issued=issued, claimed=claimed, now=NOON)


def role(policy: Any = RIGHT, *, arn: str = ROLE_ARN) -> dict[str, Any]:
    """Return what `aws iam get-role` prints."""
    return {
        "Role": {
            "Path": "/",
            "RoleName": "northwind-7kq2m9xd",
            "RoleId": "AROAEXAMPLEEXAMPLEEX",
            "Arn": arn,
            "CreateDate": "2030-05-17T11:58:02+00:00",
            "AssumeRolePolicyDocument": policy,
            "MaxSessionDuration": 3600,
            "RoleLastUsed": {},
        }
    }


def with_principal(principal: Any) -> dict[str, Any]:
    """Return the right policy with another Principal."""
    return {**RIGHT, "Statement": [{**RIGHT["Statement"][0], "Principal": principal}]}


def text(value: Any) -> str:
    return json.dumps(value, indent=4)
