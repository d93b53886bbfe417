"""Account IDs and role ARNs: what is wrong is said at the door, what passes is right ever after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import AccountId, RoleArn, parse_account_id, parse_role_arn, spaced
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused
from onboarding.proof.handshake_checks import refuse_role
from tests.builders import ACCOUNT, ROLE_ARN, VENDOR_ACCOUNT, a_vendor

# A comma at the very end is taken for the one between two things in a list, not for the name's own.
NAME = st.text("abcXYZ019_+=,.@-", min_size=1, max_size=64).filter(lambda name: not name.endswith(","))
PATH = st.one_of(
    st.just("/"),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
    .map(lambda part: f"/{part}/")
    .filter(lambda path: not path.startswith("/aws-service-role/")),
)
DIGITS = st.text("0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize(
    "raw",
    ["111122223333", " 111122223333\n", "1111-2222-3333", "1111 2222 3333", "\t1111\u00a02222\u00a03333 "],
)
def test_an_account_id_is_read_as_aws_prints_it_and_as_people_paste_it(raw):
    assert parse_account_id(raw) == ACCOUNT


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "11112222333",
        "1111222233334",
        "11112222333x",
        "1111/2222/3333",
        "１１１１２２２２３３３３",
        "١١١١٢٢٢٢٣٣٣٣",
        "0x1111222233",
        "+111122223333",
        "111122223333\x00",
        ROLE_ARN,
    ],
)
def test_what_is_not_twelve_digits_is_refused_with_the_way_to_find_them(raw):
    with pytest.raises(Refused) as refusal:
        parse_account_id(raw)

    assert refusal.value.code == "account_id_malformed"
    assert "12 digits" in refusal.value.sentence
    assert refusal.value.remedy


@given(DIGITS)
def test_every_account_id_survives_being_printed_in_groups(digits):
    assert parse_account_id(spaced(digits)) == digits


@given(st.text())
def test_any_text_is_either_twelve_digits_or_refused(raw):
    try:
        account_id = parse_account_id(raw)
    except Refused as refusal:
        assert refusal.code
        assert refusal.sentence
        assert refusal.remedy
    else:
        assert len(account_id) == 12
        assert account_id.isascii()
        assert account_id.isdigit()


@pytest.mark.parametrize(
    ("raw", "path", "name"),
    [
        (ROLE_ARN, "/", "northwind-7kq2m9xd"),
        (f"  {ROLE_ARN}\r\n", "/", "northwind-7kq2m9xd"),
        (f'"{ROLE_ARN}",', "/", "northwind-7kq2m9xd"),
        (f"`{ROLE_ARN}`;", "/", "northwind-7kq2m9xd"),
        (f"\u200b{ROLE_ARN}\u00a0", "/", "northwind-7kq2m9xd"),
        ("arn:aws:iam::111122223333:role/a/b/c", "/a/b/", "c"),
        ("arn:aws:iam::111122223333:role/service-role/own", "/service-role/", "own"),
        ("arn:aws-us-gov:iam::111122223333:role/x", "/", "x"),
        ("arn:aws-cn:iam::111122223333:role/x", "/", "x"),
        ("arn:aws:iam::111122223333:role/odd+=,.@-_name", "/", "odd+=,.@-_name"),
    ],
)
def test_a_role_arn_is_read_with_its_path_and_without_what_was_pasted_around_it(raw, path, name):
    arn = parse_role_arn(raw)

    assert (arn.account_id, arn.path, arn.name) == (ACCOUNT, path, name)


@pytest.mark.parametrize(
    ("raw", "code", "word"),
    [
        ("", "role_arn_missing", "no role ARN"),
        (" \n\t", "role_arn_missing", "no role ARN"),
        ("northwind-7kq2m9xd", "role_arn_malformed", "not a role ARN"),
        ("111122223333", "role_arn_malformed", "not a role ARN"),
        ("https://console.aws.amazon.com/iam/home#/roles/x", "role_arn_malformed", "not a role ARN"),
        ("arn:aws:iam::111122223333:role/", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::111122223333:role", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::11112222333:role/x", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::111122223333:role/two words", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::111122223333:role/x\n:evil", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::111122223333:role/näme", "role_arn_malformed", "incomplete"),
        ("arn:aws:iam::111122223333:role/" + "n" * 65, "role_arn_malformed", "incomplete"),
        ("arn:aws:iam:us-east-1:111122223333:role/x", "role_arn_malformed", "incomplete"),
        ("ARN:AWS:IAM::111122223333:ROLE/x", "role_arn_malformed", "not a role ARN"),
        ("arn:aws-iso:iam::111122223333:role/x", "partition_unknown", "aws-iso"),
        ("arn:awx:iam::111122223333:role/x", "partition_unknown", "awx"),
        ("arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
         "service_linked_role", "belongs to an AWS service"),
        ("arn:aws:sts::111122223333:assumed-role/x/session", "arn_of_something_else", "a session's ARN"),
        ("arn:aws:iam::111122223333:user/ana", "arn_of_something_else", "a user's ARN"),
        ("arn:aws:iam::111122223333:policy/p", "arn_of_something_else", "a policy's ARN"),
        ("arn:aws:iam::111122223333:instance-profile/p", "arn_of_something_else", "an instance profile's ARN"),
        ("arn:aws:iam::111122223333:root", "arn_of_something_else", "an account's ARN"),
        ("arn:aws:cloudformation:us-east-1:111122223333:stack/northwind-7kq2m9xd/0a1b", "arn_of_something_else",
         "the stack's ARN"),
        ("arn:aws:s3:::bucket", "arn_of_something_else", "the ARN of something else"),
    ],
)  # fmt: skip
def test_what_is_not_a_usable_role_arn_is_refused_by_what_it_is(raw, code, word):
    with pytest.raises(Refused) as refusal:
        parse_role_arn(raw)

    assert refusal.value.code == code
    assert word in refusal.value.sentence
    assert refusal.value.remedy


@given(st.sampled_from(sorted(PARTITIONS)), DIGITS, PATH, NAME)
def test_every_role_arn_survives_being_printed_and_read(partition, account_id, path, name):
    arn = RoleArn(partition, AccountId(account_id), path, name)

    assert parse_role_arn(str(arn)) == arn


@given(st.one_of(st.text(), st.text().map(lambda tail: ROLE_ARN + tail)))
def test_any_text_is_either_a_role_arn_that_prints_as_read_or_refused_with_a_remedy(raw):
    try:
        arn = parse_role_arn(raw)
    except Refused as refusal:
        assert refusal.code
        assert refusal.sentence
        assert refusal.remedy
    else:
        assert str(arn) in raw
        assert arn.partition in PARTITIONS


@pytest.mark.parametrize(
    ("raw", "finding"),
    [
        (ROLE_ARN, ""),
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall", "role_is_ours"),
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:role/deep/down/anything", "role_is_ours"),
        (f"arn:aws-cn:iam::{ACCOUNT}:role/x", "partition_not_served"),
        (f"arn:aws-us-gov:iam::{VENDOR_ACCOUNT}:role/x", "partition_not_served"),
    ],
)
def test_roles_of_the_vendor_and_of_other_partitions_are_refused_before_aws_is_asked(raw, finding):
    assert refuse_role(parse_role_arn(raw), a_vendor().trusted_principal) == finding
    assert finding == "" or finding in CATALOGUE
