"""The deployed trust policy is as agreed, or the very line that is not is named, with what it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from onboarding.stack_template.functions import resolve
from onboarding.stack_template.template import bake
from onboarding.stack_template.yaml_text import read_yaml
from onboarding.trust.comparison import compare_trust, corrected_policy, corrected_text
from onboarding.trust.differences import DIFFERENCE_KINDS, how_it_differs
from tests.builders import EXTERNAL_ID, VENDOR_ACCOUNT
from tests.unit.trust_policies import (
    DIFFERENCES,
    EXACT,
    EXPECTED,
    LOOSE,
    OTHER_ID,
    ROLE,
    SHUT,
    STRANGER,
    aws,
    deny,
    ours,
    policy,
    with_id,
)

TEMPLATE = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()


@pytest.mark.parametrize("document", [p for _, p in EXACT], ids=[name for name, _ in EXACT])
def test_what_says_the_same_does_not_differ(document):
    assert compare_trust(document, EXPECTED) == ()
    assert compare_trust(json.dumps(document), EXPECTED) == ()


@pytest.mark.parametrize(("statements", "codes"), [row[1:] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES])
def test_what_differs_is_named_with_what_it_does(statements, codes):
    found = compare_trust(policy(*statements), EXPECTED)

    assert pairs(found) == set(codes.items())
    assert all(d.sentence.endswith((".", "?")) and "{" not in d.sentence for d in found)


def pairs(found):
    return {(d.code, d.severity) for d in found}


def test_every_finding_has_a_policy_that_shows_it():
    shown = {code for _, _, codes in DIFFERENCES for code in codes}

    assert set(DIFFERENCE_KINDS) - shown == {"unreadable"}


@pytest.mark.parametrize("document", ["", "{", None, [], {}, {"Statement": ["x"]}, "x" * 100_000])
def test_what_cannot_be_read_may_let_in_anybody_and_does_not_let_us_in_for_certain(document):
    assert pairs(compare_trust(document, EXPECTED)) == {("unreadable", LOOSE), ("not_let_in", SHUT)}


def test_a_policy_that_aws_would_not_take_does_not_let_us_in_for_certain():
    odd = {"Version": "2012-10-17", "statement": ours()}

    assert pairs(compare_trust(odd, EXPECTED)) == {("not_in_grammar", SHUT)}


def test_a_trusted_principal_with_a_wildcard_in_its_name_is_never_taken_for_one_role():
    wide = replace(EXPECTED, principal_arn=f"arn:aws:iam::{VENDOR_ACCOUNT}:role/*/northwind")

    assert LOOSE in {d.severity for d in compare_trust(corrected_policy(wide), wide)}


def test_a_difference_says_where_it_stands_what_stands_there_and_what_is_needed():
    (found,) = compare_trust(policy(with_id("StringEquals", OTHER_ID)), EXPECTED)

    assert found.path == ("Statement", 0, "Condition", "StringEquals", "sts:ExternalId")
    assert (found.found, found.needed) == (OTHER_ID, EXTERNAL_ID)
    assert (found.statement, found.sid) == (1, "OneRoleOfTheVendorWithTheExternalId")


def test_the_third_statement_is_called_the_third():
    found = compare_trust(policy(ours(), deny(Principal=aws(STRANGER)), ours(Sid="Odd", Condition=None)), EXPECTED)

    assert {(d.statement, d.sid) for d in found if d.severity is LOOSE} == {(3, "Odd")}


def test_thousands_of_differences_are_cut_to_a_page_without_losing_the_worst():
    crowd = [f"arn:aws:iam::{VENDOR_ACCOUNT}:role/r{n}" for n in range(1000)]

    found = compare_trust(policy(ours(Principal=aws("AROAEXAMPLEEXAMPLEEX", *crowd))), EXPECTED)

    assert len(found) <= 103
    assert SHUT in {d.severity for d in found}


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_the_corrected_policy_is_what_the_template_makes(partition):
    expected = replace(EXPECTED, partition=partition, principal_arn=ROLE.replace("arn:aws:", f"arn:{partition}:"))
    document = read_yaml(bake(TEMPLATE, account_id=VENDOR_ACCOUNT, principal="role/northwind-rolecall"))
    made = resolve(
        document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"],
        names={"AWS::Partition": partition, "ExternalId": EXTERNAL_ID},
        mappings=document["Mappings"],
    )

    assert corrected_policy(expected) == made
    assert compare_trust(corrected_text(expected), expected) == ()


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda text: f"{text}\n", "There is a blank before or after it."),
        (lambda text: text[:4] + "\u00a0" + text[4:], "There is a blank or an invisible character in it."),
        (str.upper, "Capital and small letters differ."),
        (lambda text: text[:-2], "It is cut short."),
        (lambda text: f"{text}x", "It has something added at its end."),
        (lambda text: text.replace("7kq", "7kg"), "Look at character 13: “g” stands there instead of “q”."),
        (lambda text: text.replace("wind", "wid"), "Look at character 8: there, something is missing."),
        (lambda text: text.replace("wind", "winnd"), "Look at character 9: there, something is too many."),
        (lambda text: OTHER_ID, ""),
        (lambda text: "", ""),
    ],
)  # fmt: skip
def test_a_slip_is_told_from_another_text(change: Callable[[str], str], hint):
    assert how_it_differs(change(EXTERNAL_ID), EXTERNAL_ID) == hint
