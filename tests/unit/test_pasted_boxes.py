"""The boxes for account and role take what people have, and name what they cannot take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.ground.arn import AccountId
from onboarding.ground.refused import Refused
from onboarding.naming import parse_account, parse_role
from onboarding.pasted.role import NotTheRole
from tests.builders import ACCOUNT, OTHER_ACCOUNT, ROLE_ARN, VENDOR_ACCOUNT, a_vendor
from tests.unit.pasted_roles import RIGHT, role

TRUSTED = a_vendor().trusted_principal
STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/Rolecall-x/6f9e8a70-1b2c-11ee-be56-0242ac120002"
CONSOLE = "https://eu-west-1.console.aws.amazon.com"
STACK_PAGE = f"{CONSOLE}/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId="
ENCODED = STACK.replace(":", "%3A").replace("/", "%2F")
ROLE_PAGE = f"{CONSOLE}/iam/home?region=eu-west-1#/roles/details/northwind-7kq2m9xd?section=permissions"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
WHOAMI = json.dumps({"UserId": "AIDAX", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana"}, indent=4)


def account(raw):
    return parse_account(raw, trusted=TRUSTED)


def named(raw, account_id=None):
    return str(parse_role(raw, trusted=TRUSTED, account_id=account_id))


def refused(act, raw, **known):
    with pytest.raises(Refused) as refusal:
        act(raw, **known)
    assert refusal.value.sentence
    assert refusal.value.remedy
    return refusal.value


@pytest.mark.parametrize(
    "raw",
    [
        "1111\u20112222\u20113333",
        "1111–2222–3333",
        "1111 — 2222 — 3333",
        "\t1111\u00a02222\u00a03333\r\n",
        "1111\n2222\n3333",
        "1 1 1 1 2 2 2 2 3 3 3 3",
        "\u200e111122223333\u200f",
        "“111122223333”",
        "Account ID: 1111-2222-3333",
        "Hi, our account is 111122223333. Thanks!",
        "ana @ 1111-2222-3333 (prod)",
        "111122223333, that is 111122223333",
        f"arn:aws:iam::{ACCOUNT}:root",
        ROLE_ARN,
        f"The role is {ROLE_ARN}.",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/x/ana",
        STACK,
        STACK_PAGE + ENCODED,
        STACK_PAGE + ENCODED.replace("%", "%25"),
        f"https://{ACCOUNT}-k3x9.eu-west-1.console.aws.amazon.com/iam/home#/roles/details/x",
        f"https://{ACCOUNT}.signin.aws.amazon.com/console",
        f"https://d-1.awsapps.com/start/#/console?account_id={ACCOUNT}&role_name=Admin",
        WHOAMI,
        json.dumps(role(RIGHT)),
        "prod-111122223333",
        "my-prod-111122223333, thanks",
        "111122223333_prod",
        "prod_111122223333",
        "1111.2222.3333",
        "1111_2222_3333",
        "2026-11-27 111122223333",
        "2026-11-27: 1111-2222-3333",
        "111122223333 2026-11-27",
    ],
)
def test_an_account_is_read_out_of_whatever_names_one(raw):
    assert account(raw) == ACCOUNT


def test_a_leading_zero_is_kept():
    assert account("012345678901") == "012345678901"


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        ("12345678901", "account_id_short", "a leading zero was probably lost; did you mean 0123-4567-8901?"),
        ("123 4567 8901", "account_id_short", "0123-4567-8901"),
        ("our account: 12345678901", "account_id_short", "0123-4567-8901"),
        ("11 122 223 333", "account_id_short", "0111-2222-3333"),
        ("11,122,223,333", "account_id_short", "0111-2222-3333"),
        ("arn:aws:s3:::prod-111122223333", "account_id_malformed", "12 digits"),
        ("1111.2222.3333.4444", "account_id_malformed", "12 digits"),
        ("1111-2222-333", "account_id_malformed", "That has 11"),
        ("1234567890", "account_id_malformed", "That has 10"),
        ("1111 2222 3333 4", "account_id_malformed", "That has 13"),
        ("1111-2222-3333-4444", "account_id_malformed", "That has 16"),
        (f"{ACCOUNT} {OTHER_ACCOUNT}", "several_accounts", "1111-2222-3333 and 4444-5555-6666"),
        (f"{ACCOUNT} or {OTHER_ACCOUNT}?", "several_accounts", "several account IDs"),
        ("1111\u200b22223333", "unseen_character", "U+200B (zero width space), behind “1111”"),
        ("1111\u00ad22223333", "unseen_character", "U+00AD (soft hyphen)"),
        ("request 0a1b2c3d-0000-0000-0000-111122223333", "account_id_malformed", "12 digits"),
        ("", "account_id_malformed", "12 digits"),
        (ROLE_PAGE, "account_id_malformed", "12 digits"),
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:root", "role_is_ours", "our own AWS account"),
        (f"arn:aws-cn:iam::{ACCOUNT}:root", "partition_not_served", "AWS China (aws-cn)"),
        (f"arn:aws-eusc:iam::{ACCOUNT}:root", "partition_unknown", "“aws-eusc” is not served by this installation"),
        (f"https://{ACCOUNT}-a1.console.amazonaws-us-gov.com/iam/home#/roles/x", "partition_not_served", "GovCloud"),
        ("AKIAIOSFODNN7EXAMPLE", "access_key", "access key"),
        (SECRET, "access_key", "access key"),
    ],
)  # fmt: skip
def test_what_names_no_single_account_is_named_for_what_it_is(raw, code, words):
    refusal = refused(account, raw)

    assert refusal.code == code
    assert words in refusal.sentence


def test_several_accounts_are_connected_one_at_a_time():
    assert "one at a time" in refused(account, f"{ACCOUNT} {OTHER_ACCOUNT}").remedy


@pytest.mark.parametrize(
    ("raw", "arn"),
    [
        (f"The role is {ROLE_ARN}.", ROLE_ARN),
        (f"Hi! “{ROLE_ARN}”, as agreed", ROLE_ARN),
        (f"<{ROLE_ARN}>", ROLE_ARN),
        (json.dumps({"Arn": ROLE_ARN}), ROLE_ARN),
        (json.dumps(role(RIGHT), indent=4), ROLE_ARN),
        (f"{ROLE_ARN} and once more {ROLE_ARN}", ROLE_ARN),
        (f"arn:aws:iam::{ACCOUNT}:role/managed/team/prd-X", f"arn:aws:iam::{ACCOUNT}:role/managed/team/prd-X"),
        (f"use arn:aws:iam::{ACCOUNT}:role/a/odd+=,.@_-x", f"arn:aws:iam::{ACCOUNT}:role/a/odd+=,.@_-x"),
        (ROLE_PAGE, ROLE_ARN),
        (f"see {ROLE_PAGE} please", ROLE_ARN),
        (f"{ROLE_PAGE}\n{ROLE_PAGE}", ROLE_ARN),
        (f"{ROLE_ARN} is the role", ROLE_ARN),
        (f"our role {ROLE_ARN} thanks", ROLE_ARN),
        (f"{CONSOLE}/iam/home?region=eu-west-1#/roles/northwind-7kq2m9xd", ROLE_ARN),
        (f"{CONSOLE}/iamv2/home#/roles/details/northwind-7kq2m9xd", ROLE_ARN),
        (
            f"https://signin.aws.amazon.com/switchrole?roleName=northwind-7kq2m9xd&account={OTHER_ACCOUNT}",
            ROLE_ARN.replace(ACCOUNT, OTHER_ACCOUNT),
        ),
        ("https://signin.aws.amazon.com/switchrole?account=acme&roleName=northwind-7kq2m9xd", ROLE_ARN),
        ("https://console.aws.amazon.com/iam/home#roles/a%2Bb", f"arn:aws:iam::{ACCOUNT}:role/a+b"),
        (
            f"https://{OTHER_ACCOUNT}-k3x9.us-east-1.console.aws.amazon.com/iam/home#/roles/details/x",
            f"arn:aws:iam::{OTHER_ACCOUNT}:role/x",
        ),
    ],
)
def test_a_role_is_read_out_of_whatever_names_one(raw, arn):
    assert named(raw, AccountId(ACCOUNT)) == arn


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (f"{ROLE_ARN} {ROLE_ARN}2", "several_roles", "several role ARNs"),
        (ROLE_PAGE, "role_page_without_account", "does not say in which account"),
        (f"{ROLE_PAGE} {CONSOLE}/iam/home#/roles/details/other", "several_roles", "other"),
        (ROLE_ARN.replace("-7kq", " 7kq"), "blank_in_name", "behind “northwind”"),
        ("ARN: " + ROLE_ARN.replace("-7kq", "-\n7kq"), "blank_in_name", "behind “northwind-”"),
        (ROLE_ARN.replace("wind", "\u200bwind"), "unseen_character", "U+200B"),
        (ROLE_ARN.replace("wind", "wïnd"), "role_arn_malformed", "incomplete"),
        (f"iam::{ACCOUNT}:role/x", "role_arn_malformed", "not a role ARN"),
        (f"the role {ROLE_ARN}ï", "role_arn_malformed", "not a role ARN"),
        (f"arn:aws-eusc:iam::{ACCOUNT}:role/X", "partition_unknown", "not served by this installation"),
        (f"arn:aws-eusc:cloudformation:eu:{ACCOUNT}:stack/X/1", "partition_unknown", "not served by this installation"),
        (f"our role: arn:aws-cn:iam::{ACCOUNT}:role/X", "partition_not_served", "AWS China (aws-cn), and we are in"),
        (f"arn:aws-us-gov:sts::{ACCOUNT}:assumed-role/X/y", "partition_not_served", "AWS GovCloud (US) (aws-us-gov)"),
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:policy/x", "role_is_ours", "our own"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn_of_something_else", "a policy's ARN"),
        (f"key AKIAIOSFODNN7EXAMPLE for {ROLE_ARN}", "access_key", "access key"),
    ],
)  # fmt: skip
def test_what_names_no_single_role_is_named_for_what_it_is(raw, code, words):
    refusal = refused(named, raw)

    assert refusal.code == code
    assert words in refusal.sentence


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (STACK, "the stack Rolecall-x in account 1111-2222-3333, region eu-west-1: this is the stack, not the role"),
        (STACK_PAGE + ENCODED, "this is the stack, not the role"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/ana", "a session's ARN, not a role's. Its role is called Admin"),
        (f"my policy arn:aws:iam::{ACCOUNT}:policy/p", "a policy's ARN"),
        (WHOAMI, "a user's ARN"),
        (f"arn:aws:iam::{ACCOUNT}:root", "an account's ARN"),
        (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:x", "something else"),
        ("1111-2222-3333", "an account ID, not the role’s ARN"),
    ],
)
def test_what_names_something_else_gives_the_account_for_the_role_that_is_expected(raw, words):
    refusal = refused(named, raw)

    assert isinstance(refusal, NotTheRole)
    assert refusal.place.account_id == ACCOUNT
    assert words in refusal.words


@pytest.mark.parametrize("theirs", ["aws-us-gov", "aws-cn"])
def test_of_another_part_of_aws_it_says_which_which_is_ours_that_no_trust_crosses_and_whom_to_ask(theirs):
    refusal = refused(named, f"arn:{theirs}:iam::{ACCOUNT}:role/X")

    assert f"({theirs})" in refusal.sentence
    assert "we are in AWS’s standard regions (aws)" in refusal.sentence
    assert "no role in one part of AWS can trust us in another" in refusal.sentence
    assert "ask us" in refusal.remedy


@given(st.text(max_size=300), st.sampled_from(["", ROLE_ARN, STACK, ROLE_PAGE, ACCOUNT, "AKIAIOSFODNN7EXAMPLE"]))
def test_any_text_is_read_or_refused_with_a_remedy(text, middle):
    for act in (account, named):
        try:
            act(f"{text[:150]}{middle}{text[150:]}")
        except Refused as refusal:
            assert refusal.code
            assert refusal.sentence
            assert refusal.remedy
            assert "AKIAIOSFODNN7" not in refusal.words
