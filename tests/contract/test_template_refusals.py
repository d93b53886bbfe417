"""Publishing a template turns S3's errors into sentences. botocore's Stubber stands in for S3."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import botocore.exceptions
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from aws.answers import Missing, outcome_of, s3_outcome_of
from aws.publishing import PublishFailed, publish_template
from onboarding.proof.answer import Outcome
from onboarding.stack_template.template import bake

TEXT = bake(
    (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text(),
    account_id="999988887777",
    principal="role/northwind-rolecall",
)
CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "s3.jsonl").read_text().splitlines()]
BUCKET = "northwind-templates"
REGION_HEADER = {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}}


@pytest.fixture
def s3():
    session = boto3.session.Session("testing", "testing", region_name="us-east-1")
    return session.client("s3", endpoint_url="http://127.0.0.1:1")


@pytest.mark.parametrize("head", ["400", "403"])
@pytest.mark.parametrize(
    ("code", "outcome", "word"),
    [
        ("AccessDenied", Outcome.REFUSED, "s3:PutObject"),
        ("ExpiredToken", Outcome.VENDOR_EXPIRED, "have expired"),
        ("InvalidAccessKeyId", Outcome.VENDOR_INVALID, "does not accept"),
        ("SignatureDoesNotMatch", Outcome.VENDOR_INVALID, "clock"),
        ("SlowDown", Outcome.THROTTLED, "SlowDown"),
    ],
)
def test_a_refusal_to_write_is_a_sentence_with_what_to_do(s3, code, outcome, word, head):
    with Stubber(s3) as aws:
        # S3 answers 403 to all else for an identity that can only write. It must still be able to publish.
        aws.add_client_error("head_bucket", head, http_status_code=int(head), response_meta=REGION_HEADER)
        aws.add_client_error("head_object", head, http_status_code=int(head))
        aws.add_client_error("put_object", code)
        failed = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)

    assert failed.outcome is outcome
    assert word in f"{failed.message} {failed.hint}"
    assert failed.message.endswith(".")
    assert failed.hint.endswith(".")
    assert "{" not in failed.message + failed.hint


def test_an_identity_that_can_only_write_can_publish(s3):
    with Stubber(s3) as aws:
        aws.add_client_error("head_bucket", "403", http_status_code=403, response_meta=REGION_HEADER)
        aws.add_client_error("head_object", "403", http_status_code=403)
        aws.add_response("put_object", {})
        published = publish_template(lambda: s3, bucket=BUCKET, text=TEXT)

    assert published.url.startswith(f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NoCredentialsError(), Outcome.VENDOR_MISSING),
        (EndpointConnectionError(endpoint_url="https://s3"), Outcome.UNREACHABLE),
        (
            ClientError({"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPHeaders": {}}}, "x"),
            Outcome.SERVICE_ERROR,
        ),
    ],
)
def test_a_request_that_s3_never_answered_has_an_outcome_too(s3, error, outcome):
    def fail(**_):
        raise error

    s3.meta.events.register("before-send.s3", fail)

    assert publish_template(lambda: s3, bucket=BUCKET, text=TEXT).outcome is outcome


def raised(name: str) -> Exception:
    """botocore's exception of that name."""
    given = {"profile": "northwind", "endpoint_url": "https://s3", "error": "x", "provider": "x", "report": "x"}
    more = {"error_msg": "x", "cred_var": "x", "path": "x", "proxy_url": "x", "sso_session": "x"}
    return getattr(botocore.exceptions, name)(**given, **more)


def failed_by(error: Exception) -> PublishFailed:
    def no_client():
        raise error

    found = publish_template(no_client, bucket=BUCKET, text=TEXT)
    assert isinstance(found, PublishFailed)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case_that_was_collected_names_what_must_be_repaired(case):
    failed = failed_by(raised(case["input"]["raised"]))

    assert case["expected"] in f"{failed.message} {failed.hint}"


@pytest.mark.parametrize(
    ("name", "what", "fix"),
    [
        ("ProfileNotFound", "profile called northwind", "AWS_PROFILE"),
        ("UnauthorizedSSOTokenError", "has expired", "aws sso login"),
        ("TokenRetrievalError", "has expired", "aws sso login"),
        ("SSOTokenLoadError", "need a sign-in", "aws sso login"),
        ("NoCredentialsError", "no AWS credentials", "instance role or a profile"),
        ("PartialCredentialsError", "incomplete", "AWS_SECRET_ACCESS_KEY"),
        ("CredentialRetrievalError", "failed", "credential_process"),
        ("MetadataRetrievalError", "IMDS", "hop limit"),
        ("ConfigParseError", "cannot be read", "~/.aws/config"),
        ("SSLError", "certificate", "AWS_CA_BUNDLE"),
        ("ProxyConnectionError", "proxy", "HTTPS_PROXY"),
        ("ConnectTimeoutError", "in time", "network"),
        ("EndpointConnectionError", "Nothing answers", "AWS_ENDPOINT_URL"),
        ("ParamValidationError", f"{BUCKET} cannot be the name of a bucket", "3 to 63"),
    ],
)
def test_what_keeps_us_from_asking_is_a_sentence_of_its_own_with_what_to_do(name, what, fix):
    failed = failed_by(raised(name))

    assert what in failed.message
    assert fix in failed.hint
    assert failed.message.endswith(".")
    assert failed.hint.endswith(".")


@pytest.mark.parametrize(("status", "outcome"), [("403", Outcome.REFUSED), ("404", Missing.OBJECT)])
def test_a_bare_status_has_a_meaning_only_from_s3(status, outcome):
    error = ClientError({"Error": {"Code": status}, "ResponseMetadata": {"HTTPStatusCode": int(status)}}, "x")

    assert s3_outcome_of(error) is outcome
    assert outcome_of(error) is Outcome.UNKNOWN
