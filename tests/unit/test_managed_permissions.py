"""Attached policies and boundaries count by what they say, where we can see that."""

from __future__ import annotations

import json

from tests.builders import ACCOUNT
from tests.unit.deployed_permissions import RUN, TAGS, allow, compared, deny, excess, missing, without

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"


def test_an_attached_policy_is_judged_by_what_it_says_like_one_of_the_roles_own():
    read = {"Statement": [allow("ec2:DescribeVolumes"), deny("iam:Create*")]}
    change = {"Statement": [allow("ec2:RunInstances")]}

    assert compared(attached={OWN: read}).is_exact
    assert compared(without("Metrics"), attached={OWN: {"Statement": allow("cloudwatch:*")}}).missing == ()
    found = compared(attached={OWN: json.dumps(change)})
    assert ([e.policy for e in found.excess], excess(found)) == ([OWN], RUN)


def test_an_attached_policy_that_we_cannot_see_is_neither_harmless_nor_changing():
    found = compared(attached={OWN: None})

    assert (found.missing, found.excess, found.unseen, found.is_exact) == ((), (), (OWN,), False)
    assert found.unknown == ((OWN, f"The policy {OWN} is attached, and we cannot see what it allows."),)


def test_administrator_access_is_known_without_its_document_and_a_deny_still_takes_away():
    found = compared(without("Metrics"), attached={ADMIN: None})

    assert (missing(found), found.unseen) == ({}, ())
    assert {e.policy for e in found.excess} == {ADMIN}
    assert missing(compared(attached={ADMIN: None}, more=[deny("tag:*")])) == TAGS
    assert compared(attached={f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess": None}).unseen != ()


def test_the_same_arn_with_another_text_is_judged_anew():
    assert excess(compared(attached={OWN: json.dumps({"Statement": [allow("ec2:RunInstances")]})})) == RUN
    assert compared(attached={OWN: json.dumps({"Statement": [allow("ec2:DescribeVolumes")]})}).is_exact


def test_a_boundary_allows_only_what_it_lists_itself():
    def within(*statements):
        return compared(more=[allow("ec2:RunInstances")], boundary_arn=OWN, boundary={"Statement": list(statements)})

    assert excess(within(allow("*"))) == RUN
    assert excess(within({"Effect": "Allow", "NotAction": "ec2:Run*", "Resource": "*"})) == {}
    assert excess(within(allow("*"), deny("ec2:RunInstances"))) == {}
    assert missing(within({"Effect": "Allow", "NotAction": "tag:*", "Resource": "*"})) == TAGS
    assert missing(within(allow("*"), deny("tag:*"))) == TAGS
    assert compared(boundary_arn=OWN, boundary={"Statement": [allow("*")]}).is_exact


def test_a_boundary_that_we_cannot_see_is_said_to_be_a_limit():
    found = compared(boundary_arn=OWN)

    assert (found.is_exact, found.unseen) == (False, ())
    assert "may take away" in found.unknown[0][1]
