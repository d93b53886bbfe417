"""Permissions as people really have them, each judged as AWS's documentation says (tests/cases/permissions.jsonl)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onboarding.ground.arn import parse_role_arn
from onboarding.permissions.aws_actions import aws_actions
from onboarding.permissions.comparison import DeployedPermissions, PermissionComparison, compare_permissions
from onboarding.permissions.reach import Reach, actions_by_reach, reviewed_actions
from onboarding.permissions.rules import read_managed
from onboarding.policy.effort import at_most
from onboarding.proof.checks import MOST_STEPS
from tests.managed_policies import managed_policies
from tests.unit.deployed_permissions import ASKED, NOW

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "permissions.jsonl").read_text().splitlines()
]
ROLE = parse_role_arn("arn:aws:iam::111122223333:role/northwind-7kq2m9xd")
STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/northwind-7kq2m9xd/0a1b2c3d-0000-1111-2222-333344445555"
WANTED = ASKED.for_role(ROLE, external_id="northwind-7kq2m9xd-0123456789abcdef0123456789abcdef", stack_arn=STACK)
PUBLISHED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": w.sid, "Effect": "Allow", "Action": list(w.actions), "Resource": list(w.resources)} for w in WANTED
    ],
}


def judged(deployed: dict[str, Any]) -> PermissionComparison:
    documents = managed_policies()
    inline = {name: PUBLISHED if found == "AS-PUBLISHED" else found for name, found in deployed["inline"].items()}
    attached = {arn: documents.get(arn) for arn in deployed["attached"]}
    boundary = deployed["boundary"] or None
    with at_most(MOST_STEPS):
        return compare_permissions(
            DeployedPermissions(inline, attached, boundary, documents.get(boundary or "")),
            WANTED,
            role_arn=ROLE,
            now=NOW,
        )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_people_really_have_is_judged_as_aws_documents_it(case):
    found = judged(case["input"])

    answer = {
        "passed": found.is_exact,
        "missing": bool(found.missing),
        "excess": bool(found.excess),
        "changes": any(e.reach is Reach.CHANGE for e in found.excess),
    }
    expected = {name: value for name, value in case["expected"].items() if value is not None}
    assert {name: answer[name] for name in expected} == expected


def test_a_guard_rail_that_we_cannot_see_is_said_to_be_unknown():
    (case,) = [case for case in CASES if case["name"] == "customer-managed-deny-guardrail"]
    found = judged(case["input"])

    assert (found.missing, found.excess, [name for name, _ in found.unknown]) == ((), (), case["input"]["attached"])


def test_no_policy_of_aws_own_is_too_complex():
    for arn in managed_policies():
        judged({"inline": {"read-only": "AS-PUBLISHED"}, "attached": [arn], "boundary": ""})
        judged({"inline": {"read-only": "AS-PUBLISHED"}, "attached": [], "boundary": arn})


READING = [
    arn for arn in managed_policies() if "ReadOnly" in arn or arn.endswith(("/ViewOnlyAccess", "/SecurityAudit"))
]


def test_no_policy_by_which_aws_lets_only_read_is_called_changing():
    changing, explained = actions_by_reach()[Reach.CHANGE], reviewed_actions()
    assert len(READING) > 230

    for arn in READING:
        read = read_managed(arn, managed_policies()[arn])
        for rule in read.rules if read.problem is None else ():
            named = 0 if rule.is_deny else rule.named & changing
            for name in aws_actions().spelled(named):
                rows = [row for row in explained if aws_actions().named_by(row.action) & aws_actions().named_by(name)]
                assert rows and Reach.CHANGE in rows[-1].reaches, f"{arn} allows {name}"
