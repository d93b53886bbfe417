"""What S3 refuses while a template is published comes back as a sentence; botocore's stubs say what AWS says."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from aws.publishing import publish_template
from onboarding.proof.answer import Outcome
from onboarding.stack_template.template import bake

TEXT = bake(
    (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text(),
    account_id="999988887777",
    principal="role/northwind-rolecall",
)
BUCKET = "northwind-templates"
REGION_HEADER = {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}}


@pytest.fixture
def s3():
    session = boto3.session.Session("testing", "testing", region_name="us-east-1")
    return session.client("s3", endpoint_url="http://127.0.0.1:1")


@pytest.mark.parametrize("head", ["400", "403"])
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("AccessDenied", Outcome.REFUSED),
        ("ExpiredToken", Outcome.VENDOR_EXPIRED),
        ("InvalidAccessKeyId", Outcome.VENDOR_INVALID),
        ("SignatureDoesNotMatch", Outcome.VENDOR_INVALID),
        ("SlowDown", Outcome.THROTTLED),
    ],
)
def test_a_refusal_to_write_is_a_sentence_with_what_to_do(s3, code, outcome, head):
    with Stubber(s3) as aws:
        # Whoever may only write is told 403 for everything else: that alone must not stop them.
        aws.add_client_error("head_bucket", head, http_status_code=int(head), response_meta=REGION_HEADER)
        aws.add_client_error("head_object", head, http_status_code=int(head))
        aws.add_client_error("put_object", code)
        failed = publish_template(s3, bucket=BUCKET, text=TEXT)

    assert failed.outcome is outcome
    assert failed.message.endswith(".")
    assert failed.hint.endswith(".")
    assert "{" not in failed.message + failed.hint


def test_who_may_only_write_can_publish(s3):
    with Stubber(s3) as aws:
        aws.add_client_error("head_bucket", "403", http_status_code=403, response_meta=REGION_HEADER)
        aws.add_client_error("head_object", "403", http_status_code=403)
        aws.add_response("put_object", {})
        published = publish_template(s3, bucket=BUCKET, text=TEXT)

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
def test_what_never_reached_s3_is_said_as_well(s3, error, outcome):
    def fail(**_):
        raise error

    s3.meta.events.register("before-send.s3", fail)

    assert publish_template(s3, bucket=BUCKET, text=TEXT).outcome is outcome
