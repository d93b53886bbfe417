"""Ordinary policies are judged for what they allow now, to this role, on what each action can name, and cost little."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.permissions.comparison import DeployedPermissions
from onboarding.permissions.reach import Reach
from onboarding.policy.effort import TooComplex, at_most
from onboarding.proof.checks import MOST_STEPS
from tests.managed_policies import managed_policies
from tests.unit.deployed_permissions import NOW, PERFECT, TAGS, allow, compared, deny, excess, judged, missing, without

PARTS = (
    *("Vpc", "Subnet", "Route", "Gateway", "Instance", "Volume", "Snapshot", "Image", "Address", "Interface"),
    *("Security", "Network", "Tag", "Key", "Fleet", "Host", "Spot", "Reserved", "Launch", "Flow", "Peering", "Vpn"),
)
BUCKETS = [f"arn:aws:s3:::bucket-{n}/*" for n in range(100)]
OTHERS = [f"arn:aws:s3:::other-{n}/*" for n in range(100)]
ORDINARY = {
    "parts of names": [allow(*(f"ec2:*{part}*" for part in PARTS))],
    "every service": [allow("*:Get*", "*:List*", "*:Describe*")],
    "a hundred buckets": [allow("s3:*", Resource=BUCKETS), deny("s3:Put*", Resource=BUCKETS)],
    "other buckets": [allow("s3:*", Resource=BUCKETS), deny("s3:Put*", Resource=OTHERS)],
    "servers": [allow("ec2:*", Resource=f"arn:aws:ec2:*:*:instance/i-{n}*") for n in range(60)],
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_policy_takes_less_than_two_thirds_of_what_a_verification_may(name):
    with at_most(MOST_STEPS * 2 // 3):
        assert compared(more=ORDINARY[name]).excess


def test_what_a_policy_costs_does_not_depend_on_whether_it_was_judged_before():
    def steps():
        low, high = 0, MOST_STEPS
        while low < high:
            middle = (low + high) // 2
            try:
                with at_most(middle):
                    compared(more=ORDINARY["parts of names"] + [allow("ec2:*?x*")])
                high = middle
            except TooComplex:
                low = middle + 1
        return low

    assert steps() == steps()


def dated(key, operator, moment):
    return {operator: {key: (NOW + moment).strftime("%Y-%m-%dT%H:%M:%SZ")}}


PAST, FUTURE = timedelta(days=-400), timedelta(days=400)


def test_sessions_that_were_revoked_are_not_the_ones_that_will_be():
    revoked = deny("*", Condition=dated("aws:TokenIssueTime", "DateLessThan", PAST))
    assert compared(more=[revoked]).is_exact

    locked = deny("tag:*", Condition=dated("aws:TokenIssueTime", "DateLessThan", FUTURE))
    assert missing(compared(more=[locked])) == TAGS


@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
def test_a_date_counts_as_it_stands_now(key):
    ends = dated(key, "DateLessThan", FUTURE)
    ended = dated(key, "DateLessThan", PAST)

    assert compared(without("Tags"), more=[allow("tag:GetResources", Condition=ends)]).is_exact
    assert missing(compared(without("Tags"), more=[allow("tag:GetResources", Condition=ended)])) == TAGS
    assert excess(compared(more=[allow("ec2:RunInstances", Condition=ended)])) == {}
    assert excess(compared(more=[allow("ec2:RunInstances", Condition=ends)])) == {Reach.CHANGE: ("ec2:RunInstances",)}


def put_into(resource, effect=allow, element="Resource"):
    statement = effect("s3:PutObject")
    del statement["Resource"]
    more = {"Version": "2012-10-17", "Statement": [{**statement, element: resource}]}
    return excess(judged(DeployedPermissions({"read-only": PERFECT, "more": more})))


PUT = {Reach.CHANGE: ("s3:PutObject",)}


@pytest.mark.parametrize(
    ("resource", "surplus"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", {}),
        ("arn:aws:s3:::b/${aws:username, 'all'}/*", PUT),
        ("arn:aws:s3:::b/${aws:userid}/*", PUT),
        (["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::c/*"], PUT),
    ],
)
def test_a_resource_with_a_variable_that_a_role_lacks_names_nothing(resource, surplus):
    assert put_into(resource) == surplus


def test_all_but_nothing_is_everything():
    assert put_into("arn:aws:s3:::b/${aws:username}/*", element="NotResource") == PUT


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("s3:ListBucket", "arn:aws:s3:::b/*", False),
        ("s3:ListBucket", "arn:aws:s3:::b", True),
        ("s3:ListBucket", "arn:aws:s3:::b*", True),
        ("s3:PutObject", "arn:aws:s3:::b", False),
        ("s3:PutObject", "arn:aws:s3:::b/*", True),
        ("s3:PutObject", "arn:aws:s3:::b*", True),
        ("s3:PutObject", "arn:aws:s3:*", True),
        ("s3:PutObject", "arn:aws:*:::b/x", True),
        ("s3:PutObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/*", True),
        ("s3:PutObject", "arn:aws:ec2:us-east-1:111122223333:subnet/*", False),
        # A role of another account, and a kind that our list may only lack.
        ("sts:AssumeRole", "arn:aws:iam::444455556666:role/x", True),
        ("sts:AssumeRole", "arn:aws:iam::444455556666:user/x", False),
        ("s3:PutObject", "arn:aws:s3:eu-west-1:111122223333:new-thing/x", True),
        ("s3:PutNewThing", "arn:aws:s3:::b", True),
        ("logs:GetLogEvents", "arn:aws:logs:*:log-group:a:*", True),
    ],
)
def test_an_action_is_in_excess_only_on_what_it_can_name(action, resource, is_allowed):
    assert bool(compared(more=[allow(action, Resource=resource)]).excess) is is_allowed


def test_no_policy_of_aws_takes_half_of_what_a_verification_may():
    for text in managed_policies().values():
        with at_most(MOST_STEPS // 2):
            compared(attached={"arn:aws:iam::aws:policy/A": text})
