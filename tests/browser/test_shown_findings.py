"""What withholds nothing is said all the same, on success, and goes once it is put right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.browser import by_request
from tests.browser.diagnoses import see_diagnosis, see_finding, see_passed, verify_and_look
from tests.browser.visitor import Wizard

MORE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "*"}]}
)
LESS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ce:GetCostAndUsage", "Resource": "*"}]}
)

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def own_policy(iam: Any, role_name: str, document: str = MORE) -> str:
    """Make a managed policy of the account's own, and return its ARN."""
    made = iam.create_policy(PolicyName=f"more-for-{role_name}", PolicyDocument=document)
    return made["Policy"]["Arn"]


Act = Callable[[Any, str], Any]


@pytest.mark.parametrize(
    ("code", "do", "undo", "words"),
    [
        (
            "permissions_excess",
            lambda iam, name: iam.attach_role_policy(RoleName=name, PolicyArn=own_policy(iam, name)),
            lambda iam, name: iam.detach_role_policy(
                RoleName=name,
                PolicyArn=iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyArn"],
            ),
            "more-for-",
        ),
        (
            "permissions_excess",
            lambda iam, name: iam.put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=MORE),
            lambda iam, name: iam.delete_role_policy(RoleName=name, PolicyName="more"),
            "ec2:TerminateInstances",
        ),
        (
            "permissions_missing",
            lambda iam, name: iam.put_role_policy(RoleName=name, PolicyName="less", PolicyDocument=LESS),
            lambda iam, name: iam.delete_role_policy(RoleName=name, PolicyName="less"),
            "ce:GetCostAndUsage",
        ),
        (
            "permissions_bounded",
            lambda iam, name: iam.put_role_permissions_boundary(
                RoleName=name, PermissionsBoundary=own_policy(iam, name, EVERYTHING)
            ),
            lambda iam, name: iam.delete_role_permissions_boundary(RoleName=name),
            "permissions boundary",
        ),
    ],
    ids=["an attached policy", "one action too many", "one too few", "a boundary"],
)
def test_what_the_role_may_do_otherwise_than_agreed_is_told_on_success(
    wizard: Wizard, code: str, do: Act, undo: Act, words: str
) -> None:
    by_request.connect(wizard)
    sandbox, row = wizard.visitor.sandbox, wizard.row
    iam, name = sandbox.client("iam", row["account_id"]), f"northwind-{row['handle']}"

    do(iam, name)
    verify_and_look(wizard)
    see_finding(wizard, "permissions_match", code, words)

    undo(iam, name)
    verify_and_look(wizard)
    see_passed(wizard, "permissions_match")


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
