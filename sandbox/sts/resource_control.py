"""Resource control policies: what the organisation of a role's account denies, whatever the role itself allows.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.trust import why_denied

ORGANIZATION_ID = "o-sandbox4tenants"
# What AWS's Landing Zone Accelerator has as a sample: nobody from outside assumes a role.
ONLY_THE_ORGANIZATION: dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GRSTSDPB",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sts:AssumeRole",
            "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION_ID},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        }
    ],
}


class InvalidPolicy(ValueError):
    """The policy is no policy, or the account no account."""


class ResourceControls:
    """The resource control policies now in force, by account; all these accounts are of one organisation."""

    def __init__(self) -> None:
        self._policies: dict[str, object] = {}

    @property
    def policies(self) -> Mapping[str, object]:
        """The policy in force, by account ID."""
        return dict(self._policies)

    def put(self, account_id: object, policy: object = None) -> None:
        """Put the policy in front of every role of the account; None: the one that lets in the organisation alone.

        Raises InvalidPolicy.
        """
        if not isinstance(account_id, str) or len(account_id) != 12 or not account_id.isdecimal():
            raise InvalidPolicy("account_id is twelve digits")
        chosen = ONLY_THE_ORGANIZATION if policy is None else policy
        if not isinstance(chosen, dict) or not isinstance(chosen.get("Statement"), list):
            raise InvalidPolicy("policy is a JSON object with a list of statements")
        self._policies[account_id] = json.loads(json.dumps(chosen))

    def clear(self) -> None:
        """Take all of them away."""
        self._policies.clear()

    def organization_of(self, account_id: str) -> str | None:
        """Return the account's organisation, or None if it is in none."""
        return ORGANIZATION_ID if account_id in self._policies else None

    def why_denied(self, request: AssumeRoleRequest, *, account_id: str) -> str | None:
        """Return why the account's policy denies the request for one of its roles, or None."""
        policy = self._policies.get(account_id)
        return None if policy is None else why_denied(policy, request)
