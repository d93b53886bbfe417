"""The tenant pastes what AWS prints of the role, and reads which line is not right, and why."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from onboarding.ground.external_id import ExternalId, IssuedId
from onboarding.trust.examiner import Examination
from onboarding.trust.expected import corrected_text
from onboarding.trust.judgement import TrustVerdict
from tests.builders import ACCOUNT, EXTERNAL_ID, HANDLE, NOON, OTHER_ACCOUNT, ROLE_ARN, VENDOR_ACCOUNT
from tests.unit.pasted_roles import EXPECTED, RIGHT, TRUSTED, of, role, text

OLD_ID = ExternalId(f"northwind-{HANDLE}-" + "a1" * 16)
EXACT, LOOSE, SHUT, UNREADABLE = TrustVerdict.EXACT, TrustVerdict.LOOSE, TrustVerdict.SHUT, TrustVerdict.UNREADABLE


def with_id(found: str) -> str:
    return text(role()).replace(EXTERNAL_ID, found)


def marked(examination: Examination) -> list[tuple[str, str]]:
    return [(line.text.strip(), line.mark) for line in examination.lines if line.mark]


@pytest.mark.parametrize(
    "raw",
    [
        text(role()),
        text(RIGHT),
        text([role()["Role"]]),
        text({"Roles": [role()["Role"], role({}, arn=ROLE_ARN + "x")["Role"]]}),
        text(role(quote(json.dumps(RIGHT)))),
        json.dumps(role()),
        quote(json.dumps(RIGHT)),
        text(role()).encode(),
        role(),
        f"[cloudshell-user@ip-10-2-3-4 ~]$ aws iam get-role --role-name x\n{text(role())}\n[cloudshell-user]$ ",
        f"$ aws iam get-role --query 'Role.{{a:Arn}}'\n{text(role())}",
        text(role()).replace('"', "“"),
        text(role()).replace('"RoleLastUsed": {}', '"RoleLastUsed": {},'),
        text(role()).replace("    ", "\u00a0"),
        text(role()).replace("\n", "\r\n"),
        f"\ufeff{text(role())}",
    ],
)
def test_the_right_role_is_fine_however_it_was_pasted(raw):
    found = of(raw)

    assert found.verdict is EXACT, (found.sentences, found.findings)
    assert found.findings == ()
    assert found.sentences[0] == "This trust policy lets us in with your external ID, and nobody else."


def test_the_policy_alone_does_not_say_whose_it_is():
    assert len(of(text(RIGHT)).sentences) == 2
    assert len(of(text(role())).sentences) == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "starts with {"),
        ("An error occurred (NoSuchEntity) when calling GetRole", "no such role"),
        ("An error occurred (AccessDenied): User is not authorized to perform: iam:GetRole", "ask a colleague"),
        ("Unable to locate credentials. You can configure credentials by running aws configure", "not signed in"),
        ("bash: aws: command not found", "CloudShell"),
        (ROLE_ARN, "an ARN"),
        ("Role:\n  Arn: x", "--output json"),
        ("ROLE\tarn:aws:iam::1:role/x\t2030", "--output json"),
        (text(role())[:-40], "The end is missing"),
        (text(role())[:700], "The end is missing"),
        (text(role()) + text(role()), "more than one document"),
        ('{"Role": {"Arn": "x"}}', "no AssumeRolePolicyDocument"),
        (text(RIGHT["Statement"][0]), "one statement"),
        (text({"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}), "permissions policy"),
        (text(role()).replace('"Path": "/",', '"Path" "/",'), "line 3, column 16"),
        (text(role()).replace('"Path": "/",', '"Path": "/", "Path": "/x/",'), "“Path” stands twice"),
        (text({"Roles": [role()["Role"], role()["Role"]]}), "not exactly one role"),
        ("x" * 200_000, "far longer"),
        ("[" * 90_000, "starts with {"),
        ('{"a":' * 15_000, "nested too deeply"),
        (b"\xff\xfe", "starts with {"),
        (None, "starts with {"),
        (7, "starts with {"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_it_is_and_where(raw, words):
    found = of(raw)

    assert found.verdict is UNREADABLE
    assert words in found.sentences[0]
    assert found.corrected == corrected_text(EXPECTED)


@pytest.mark.parametrize(
    ("found_id", "issued_before", "words"),
    [
        (
            OLD_ID,
            timedelta(days=7, hours=-1),
            "issued to this connection on 10 May 2030 at 13:00 UTC and is still valid until 17 May",
        ),
        (
            OLD_ID,
            timedelta(days=7, hours=1),
            "issued to this connection on 10 May 2030 at 11:00 UTC and is no longer valid",
        ),
        (OLD_ID, None, "we never issued it"),
        (f"northwind-zz99zz99-{'1e' * 16}", None, "belongs to another connection (zz99zz99)"),
        (f"contoso-{HANDLE}-{'1e' * 16}", None, "not made by us"),
        ("hunter2", None, "another external ID than this connection’s"),
        (EXTERNAL_ID.upper(), None, "Capital and small letters differ"),
        (f" {EXTERNAL_ID}", None, "blank before or after"),
        (EXTERNAL_ID.replace("ab", "ad"), None, "“d” stands there instead of “b”"),
    ],
)
def test_another_external_id_is_told_by_where_it_comes_from(found_id, issued_before, words):
    issued = (IssuedId(OLD_ID, "connection-1", 1, NOON - issued_before),) if issued_before else ()

    found = of(with_id(found_id), issued=issued)

    # With an ID that is one, whoever knows it gets in. No caller can send a blank.
    assert found.verdict is (SHUT if " " in found_id else LOOSE)
    assert words in found.sentences[0]
    assert marked(found) == [(f'"sts:ExternalId": "{found_id}"', "shut")]
    assert found.findings[0].needed == EXTERNAL_ID


def test_an_id_issued_to_another_connection_says_nothing_of_when():
    other = ExternalId("northwind-zz99zz99-" + "1e" * 16)

    found = of(with_id(other), issued=(IssuedId(other, "connection-2", 1, NOON),))

    assert "issued" not in found.sentences[0]


@pytest.mark.parametrize(
    ("arn", "code", "words"),
    [
        (
            ROLE_ARN.replace(ACCOUNT, OTHER_ACCOUNT),
            "role_in_other_account",
            "4444-5555-6666; you named account 1111-2222-3333",
        ),
        (ROLE_ARN + "-2", "role_renamed", "northwind-7kq2m9xd-2; the one you named is northwind-7kq2m9xd"),
        (ROLE_ARN.replace(":role/", ":role/teams/"), "role_path_differs", "the path /teams/"),
        (ROLE_ARN.replace("arn:aws:", "arn:aws-cn:"), "role_in_other_partition", "another part of AWS"),
        ("arn:aws:iam::x", "role_unclear", "cannot be read"),
    ],
)
def test_another_role_than_the_one_named_is_not_fine(arn, code, words):
    found = of(text(role(arn=arn)))

    assert found.verdict is TrustVerdict.OTHER_ROLE
    assert [d.code for d in found.findings] == [code]
    assert words in found.sentences[0]


def test_without_a_named_role_the_policy_alone_counts():
    assert of(text(role(arn=ROLE_ARN + "-2")), claimed=None).verdict is EXACT


def test_the_lines_are_the_policy_as_aws_prints_it():
    found = of(text(role()))

    assert "\n".join(line.text for line in found.lines) == text(RIGHT)
    assert [line.number for line in found.lines] == list(range(1, len(found.lines) + 1))


@pytest.mark.parametrize(
    ("statement", "expected_marks"),
    [
        ({"Action": ["sts:AssumeRole", "sts:TagSession"]}, [('"sts:TagSession"', "loose")]),
        ({"Action": "sts:*"}, [('"Action": "sts:*",', "loose")]),
        ({"Principal": {"AWS": [TRUSTED.replace("rolecall", "rolecal"), "AROAEXAMPLEEXAMPLEEX"]}},
         [(f'"{TRUSTED.replace("rolecall", "rolecal")}",', "shut"), ('"AROAEXAMPLEEXAMPLEEX"', "shut")]),
        ({"Condition": {"ArnEquals": {"AWS:principalARN": TRUSTED}}}, [('"Condition": {', "loose")]),
        ({"condition": {}, "Condition": None}, [('"condition": {}', "shut")]),
        ({"Condition": None, "Principal": {"AWS": "*"}}, [("{", "loose"), ('"AWS": "*"', "loose")]),
    ],
)  # fmt: skip
def test_the_line_that_differs_is_the_one_marked(statement, expected_marks):
    elements = {**RIGHT["Statement"][0], **statement}
    changed = {name: value for name, value in elements.items() if value is not None}

    assert marked(of(text({**RIGHT, "Statement": [changed]}))) == expected_marks


def test_in_a_policy_of_several_statements_the_sentence_says_which():
    bare = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    also = {"Effect": "Deny", "Principal": {"AWS": "123412341234"}, "Action": "sts:AssumeRole"}

    found = of(text({**RIGHT, "Statement": [*RIGHT["Statement"], bare, also]}))

    assert found.sentences[0] == "Another role of our account gets in without an external ID, by statement 2."


def test_what_is_unusual_but_safe_is_fine_and_said():
    found = of(text({**RIGHT, "Statement": {**RIGHT["Statement"][0], "Principal": {"AWS": TRUSTED}}}))

    assert found.verdict is EXACT
    assert any("named directly" in sentence for sentence in found.sentences)


def test_half_a_character_in_a_policy_reaches_no_page():
    found = of(text(role()).replace(EXTERNAL_ID, "\\ud800"))

    assert found.verdict is SHUT
    assert json.dumps([vars(line) for line in found.lines], ensure_ascii=False).encode()
    assert "".join(found.sentences).encode()
