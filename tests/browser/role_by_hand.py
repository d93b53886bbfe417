"""Roles made by an administrator's hand instead of by the stack, so that a test says what they trust and may do."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.sandbox_process import VENDOR_ACCOUNT, VENDOR_PRINCIPAL, sound_trust
from tests.browser.visitor import Wizard

READS_ITSELF = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}]}
)


class RoleByHand:
    """The connection's role, by the name that the wizard watches for."""

    def __init__(self, wizard: Wizard) -> None:
        self.external_id = wizard.row["pinned_external_id"]
        self.name = f"northwind-{wizard.row['handle']}"
        self.iam = wizard.visitor.sandbox.client("iam", wizard.row["account_id"])

    def make(self, trust: str = "") -> None:
        """Make the role, able to read itself from the first moment on."""
        nobody = sound_trust("northwind-nobodyxx-" + "0" * 32)
        self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=nobody)
        self.may_read_itself()
        self.trusts(trust or sound_trust(self.external_id))

    def trusts(self, trust: str) -> None:
        """Edit the trust policy."""
        self.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=trust)

    def may_read_itself(self) -> None:
        """Put the inline policy in its place."""
        self.iam.put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=READS_ITSELF)

    def may_not_read_itself(self) -> None:
        """Take the inline policy away."""
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="own")

    def delete(self) -> None:
        """Delete the role, as whoever deletes its stack does."""
        self.may_not_read_itself()
        self.iam.delete_role(RoleName=self.name)

    def printed(self) -> str:
        """What `aws iam get-role` prints of it."""
        role = self.iam.get_role(RoleName=self.name)["Role"]
        return json.dumps({"Role": {"Arn": role["Arn"], "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"]}})


def trust_with(external_id: str, *, operator: str = "StringEquals", second: dict[str, Any] | None = None) -> str:
    """Return the right trust policy but for its operator, or for a second statement."""
    policy = json.loads(sound_trust(external_id))
    condition = policy["Statement"][0]["Condition"]
    condition[operator] = condition.pop("StringEquals")
    if second is not None:
        policy["Statement"].append(second)
    return json.dumps(policy)


ANOTHER_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "sts:AssumeRole",
}
US_WITHOUT_ID = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
    "Condition": {"ArnEquals": {"aws:PrincipalArn": VENDOR_PRINCIPAL}},
}
