"""Asks AWS who we are and whether we can assume roles. botocore's Stubber stands in for STS."""

from __future__ import annotations

from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
)
from botocore.stub import Stubber

from aws.identity import AssumeRight, NoAnswer, OwnIdentity, can_assume, who_am_i
from onboarding.ground.arn import parse_role_arn

ROLE = "arn:aws:iam::999988887777:role/northwind-00000000"
OURS = "arn:aws:sts::999988887777:assumed-role/northwind-rolecall/session"


@pytest.fixture
def sts():
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.session.Session(region_name="us-east-1").client("sts", **keys)


@pytest.fixture
def stubbed(sts):
    with Stubber(sts) as stubber:
        yield stubber


def test_aws_says_who_we_are(sts, stubbed):
    stubbed.add_response("get_caller_identity", {"Account": "999988887777", "Arn": OURS, "UserId": "AROA:session"})

    assert who_am_i(lambda: sts) == OwnIdentity(account_id="999988887777", arn=OURS)


@pytest.mark.parametrize(
    ("arn", "is_ours"),
    [
        (OURS, True),
        ("arn:aws:sts::999988887777:assumed-role/northwind-rolecall/another", True),
        ("arn:aws:sts::999988887777:assumed-role/northwind-rolecall2/session", False),
        ("arn:aws:sts::999988887777:assumed-role/northwind/session", False),
        ("arn:aws:sts::111122223333:assumed-role/northwind-rolecall/session", False),
        ("arn:aws-cn:sts::999988887777:assumed-role/northwind-rolecall/session", False),
        ("arn:aws:iam::999988887777:user/northwind-rolecall", False),
        ("arn:aws:iam::999988887777:root", False),
    ],
)
@pytest.mark.parametrize("path", ["/", "/tools/production/"])
def test_a_session_is_of_the_principal_by_account_and_name_whatever_its_path(arn, is_ours, path):
    principal = parse_role_arn(f"arn:aws:iam::999988887777:role{path}northwind-rolecall")

    assert OwnIdentity("999988887777", arn).is_session_of(principal) is is_ours


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        ("ExpiredToken", 403, "expired"),
        ("InvalidClientTokenId", 403, "does not accept"),
        ("SignatureDoesNotMatch", 403, "clock"),
        ("RegionDisabledException", 403, "our own account"),
        ("Throttling", 400, "slow down"),
        ("Surprise", 400, "not in the catalogue"),
    ],
)
def test_what_aws_refuses_with_is_put_into_words(sts, stubbed, code, status, word):
    stubbed.add_client_error("get_caller_identity", service_error_code=code, http_status_code=status)

    answer = who_am_i(lambda: sts)

    assert isinstance(answer, NoAnswer)
    assert answer.raw_code == code
    assert word in answer.sentence


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (ProfileNotFound(profile="northwind"), "no AWS profile called northwind"),
        (ConnectTimeoutError(endpoint_url="https://sts"), "in time"),
        (EndpointConnectionError(endpoint_url="https://sts"), "Nothing answers"),
        (BotoCoreError(), "not in the catalogue"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("ask", [who_am_i, lambda sts: can_assume(sts, role_arn=ROLE)], ids=["who", "can"])
def test_what_goes_wrong_before_aws_answers_is_put_into_words(sts, error, word, ask):
    with patch.object(sts, "_make_api_call", side_effect=error):
        answer = ask(lambda: sts)

    assert isinstance(answer, NoAnswer)
    assert answer.raw_code == type(error).__name__
    assert word in answer.sentence


def test_a_client_that_cannot_be_made_is_an_answer_too():
    def no_client():
        raise ProfileNotFound(profile="northwind")

    assert isinstance(who_am_i(no_client), NoAnswer)


BARE = f"User: {OURS} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (BARE, AssumeRight(is_allowed=True, is_certain=False)),
        (f"{BARE} because no identity-based policy allows the sts:AssumeRole action", AssumeRight(False, True)),
        (f"{BARE} with an explicit deny in a service control policy", AssumeRight(False, True)),
        (f"{BARE} because no permissions boundary allows the sts:AssumeRole action", AssumeRight(False, True)),
        ("Roles may not be assumed by root accounts.", AssumeRight(False, True)),
        (f"{BARE} because no role trust policy allows the sts:AssumeRole action", AssumeRight(True, False)),
    ],
)
def test_a_refusal_blames_our_own_policies_only_where_aws_does(sts, stubbed, message, expected):
    stubbed.add_client_error("assume_role", service_error_code="AccessDenied", service_message=message)

    assert can_assume(lambda: sts, role_arn=ROLE) == expected


def test_a_refusal_for_another_reason_says_nothing_about_our_policies(sts, stubbed):
    stubbed.add_client_error("assume_role", service_error_code="ExpiredToken", http_status_code=403)

    assert isinstance(can_assume(lambda: sts, role_arn=ROLE), NoAnswer)


def test_trying_to_assume_asks_for_a_session_without_permissions(sts):
    sent = {}
    with patch.object(sts, "_make_api_call", side_effect=lambda name, values: sent.update(values) or {}):
        assert can_assume(lambda: sts, role_arn=ROLE) == AssumeRight(is_allowed=True, is_certain=True)

    assert sent["RoleArn"] == ROLE
    assert sent["DurationSeconds"] == 900
    assert '"Deny"' in sent["Policy"]
