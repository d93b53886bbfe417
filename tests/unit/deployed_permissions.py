"""A role's policies as they come back from AWS, right and changed: data for the tests of permissions."""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onboarding.ground.arn import parse_role_arn
from onboarding.permissions.asked import AskedPermissions
from onboarding.permissions.comparison import DeployedPermissions, compare_permissions
from onboarding.permissions.reach import Reach
from onboarding.stack_template.functions import resolve
from onboarding.stack_template.yaml_text import read_yaml
from tests.builders import ACCOUNT, EXTERNAL_ID, ROLE_ARN

TEMPLATE = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/northwind-7kq2m9xd/5f0e1a2b"
ASKED = AskedPermissions.parse(TEMPLATE)
ROLE = parse_role_arn(ROLE_ARN)
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
WANTED = ASKED.for_role(ROLE, external_id=EXTERNAL_ID)
PERFECT: dict[str, Any] = resolve(
    read_yaml(TEMPLATE)["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"],
    names={"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::StackId": STACK, "ExternalId": EXTERNAL_ID},
    mappings={},
)


def compared(document: Any = PERFECT, /, *, asked: Any = WANTED, more: Any = None, **others: Any):
    inline = {"read-only": document} | ({"more": {"Statement": more}} if more else {})
    return judged(DeployedPermissions(inline, **others), asked)


def judged(deployed: DeployedPermissions, asked: Any = WANTED):
    return compare_permissions(deployed, asked, role_arn=ROLE, now=NOW)


def changed(sid: str, **elements: Any) -> dict[str, Any]:
    """The perfect policy with one statement's elements replaced, or left out where they are None."""
    policy = deepcopy(PERFECT)
    for statement in policy["Statement"]:
        if statement["Sid"] == sid:
            statement.update(elements)
            for name in [name for name, value in statement.items() if value is None]:
                del statement[name]
    return policy


def without(sid: str) -> dict[str, Any]:
    return {**PERFECT, "Statement": [s for s in PERFECT["Statement"] if s["Sid"] != sid]}


def missing(found) -> dict[str, tuple[str, ...]]:
    return {m.sid: m.actions for m in found.missing}


def excess(found) -> dict[Reach, tuple[str, ...]]:
    """What was never asked for, by how far it reaches."""
    return {e.reach: e.actions for e in found.excess if not e.is_wider}


def wider(found) -> tuple[str, ...]:
    """What was asked for, but not on so much."""
    return tuple(action for e in found.excess if e.is_wider for action in e.actions)


def allow(*actions: str, **others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **others}


def deny(*actions: str, **others: Any) -> dict[str, Any]:
    return {**allow(*actions, **others), "Effect": "Deny"}


def actions_of(sid: str) -> tuple[str, ...]:
    return next(a.actions for a in WANTED if a.sid == sid)


TAGS = {"Tags": ("tag:GetResources",)}
OWN_STACK = {"OwnStack": actions_of("OwnStack")}
RUN = {Reach.CHANGE: ("ec2:RunInstances",)}


def split_up() -> dict[str, Any]:
    """The same permissions with a statement for every action, shuffled, and every action in small letters."""
    single = [
        {"Effect": "Allow", "Action": action.lower(), "Resource": [statement["Resource"]]}
        for statement in PERFECT["Statement"]
        for action in statement["Action"]
    ]
    random.Random(7).shuffle(single)
    return {"Statement": single}
