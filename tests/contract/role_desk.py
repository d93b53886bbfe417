"""A tenant's administrator who makes one connection's role, and then meddles with it, over HTTP like everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.cloudformation.models import cloudformation_backends

from onboarding.stack_template.template import bake
from sandbox.moto_access import MOTO_LOCK
from tests.builders import ACCOUNT, VENDOR_ACCOUNT
from tests.sandbox_callers import Tenant, eventually

TEMPLATE = bake(
    (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text(encoding="utf-8"),
    account_id=VENDOR_ACCOUNT,
    principal="role/northwind-rolecall",
)
Edit = Callable[[str], str]


class Desk:
    """Where one role is made. `claimed` is the ARN that the tenant then names."""

    def __init__(self, tenant: Tenant, *, handle: str) -> None:
        self.tenant = tenant
        self.iam = tenant.iam
        self.name = f"northwind-{handle}"
        self.external_id = f"{self.name}-{'0123456789abcdef' * 2}"
        self.claimed = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self.stack_id = ""

    def create_stack(self, edit: Edit = lambda text: text, *, external_id: str = "") -> None:
        """Make the role from the published template, or from what the tenant made of it."""
        self.stack_id = self.tenant.create(
            external_id or self.external_id, StackName=self.name, TemplateBody=edit(TEMPLATE)
        )
        eventually(lambda: self.tenant.stack(self.stack_id)["StackStatus"] == "CREATE_COMPLETE")
        outputs = {o["OutputKey"]: o["OutputValue"] for o in self.tenant.stack(self.stack_id)["Outputs"]}
        self.claimed = outputs["RoleArn"]

    def trust(self, statements: list[Any]) -> None:
        """Put this trust policy on the role; `$ID` stands for the external ID, `$NAME` for all before its last part."""
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        text = text.replace("$ID", self.external_id).replace("$NAME", self.name)
        self.iam.update_assume_role_policy(RoleName=self.role_name, PolicyDocument=text)

    def rewrite(self, change: Callable[[list[Any]], list[Any]]) -> None:
        """Put the role's own policy back with other statements."""
        listed = self.iam.list_role_policies(RoleName=self.role_name)["PolicyNames"][0]
        document = self.iam.get_role_policy(RoleName=self.role_name, PolicyName=listed)["PolicyDocument"]
        self.put(listed, change(document["Statement"]))

    def put(self, policy_name: str, statements: list[Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=self.role_name, PolicyName=policy_name, PolicyDocument=document)

    def attach(self, policy_arn: str) -> None:
        self.iam.attach_role_policy(RoleName=self.role_name, PolicyArn=policy_arn)

    def bound(self, policy_arn: str) -> None:
        self.iam.put_role_permissions_boundary(RoleName=self.role_name, PermissionsBoundary=policy_arn)

    def own_policy(self, name: str, action: str) -> str:
        """Make a managed policy of the tenant's own, and return its ARN."""
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(self.iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"])

    def delete_stack_but_keep_role(self) -> None:
        """What DeletionPolicy: Retain does: the stack goes, and the role stays as it was."""
        role = self.iam.get_role(RoleName=self.role_name)["Role"]
        name = self.iam.list_role_policies(RoleName=self.role_name)["PolicyNames"][0]
        policy = self.iam.get_role_policy(RoleName=self.role_name, PolicyName=name)["PolicyDocument"]
        self.tenant.cloudformation.delete_stack(StackName=self.stack_id)
        eventually(lambda: self.tenant.stack(self.stack_id)["StackStatus"] == "DELETE_COMPLETE")
        trust = json.dumps(role["AssumeRolePolicyDocument"])
        self.iam.create_role(RoleName=self.role_name, AssumeRolePolicyDocument=trust)
        self.put(name, policy["Statement"])

    def stack_is(self, status: str) -> None:
        """Set the stack's status, as only time or a fault would."""
        with MOTO_LOCK:
            cloudformation_backends[ACCOUNT]["us-east-1"].stacks[self.stack_id].set_status(status)

    @property
    def role_name(self) -> str:
        return self.claimed.rpartition("/")[2]
