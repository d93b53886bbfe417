"""The read-only badge is counted from the template and AWS's list of actions; nobody can just claim it."""

from __future__ import annotations

from pathlib import Path

import pytest

from onboarding.permissions.badge import badge_of
from onboarding.stack_template.template import StackTemplate

TEMPLATE = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text(encoding="utf-8")


def test_our_own_template_has_seventy_actions_that_only_read_and_none_reads_data():
    badge = badge_of(action for p in StackTemplate.parse(TEMPLATE).permissions for action in p.actions)

    assert (badge.is_read_only, badge.reads_data) == (True, False)
    assert badge.sentence == "70 actions, all of them list or read; none can read your data."


@pytest.mark.parametrize(
    ("added", "is_read_only", "sentence"),
    [
        (("ec2:describevpcs", "ce:GetTags"), True, "2 actions, all of them list or read; none can read your data."),
        (("s3:GetObject",), True, "2 actions, all of them list or read; 1 can read your data."),
        (("ec2:TerminateInstances",), False, "2 actions. 1 can change something."),
        (("ecr:GetAuthorizationToken",), False, "2 actions. 1 can hand out credentials."),
        (
            ("s3:GetObject", "ec2:TerminateInstances"),
            False,
            "3 actions. 1 can change something. 1 can read your data.",
        ),
        (("ec2:DescribeTeapots",), False, "2 actions. Our copy of AWS’s list of actions lacks 1 of them."),
        (("nosuchservice:*",), False, "2 actions. Our copy of AWS’s list of actions lacks 1 of them."),
    ],
    ids=str,
)
def test_each_action_counts_once_and_by_what_it_can_do(added, is_read_only, sentence):
    badge = badge_of(["ec2:DescribeVpcs", *added])

    assert (badge.is_read_only, badge.sentence) == (is_read_only, sentence)


def test_a_pattern_counts_as_all_the_actions_that_it_names():
    everything = badge_of(["*"])

    assert not everything.is_read_only
    assert everything.reads_data
    assert int(everything.sentence.split()[0].replace(",", "")) > 10_000
