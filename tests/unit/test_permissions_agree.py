"""What is missing and in excess agrees with asking the evaluator for every request, one at a time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.comparison import DeployedPermissions
from onboarding.permissions.rules import session_keys
from onboarding.policy.document import PolicyDocument, parse_policy
from onboarding.policy.evaluate import Decision, Request, evaluate
from tests.builders import ACCOUNT, ROLE_ARN
from tests.unit.deployed_permissions import NOW, ROLE, judged

OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
# With kinds of resource, and without: those are asked about `*`.
BOUND = ("iam:GetRole", "iam:GetRolePolicy", "iam:DeleteRole", "iam:UpdateRole")
UNBOUND = ("tag:GetResources", "ec2:DescribeVolumes", "ec2:DescribeImages", "sts:GetSessionToken")
WANTED = (
    AskedStatement("OwnRole", "Role", ("iam:GetRole", "iam:GetRolePolicy"), (ROLE_ARN,)),
    AskedStatement("Tags", "Tags", ("tag:GetResources", "ec2:DescribeVolumes"), ("*",)),
)
ASKED = {(action, resource) for wanted in WANTED for action in wanted.actions for resource in wanted.resources}

actions = st.lists(
    st.sampled_from([*BOUND, *UNBOUND, "iam:Get*", "iam:*Role", "*", "*:Get*", "ec2:*", "iam:?etRole", "TAG:*"]),
    min_size=1, max_size=3,
)  # fmt: skip
resources = st.lists(
    st.sampled_from(
        ["*", ROLE_ARN, OTHER, "arn:aws:iam::*:role/*", f"arn:aws:iam::${{aws:PrincipalAccount}}:role/{ROLE.name}"]
    ),
    min_size=1, max_size=2,
)  # fmt: skip
conditions = st.sampled_from([
    {}, {}, {}, {"Bool": {"aws:SecureTransport": "true"}}, {"Bool": {"aws:SecureTransport": "false"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, {"Null": {"aws:username": "true"}},
    {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
])  # fmt: skip


@st.composite
def statements(draw: Any) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(actions),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(resources),
        "Condition": draw(conditions),
    }


policies = st.lists(statements(), min_size=1, max_size=5).map(lambda s: {"Version": "2012-10-17", "Statement": s})


def decided(policy: dict[str, Any], action: str, resource: str) -> Decision:
    parsed = parse_policy(json.dumps(policy).replace("${aws:PrincipalAccount}", ACCOUNT))
    assert isinstance(parsed, PolicyDocument)
    return evaluate([parsed], Request(action, session_keys(ROLE, NOW), resource=resource))


@given(policies)
def test_what_is_missing_is_what_the_evaluator_does_not_surely_allow(policy):
    found = judged(DeployedPermissions({"p": policy}), WANTED)

    missing = {action for m in found.missing for action in m.actions}
    assert missing == {action for action, on in ASKED if decided(policy, action, on) is not Decision.ALLOWED}


@given(policies)
def test_what_the_evaluator_may_allow_besides_is_in_excess(policy):
    found = judged(DeployedPermissions({"p": policy}), WANTED)

    requests = {(action, on) for action in BOUND for on in (ROLE_ARN, OTHER)} | {(action, "*") for action in UNBOUND}
    if any(decided(policy, action, on) is not Decision.DENIED for action, on in requests - ASKED):
        assert found.excess


@given(policies, policies)
def test_a_boundary_takes_away_what_both_together_do_not_allow(policy, boundary):
    found = judged(DeployedPermissions({"p": policy}, {}, "arn:aws:iam::111122223333:policy/limit", boundary), WANTED)

    missing = {action for m in found.missing for action in m.actions}
    both = (policy, boundary)
    assert missing == {
        action for action, on in ASKED if any(decided(p, action, on) is not Decision.ALLOWED for p in both)
    }
