"""What a deployed role may do is compared with what the template asks for by meaning, not by spelling."""

from __future__ import annotations

import json
import time
from fnmatch import fnmatchcase
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.ground.arn import parse_role_arn
from onboarding.permissions.asked import AskedPermissions, AskedStatement
from onboarding.permissions.comparison import DeployedPermissions, compare_permissions
from onboarding.permissions.excess import Reach
from onboarding.policy.document import Condition
from onboarding.stack_template.template import StackTemplateError
from tests.builders import ACCOUNT, EXTERNAL_ID, OTHER_ACCOUNT, ROLE_ARN
from tests.unit.deployed_permissions import (
    ASKED,
    OWN_STACK,
    PERFECT,
    RUN,
    STACK,
    TAGS,
    TEMPLATE,
    WANTED,
    actions_of,
    allow,
    changed,
    compared,
    deny,
    excess,
    missing,
    split_up,
    without,
)


@pytest.mark.parametrize(
    "document",
    [PERFECT, json.dumps(PERFECT), quote(json.dumps(PERFECT)), split_up(), {"Statement": PERFECT["Statement"][::-1]}],
    ids=["as made", "as text", "as IAM sends it", "split up and shuffled", "the other way round"],
)
def test_what_was_agreed_is_exact_however_it_is_written(document):
    assert compared(document).is_exact


def test_two_policies_may_hold_together_what_one_held():
    half = {"Statement": PERFECT["Statement"][7:]}

    assert compare_permissions(
        DeployedPermissions({"a": {"Statement": PERFECT["Statement"][:7]}, "b": half}), WANTED
    ).is_exact


def test_the_stacks_own_arn_is_compared_exactly_where_it_is_known():
    role = parse_role_arn(ROLE_ARN)

    assert compared(asked=ASKED.for_role(role, external_id=EXTERNAL_ID, stack_arn=STACK)).is_exact
    other = compared(asked=ASKED.for_role(role, external_id=EXTERNAL_ID, stack_arn=f"{STACK}9"))
    assert missing(other) == OWN_STACK


@pytest.mark.parametrize(
    ("document", "more", "lacking"),
    [
        (without("Metrics"), None, {"Metrics": actions_of("Metrics")}),
        (without("Metrics"), [allow("cloudwatch:*")], {}),
        (without("Metrics"), [allow("*")], {}),
        (without("Metrics"), [allow("CLOUDWATCH:getmetric*")], {"Metrics": ("cloudwatch:ListMetrics",)}),
        (without("Metrics"), [allow("cloudwatch:?etMetricData", "cloudwatch:List*")], {}),
        (without("Tags"), [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}),
        (without("Tags"), [{"Effect": "Allow", "NotAction": "tag:Get*", "Resource": "*"}], TAGS),
        (without("Tags"), [allow("tag:GetResources", Resource=None, NotResource="arn:aws:s3:::x")],
         TAGS),
        (changed("Tags", Resource="arn:aws:s3:::one"), None, TAGS),
        (changed("Tags", Resource=None), None, TAGS),
        (changed("Tags", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), None,
         TAGS),
        (changed("Tags", Effect="allow"), None, TAGS),
        (PERFECT, [deny("tag:GetResources")], TAGS),
        (PERFECT, [deny("TAG:*", Resource="arn:aws:s3:::one")], TAGS),
        (PERFECT, [deny("tag:*", Condition={"Bool": {"aws:SecureTransport": "false"}})], TAGS),
        (PERFECT, [deny("tag:TagResources", "s3:GetObject")], {}),
        (PERFECT, [deny("iam:*", Resource="arn:aws:iam::111122223333:role/another")], {}),
        (PERFECT, [{"Effect": "Deny", "NotAction": "tag:*", "Resource": "*"}],
         {a.sid: a.actions for a in WANTED if a.sid != "Tags"}),
        (changed("OwnRole", Resource=f"arn:aws:iam::{ACCOUNT}:role/another"), None, {"OwnRole": actions_of("OwnRole")}),
        (changed("OwnRole", Resource="*"), None, {}),
        (changed("OwnStack", Resource=STACK.replace(ACCOUNT, OTHER_ACCOUNT)), None, OWN_STACK),
        (changed("OwnStack", Resource=STACK.replace("5f0e", "*")), None, OWN_STACK),
        (changed("OwnStack", Resource="*"), None, {}),
        ({"Statement": []}, None, {a.sid: a.actions for a in WANTED}),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_by_its_statement(document, more, lacking):
    found = compared(document, more=[{k: v for k, v in s.items() if v is not None} for s in more or []])

    assert missing(found) == lacking


def test_what_is_missing_carries_the_templates_own_title():
    assert [m.title for m in compared(without("Compute")).missing] == ["Servers"]


@pytest.mark.parametrize(
    ("document", "more", "surplus"),
    [
        (PERFECT, [allow("ec2:*")], {"ec2:*": Reach.CHANGES}),
        (PERFECT, [allow("*")], {"*": Reach.EVERYTHING}),
        (PERFECT, [allow("*:*")], {"*:*": Reach.EVERYTHING}),
        (PERFECT, [allow("ec2:Describe*")], {"ec2:Describe*": Reach.READS}),
        (PERFECT, [allow("ec2:DescribeImages")], {"ec2:DescribeImages": Reach.READS}),
        (PERFECT, [allow("s3:GetObject", "ec2:RunInstances")], {"s3:GetObject": Reach.READS, **RUN}),
        (PERFECT, [allow("iam:PassRole")], {"iam:PassRole": Reach.CHANGES}),
        (PERFECT, [allow("iam:ListUsers")], {"iam:ListUsers": Reach.READS}),
        (PERFECT, [allow("ec2:DescribeVolumes")], {}),
        (PERFECT, [allow("ec2:DescribeVolumes", Resource="arn:aws:ec2:*:*:volume/*")], {}),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*")], {}),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*", Resource="arn:aws:ec2:::x")], RUN),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*", Condition={"Null": {"a:b": "true"}})],
         RUN),
        (PERFECT, [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {"not iam:*": Reach.EVERYTHING}),
        (changed("OwnRole", Resource="*"), None, {", ".join(actions_of("OwnRole")): Reach.READS}),
        (changed("OwnStack", Resource=STACK.replace("5f0e", "*")), None,
         {", ".join(actions_of("OwnStack")): Reach.READS}),
    ],
)  # fmt: skip
def test_what_is_in_excess_is_named_with_how_far_it_reaches(document, more, surplus):
    found = compared(document, more=more)

    assert excess(found) == surplus
    assert all(e.sentence.endswith(".") for e in found.excess)


