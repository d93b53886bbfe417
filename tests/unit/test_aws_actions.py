"""How far AWS's actions reach, and that our list of them is AWS's."""

from __future__ import annotations

import gc
import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.compile import ACTIONS, compiled, definition
from onboarding.permissions.aws_actions import AwsActions, aws_actions, numbers_in
from onboarding.permissions.reach import Reach, actions_by_reach, reaches_of, reviewed_actions

KNOWN = aws_actions()
SORTED = sorted(name.lower() for name in KNOWN.names)


def test_the_list_is_what_the_command_makes_of_policy_sentrys_data():
    text = ACTIONS.read_text(encoding="utf-8")
    head = text.partition("\n")[0].removeprefix("# ")

    assert text == compiled(definition(), head=head)
    assert KNOWN.count > 20_000


def reach(action: str) -> set[Reach]:
    return set(reaches_of(KNOWN.named_by(action)))


@pytest.mark.parametrize(
    ("action", "reaches"),
    [
        ("ec2:DescribeInstances", {Reach.READ}),
        ("config:SelectResourceConfig", {Reach.READ}),
        ("iam:GenerateCredentialReport", {Reach.READ}),
        ("billing:GetResourcePolicy", {Reach.READ}),
        ("s3:GetObject", {Reach.DATA}),
        ("SECRETSMANAGER:getsecretvalue", {Reach.DATA}),
        ("ssm:GetParametersByPath", {Reach.DATA}),
        ("kms:Decrypt", {Reach.DATA}),
        ("ec2:RunInstances", {Reach.CHANGE}),
        ("ec2:CreateTags", {Reach.CHANGE}),
        ("iam:PassRole", {Reach.CHANGE}),
        ("mediastore:GetObject", {Reach.DATA}),
        ("sagemaker:GetRecord", {Reach.DATA}),
        ("ecs:DescribeTasks", {Reach.DATA}),
        ("ecs:DescribeServices", {Reach.READ}),
        ("lambda:GetFunctionConcurrency", {Reach.READ}),
        ("cognito-idp:DescribeUserPoolClient", {Reach.CREDENTIALS}),
        ("quicksight:GetDashboardEmbedUrl", {Reach.CREDENTIALS}),
        ("airflow:CreateWebLoginToken", {Reach.CREDENTIALS, Reach.CHANGE}),
        ("iam:PutRolePolicy", {Reach.CHANGE}),
        ("s3express:CreateSession", {Reach.CREDENTIALS}),
        ("ecr:GetAuthorizationToken", {Reach.CREDENTIALS}),
        ("redshift:GetClusterCredentials", {Reach.CREDENTIALS, Reach.CHANGE}),
        ("sts:AssumeRole", {Reach.CREDENTIALS, Reach.CHANGE}),
        ("secretsmanager:Get*", {Reach.DATA, Reach.READ}),
        ("ec2:DescribeNothingThatWeKnow", {Reach.UNKNOWN}),
        ("ec2", {Reach.UNKNOWN}),
    ],
)
def test_an_action_reaches_as_far_as_aws_says_or_the_reviewed_table(action, reaches):
    assert reach(action) == reaches


def test_every_action_reaches_somewhere():
    everything = 0
    for those in actions_by_reach().values():
        everything |= those

    assert everything.bit_count() == KNOWN.count


def test_every_row_of_the_reviewed_table_says_something_and_names_aws_page():
    levels = {
        Reach.READ: KNOWN.of_level("LR"),
        Reach.CHANGE: KNOWN.of_level("WTP"),
        Reach.DATA: 0,
        Reach.CREDENTIALS: 0,
    }
    for row in reviewed_actions():
        named = KNOWN.named_by(row.action)
        assert named, f"{row.action} names no action"
        assert row.why and row.page.startswith("https://docs.aws.amazon.com/")
        assert any(named & ~levels[reach] for reach in row.reaches), f"{row.action}: AWS's level says so already"


pieces = st.lists(st.sampled_from(["*", "?", "e", "t", "ec2:", "s3:", "get", "describe", "list", "bucket"]), max_size=6)


@given(pieces.map("".join))
@example("a??")
@example("??")
@example("?*")
def test_a_pattern_names_what_a_plain_comparison_says(pattern):
    expected = {number for number, name in enumerate(SORTED) if fnmatchcase(name, pattern)}

    assert set(numbers_in(KNOWN.named_by(pattern))) == expected


@pytest.mark.clocked
def test_the_list_is_read_within_a_few_dozen_milliseconds():
    text = ACTIONS.read_text(encoding="utf-8")
    gc.collect()
    started = time.process_time()
    AwsActions(text)

    assert time.process_time() - started < 0.09
