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
from onboarding.permissions.comparison import DeployedPermissions
from onboarding.permissions.reach import Reach
from onboarding.policy.document import Condition
from onboarding.stack_template.reading import StackTemplateError
from tests.builders import ACCOUNT, EXTERNAL_ID, OTHER_ACCOUNT, ROLE_ARN
from tests.managed_policies import managed_policies
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
    judged,
    missing,
    split_up,
    wider,
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

    assert judged(DeployedPermissions({"a": {"Statement": PERFECT["Statement"][:7]}, "b": half}), WANTED).is_exact


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
         {}),
        (changed("Tags", Resource="arn:aws:s3:::one"), None, TAGS),
        (changed("Tags", Resource=None), None, TAGS),
        (changed("Tags", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), None,
         TAGS),
        (changed("Tags", Effect="allow"), None, TAGS),
        (PERFECT, [deny("tag:GetResources")], TAGS),
        (PERFECT, [deny("tag:*", Condition={"Bool": {"aws:ViaAWSService": "true"}})], {}),
        (PERFECT, [deny("tag:*", Condition={"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}})], {}),
        (without("Buckets"), [allow("s3:*", Resource=None, NotResource="arn:aws:s3:::payroll")],
         {"Buckets": tuple(a for a in actions_of("Buckets") if a != "s3:ListAllMyBuckets")}),
        ({**changed("OwnRole", Resource=ROLE_ARN.replace(ACCOUNT, "${*}")), "Version": "2012-10-17"}, None,
         {"OwnRole": actions_of("OwnRole")}),
        (PERFECT, [deny("TAG:*", Resource="arn:aws:s3:::one")], {}),
        (PERFECT, [deny("S3:getbuckettagging", Resource="arn:aws:s3:::one")], {"Buckets": ("s3:GetBucketTagging",)}),
        (PERFECT, [deny("rds:*", Resource="arn:aws:dynamodb:*:*:table/*")], {}),
        (PERFECT, [deny("s3:ListAllMyBuckets", Resource="arn:aws:s3:::one")], {}),
        (PERFECT, [deny("s3:ListAllMyBuckets", Resource="arn:aws:s3:::*")], {"Buckets": ("s3:ListAllMyBuckets",)}),
        (without("Databases"), [allow("rds:*", Resource=f"arn:aws:rds:*:{ACCOUNT}:*")],
         {"Databases": tuple(a for a in actions_of("Databases") if not a.startswith("rds:"))}),
        (PERFECT, [deny("tag:*", Condition={"Bool": {"aws:SecureTransport": "false"}})], {}),
        (PERFECT, [deny("tag:*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})], TAGS),
        (PERFECT, [deny("tag:*", Condition={"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}})], {}),
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


def test_an_action_that_our_list_lacks_is_asked_for_by_name():
    asked = [AskedStatement("New", "New", ("new:Thing",), ("*",))]

    def found(*statements):
        return missing(compared({"Statement": list(statements)}, asked=asked))

    assert found(allow("NEW:thing")) == found(allow("new:T*")) == found(allow("*")) == {}
    for lacking in ([allow("new:Other")], [allow("new:*"), deny("new:Thing", Resource="arn:aws:new:::x")]):
        assert found(*lacking) == {"New": ("new:Thing",)}


@pytest.mark.parametrize(
    ("document", "more", "is_perhaps"),
    [
        (without("Tags"), [allow("tag:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})], True),
        (PERFECT, [deny("tag:*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})], True),
        (PERFECT, [deny("tag:*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})], False),
        (PERFECT, [deny("tag:*")], False),
    ],
)
def test_what_hangs_on_a_condition_that_nobody_can_know_is_said_to_be_perhaps_missing(document, more, is_perhaps):
    found = compared(document, more=more).missing

    assert [(m.sid, m.is_perhaps) for m in found] == [("Tags", is_perhaps)]


def test_what_is_missing_carries_the_templates_own_title():
    assert [m.title for m in compared(without("Compute")).missing] == ["Servers"]


EVERYWHERE = dict.fromkeys((Reach.CHANGE, Reach.READ), ("ec2:*",))


@pytest.mark.parametrize(
    ("document", "more", "surplus"),
    [
        (PERFECT, [allow("ec2:*")], EVERYWHERE | {
            Reach.CREDENTIALS: ("ec2:CreateKeyPair", "ec2:GetPasswordData"),
            Reach.DATA: ("ec2:DescribeInstanceAttribute", "ec2:DescribeLaunchTemplateVersions",
                         "ec2:DescribeVpnConnections", "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot",
                         "ec2:GetLaunchTemplateData", "ec2:GetVpnConnectionDeviceSampleConfiguration"),
        }),
        (PERFECT, [allow("*")], dict.fromkeys((Reach.CHANGE, Reach.CREDENTIALS, Reach.DATA, Reach.READ), ("*",))),
        (PERFECT, [allow("ec2:DescribeImages")], {Reach.READ: ("ec2:DescribeImages",)}),
        (PERFECT, [allow("s3:GetObject", "ec2:RunInstances")], {Reach.DATA: ("s3:GetObject",), **RUN}),
        (PERFECT, [allow("iam:PassRole")], {Reach.CHANGE: ("iam:PassRole",)}),
        (PERFECT, [allow("sts:GetFederationToken")], {Reach.CREDENTIALS: ("sts:GetFederationToken",)}),
        (PERFECT, [allow("IAM:listusers")], {Reach.READ: ("iam:ListUsers",)}),
        (PERFECT, [allow("new:Thing", "ec2:Fly*")], {Reach.UNKNOWN: ("ec2:Fly*", "new:Thing")}),
        (PERFECT, [allow("new:Thing"), deny("new:*")], {}),
        (PERFECT, [allow("ec2:DescribeVolumes")], {}),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*")], {}),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*", Resource="arn:aws:ec2:::x")], RUN),
        (PERFECT, [allow("ec2:RunInstances", Resource="arn:aws:ec2:::x"), deny("*", Resource="arn:aws:ec2:::*")], {}),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*", Condition={"Null": {"a:b": "true"}})], RUN),
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:*", Condition={"Bool": {"aws:SecureTransport": "true"}})], {}),
        (PERFECT, [allow("ec2:RunInstances", Condition={"Bool": {"aws:SecureTransport": "false"}})], {}),
        (PERFECT, [allow("ec2:RunInstances", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})], RUN),
        # What AWS would not take may not count as a Deny.
        (PERFECT, [allow("ec2:RunInstances"), deny("ec2:Run*", Whatever="x")], RUN),
        # An action without kinds of resource is not allowed on one.
        (PERFECT, [allow("ec2:DescribeImages", "sts:GetSessionToken", Resource="arn:aws:s3:::x")], {}),
    ],
)  # fmt: skip
def test_what_is_in_excess_is_named_with_how_far_it_reaches(document, more, surplus):
    assert excess(compared(document, more=more)) == surplus


def test_all_but_something_is_said_to_be_so():
    found = compared(more=[{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}])

    assert excess(found) == dict.fromkeys((Reach.CHANGE, Reach.CREDENTIALS, Reach.DATA, Reach.READ), ("all but iam:*",))


@pytest.mark.parametrize(
    ("document", "more"),
    [
        (changed("OwnRole", Resource="*"), actions_of("OwnRole")),
        (changed("OwnStack", Resource=STACK.replace("5f0e", "*")), actions_of("OwnStack")),
    ],
)
def test_what_was_asked_for_on_less_is_told_apart(document, more):
    found = compared(document)

    assert (wider(found), excess(found)) == (more, {})


def test_a_condition_that_the_template_sets_itself_is_neither_missing_nor_in_excess():
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    asked = [
        AskedStatement(
            "A", "A", ("ec2:A",), ("*",), (Condition("StringEquals", "aws:RequestedRegion", ("us-east-1",)),)
        )
    ]

    assert compared({"Statement": allow("ec2:A", Condition=condition)}, asked=asked).is_exact
    assert wider(compared({"Statement": allow("ec2:A")}, asked=asked)) == ("ec2:A",)


def test_a_policy_that_cannot_be_read_is_said_to_be_so_and_the_others_are_judged():
    found = judged(DeployedPermissions({"broken": "{", "read-only": PERFECT}), WANTED)

    assert [name for name, _ in found.unknown] == ["broken"]
    assert found.missing == found.excess == ()
    assert not found.is_exact


def test_a_policy_with_something_odd_in_it_is_not_called_exact():
    assert compared(changed("Tags", Principal="somebody")).unknown[0][0] == "read-only"


@given(st.dictionaries(st.text(max_size=5), st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(
        st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "Condition", "x"]), x, max_size=5),
    max_leaves=20), max_size=3))  # fmt: skip
def test_nothing_deployed_makes_it_raise(documents):
    judged(DeployedPermissions(documents, documents, "a boundary", next(iter(documents.values()), None)))


actions = st.sampled_from([*actions_of("Compute"), "ec2:*", "ec2:Describe*", "*", "tag:GetResources", "s3:GetObject"])
rules = st.lists(st.tuples(st.sampled_from(["Allow", "Allow", "Deny"]), actions), max_size=6)


@given(rules)
def test_missing_and_excess_are_what_a_plain_evaluation_of_each_action_says(drawn):
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in drawn]
    asked = [AskedStatement("Compute", "Servers", actions_of("Compute"), ("*",))]

    found = judged(DeployedPermissions({"p": {"Statement": statements}} if statements else {}), asked)

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


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.clocked
@pytest.mark.parametrize(("attached", "most_seconds"), [((), 0.003), ((READ_ONLY,), 0.015)])
def test_a_comparison_costs_a_few_milliseconds_beside_the_longest_of_aws_own_policies_too(attached, most_seconds):
    documents = {arn: managed_policies()[arn] for arn in attached}
    compared(attached=documents)
    started = time.process_time()

    for _ in range(20):
        compared(attached=documents)

    assert (time.process_time() - started) / 20 < most_seconds