def test_a_condition_that_the_template_sets_itself_is_neither_missing_nor_in_excess():
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    asked = [
        AskedStatement(
            "A", "A", ("ec2:A",), ("*",), (Condition("StringEquals", "aws:RequestedRegion", ("us-east-1",)),)
        )
    ]

    assert compared({"Statement": allow("ec2:A", Condition=condition)}, asked=asked).is_exact
    assert excess(compared({"Statement": allow("ec2:A")}, asked=asked)) == {"ec2:A": Reach.READS}


@pytest.mark.parametrize(
    ("arn", "reach", "word"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", Reach.EVERYTHING, "everything"),
        ("arn:aws-cn:iam::aws:policy/PowerUserAccess", Reach.EVERYTHING, "delete"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", Reach.READS, "data"),
        ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", Reach.READS, "exists"),
        (f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess", Reach.CHANGES, "not asked for"),
        (f"arn:aws:iam::{ACCOUNT}:policy/own", Reach.CHANGES, "own"),
        ("nonsense", Reach.CHANGES, "nonsense"),
    ],
)
def test_an_attached_policy_is_always_in_excess(arn, reach, word):
    (found,) = compared(attached=(arn, arn)).excess

    assert (found.policy, found.severity) == (arn, reach)
    assert word in found.sentence


def test_administrator_access_leaves_nothing_missing_but_a_deny_still_takes_away():
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"

    assert missing(compared(without("Metrics"), attached=(admin,))) == {}
    assert missing(compared(without("Metrics"), attached=(admin,), more=[deny("tag:*")])) == {
        "Tags": ("tag:GetResources",)
    }


def test_power_user_access_does_not_let_the_role_read_itself():
    power = "arn:aws:iam::aws:policy/PowerUserAccess"

    assert set(missing(compared({"Statement": []}, attached=(power,)))) == {"OwnRole"}


def test_a_boundary_is_reported_as_what_may_take_away():
    found = compared(boundary_arn="arn:aws:iam::111122223333:policy/limits")

    assert not found.is_exact
    assert "may take away" in found.boundary_sentence
    assert compared().boundary_sentence == ""


def test_a_policy_that_cannot_be_read_is_said_to_be_so_and_the_others_are_judged():
    found = compare_permissions(DeployedPermissions({"broken": "{", "read-only": PERFECT}), WANTED)

    assert [name for name, _ in found.unreadable] == ["broken"]
    assert found.missing == found.excess == ()
    assert not found.is_exact


def test_a_policy_with_something_odd_in_it_is_not_called_exact():
    assert compared(changed("Tags", Principal="somebody")).unreadable[0][0] == "read-only"


@given(st.dictionaries(st.text(max_size=5), st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(
        st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "Condition", "x"]), x, max_size=5),
    max_leaves=20), max_size=3), st.lists(st.text(max_size=9)).map(tuple))  # fmt: skip
def test_nothing_deployed_makes_it_raise(inline, attached):
    compare_permissions(DeployedPermissions(inline, attached), WANTED)


actions = st.sampled_from([*actions_of("Compute"), "ec2:*", "ec2:Describe*", "*", "tag:GetResources", "s3:GetObject"])
rules = st.lists(st.tuples(st.sampled_from(["Allow", "Allow", "Deny"]), actions), max_size=6)


@given(rules)
def test_missing_and_excess_are_what_a_plain_evaluation_of_each_action_says(drawn):
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in drawn]
    asked = [AskedStatement("Compute", "Servers", actions_of("Compute"), ("*",))]

    found = compare_permissions(DeployedPermissions({"p": {"Statement": statements}} if statements else {}), asked)

    lacking = {action for m in found.missing for action in m.actions}
    assert lacking == {action for action in actions_of("Compute") if not plainly_may(action, drawn)}
    if any(plainly_may(action, drawn) for action in ("tag:GetResources", "s3:GetObject", "ec2:DescribeImages")):
        assert found.excess


def plainly_may(action, drawn):
    effects = {effect for effect, pattern in drawn if fnmatchcase(action, pattern)}
    return effects == {"Allow"}


def test_a_function_that_cannot_be_worked_out_is_named():
    odd = AskedPermissions.parse(TEMPLATE.replace("Resource: !Ref AWS::StackId", "Resource: !Ref AWS::NoSuchThing"))

    with pytest.raises(StackTemplateError, match="AWS::NoSuchThing"):
        odd.for_role(parse_role_arn(ROLE_ARN), external_id=EXTERNAL_ID)


def test_a_comparison_costs_a_few_milliseconds():
    compared()
    started = time.process_time()

    for _ in range(20):
        compared()

    assert (time.process_time() - started) / 20 < 0.03
