"""AwsRoles: what AWS answers, in the domain's words. Only AccessDenied is a refusal; all else proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import (
    CredentialRetrievalError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.stub import ANY, Stubber

from aws.answers import OUTCOMES
from aws.budget import Budget
from aws.roles import AwsRoles
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.diagnosis.diagnosis import Who
from onboarding.proof.answer import Answer, Asked, Outcome
from tests.contract.asking import EXTERNAL_ID, ask
from tests.sandbox_callers import NAME, ROLE_ARN, TENANT

REQUEST_ID = "c6104cbe-af31-11e0-8154-cbc7ccf896c7"

# aws-facts, "STS AssumeRole answers": the code, its HTTP status, and what it means to us.
ANSWERS = [
    ("AccessDenied", 403, Outcome.REFUSED),
    ("RegionDisabledException", 403, Outcome.REGION_OFF),
    ("ExpiredToken", 403, Outcome.VENDOR_EXPIRED),
    ("ExpiredTokenException", 403, Outcome.VENDOR_EXPIRED),
    ("InvalidClientTokenId", 403, Outcome.VENDOR_INVALID),
    ("SignatureDoesNotMatch", 403, Outcome.VENDOR_INVALID),
    ("ValidationError", 400, Outcome.REQUEST_INVALID),
    ("MalformedPolicyDocument", 400, Outcome.REQUEST_INVALID),
    ("PackedPolicyTooLarge", 400, Outcome.REQUEST_INVALID),
    ("Throttling", 400, Outcome.THROTTLED),
    ("RequestLimitExceeded", 503, Outcome.THROTTLED),
    ("InternalFailure", 500, Outcome.SERVICE_ERROR),
    ("ServiceUnavailable", 503, Outcome.SERVICE_ERROR),
    ("SomethingNew", 500, Outcome.SERVICE_ERROR),
    ("SomethingNew", 400, Outcome.UNKNOWN),
    ("SomethingNew", 403, Outcome.UNKNOWN),
    ("", 403, Outcome.UNKNOWN),
    ("403", 403, Outcome.UNKNOWN),
    ("accessdenied", 403, Outcome.UNKNOWN),
]


def roles_on(sts: object) -> AwsRoles:
    return AwsRoles(SimpleNamespace(sts=sts), Budget(1000))


@pytest.fixture
def sts():
    return boto3.client("sts", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")


@pytest.fixture
def stub(sts) -> Iterator[Stubber]:
    with Stubber(sts) as stubber:
        yield stubber


@pytest.mark.parametrize(("code", "status", "outcome"), ANSWERS)
def test_each_code_has_one_meaning(sts, stub, code, status, outcome):
    stub.add_client_error("assume_role", code, "not for tenants", status, response_meta={"RequestId": REQUEST_ID})

    answer = ask(roles_on(sts))

    assert (answer.asked, answer.outcome, answer.raw_code) == (Asked.RIGHT, outcome, code)
    assert answer.request_id == REQUEST_ID
    assert "not for tenants" not in repr(answer)


def test_only_access_denied_is_a_refusal():
    assert {code for code, outcome in OUTCOMES.items() if outcome is Outcome.REFUSED} == {
        "AccessDenied",
        "AccessDeniedException",
    }
    assert Outcome.ASSUMED not in OUTCOMES.values()


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.is_unclear])
def test_whatever_is_unclear_has_a_cause_and_only_a_region_that_is_off_is_the_tenants(outcome):
    assert (CATALOGUE[outcome.value].who is Who.TENANT) is (outcome is Outcome.REGION_OFF)


@pytest.mark.parametrize("external_id", [EXTERNAL_ID, None])
def test_a_question_asks_for_the_shortest_and_most_powerless_session(sts, stub, external_id):
    denies_all = ANY
    asked = {
        "RoleArn": ROLE_ARN,
        "RoleSessionName": "rolecall-ab12cd34",
        "DurationSeconds": 900,
        "Policy": denies_all,
        **({"ExternalId": external_id} if external_id else {}),
    }
    stub.add_response("assume_role", an_assumed_role(), expected_params=asked)

    answer = ask(roles_on(sts), external_id=external_id)

    assert answer == Answer(Asked.RIGHT, Outcome.ASSUMED, TENANT, NAME, REQUEST_ID)
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "arn", ["", "nonsense", f"arn:aws:sts::{TENANT}:assumed-role/x", f"arn:aws:iam::{TENANT}:a/b/c/d"]
)
def test_an_answer_that_does_not_say_who_it_is_proves_nothing(sts, stub, arn):
    stub.add_response("assume_role", an_assumed_role(arn))

    assert ask(roles_on(sts)).outcome is Outcome.SERVICE_ERROR


def an_assumed_role(arn: str = f"arn:aws:sts::{TENANT}:assumed-role/{NAME}/rolecall-ab12cd34"):
    return {
        **({"AssumedRoleUser": {"AssumedRoleId": "AROA1234567890EXAMPLE:x", "Arn": arn.ljust(20)}} if arn else {}),
        "Credentials": {
            "AccessKeyId": "ASIA" + "X" * 16,
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": datetime(2030, 1, 1, tzinfo=UTC),
        },
        "ResponseMetadata": {"RequestId": REQUEST_ID, "HTTPStatusCode": 200},
    }


@pytest.mark.parametrize(
    "error",
    [
        CredentialRetrievalError(provider="x", error_msg="y"),
        ProfileNotFound(profile="x"),
        UnauthorizedSSOTokenError(),
        TokenRetrievalError(provider="sso", error_msg="expired"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_credentials_that_cannot_be_had_are_the_vendors_to_mend(error):
    class NoClients:
        @property
        def sts(self):
            raise error

    answer = ask(AwsRoles(NoClients(), Budget(1000)))

    assert CATALOGUE[answer.outcome.value].who is Who.VENDOR
