"""What withholds nothing is said all the same, on success, and goes once it is put right."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.abuse.policies import LONGEST_POLICY, POLICIES
from tests.browser import by_request
from tests.browser.diagnoses import see_diagnosis, see_finding, see_passed, verify_and_look
from tests.browser.visitor import Wizard

MORE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "*"}]}
)
LESS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ce:GetCostAndUsage", "Resource": "*"}]}
)

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

# With the role's own policy, AWS's limit would be exceeded; the stand-in for AWS has none.
LONG = json.dumps(POLICIES["long wildcards"](LONGEST_POLICY))
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def own_policy(iam: Any, name: str, document: str) -> str:
    """Make a managed policy of the account's own, and return its ARN."""
    made = iam.create_policy(PolicyName=name, PolicyDocument=document)
    return str(made["Policy"]["Arn"])


def test_what_the_role_may_do_otherwise_than_agreed_is_told_on_success(wizard: Wizard) -> None:
    by_request.connect(wizard)
    sandbox, row = wizard.visitor.sandbox, wizard.row
    iam, name = sandbox.client("iam", row["account_id"]), f"northwind-{row['handle']}"
    more, everything = own_policy(iam, f"more-for-{name}", MORE), own_policy(iam, f"all-for-{name}", EVERYTHING)

    def see_told(code: str, words: str) -> None:
        verify_and_look(wizard)
        see_finding(wizard, "permissions_match", code, words)

    def see_undone() -> None:
        verify_and_look(wizard)
        see_passed(wizard, "permissions_match")

    iam.attach_role_policy(RoleName=name, PolicyArn=more)
    see_told("permissions_unseen", "more-for-")
    iam.detach_role_policy(RoleName=name, PolicyArn=more)
    see_undone()

    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    see_told("permissions_excess", "ReadOnlyAccess")
    iam.detach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    see_undone()

    iam.put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=MORE)
    see_told("permissions_excess", "ec2:TerminateInstances")
    iam.delete_role_policy(RoleName=name, PolicyName="more")
    see_undone()

    iam.put_role_policy(RoleName=name, PolicyName="less", PolicyDocument=LESS)
    see_told("permissions_missing", "ce:GetCostAndUsage")
    iam.delete_role_policy(RoleName=name, PolicyName="less")
    see_undone()

    iam.put_role_policy(RoleName=name, PolicyName="long", PolicyDocument=LONG)
    see_told("too_complex", "too complex")
    iam.delete_role_policy(RoleName=name, PolicyName="long")
    see_undone()

    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=everything)
    see_told("permissions_bounded", "permissions boundary")
    iam.delete_role_permissions_boundary(RoleName=name)
    see_undone()


@pytest.mark.parametrize(
    ("fault", "code"), [({"error_500": True}, "aws_service_error"), ({"hang": True}, "aws_timed_out")], ids=str
)
def test_a_fault_of_aws_own_is_said_without_blame_and_passes_by_itself(
    wizard: Wizard, fault: dict[str, bool], code: str
) -> None:
    asked = by_request.launch(wizard)
    with wizard.visitor.sandbox.faults(**fault):
        see_diagnosis(wizard, code, within_seconds=25)

    by_request.create_stack(wizard, asked)
    wizard.see_success()


def test_who_names_an_account_and_never_launches_is_led_to_an_external_id(wizard: Wizard) -> None:
    wizard.name_account()
    wizard.see_status("waiting")

    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))

    see_diagnosis(wizard, "no_external_id")
    wizard.go(3)
    shown = wizard.external_id
    wizard.go(1)
    by_request.launch_and_create(wizard)
    wizard.see_success()
    assert wizard.row["bound_external_id"] == shown
