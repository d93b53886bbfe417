"""Publishes the stack template to S3, where tenants' CloudFormation reads it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aws.advice import advice_on
from aws.answers import Missing, raw_code, s3_outcome_of
from onboarding.proof.answer import Outcome
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import StackTemplate, published_name, sha256_of
from onboarding.stack_template.url import TemplateUrl, is_bucket_name

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PUBLISHED_PREFIX = "rolecall-role-"

# What happened, and what to do, where that is about the bucket.
_MESSAGES: Mapping[Outcome | Missing, tuple[str, str]] = {
    Missing.BUCKET: ("There is no bucket {bucket}.", "Create it in your account, or check its name."),
    Outcome.REFUSED: (
        "S3 refuses to write to {bucket}.",
        "Allow s3:PutObject and s3:GetObject on {bucket}/{prefix}* to the identity that publishes, and check that the "
        "bucket is yours.",
    ),
    # The bucket's name is all of the request that is not ours.
    Outcome.REQUEST_INVALID: (
        "{bucket} cannot be the name of a bucket.",
        "Give the bucket's name alone: 3 to 63 lower-case letters, digits, dots and hyphens.",
    ),
}
_LOOK = "Publish again, or look the code up."


@dataclass(frozen=True)
class PublishedTemplate:
    """A template in S3. `was_already_there` is true if the bucket had exactly this template, so nothing was written."""

    url: str
    key: str
    sha256: str
    was_already_there: bool


@dataclass(frozen=True)
class PublishFailed:
    """Why a template was not published: a sentence for the operator, and what to do about it."""

    outcome: Outcome | Missing
    message: str
    hint: str


def publish_template(s3: Callable[[], S3Client], *, bucket: str, text: str) -> PublishedTemplate | PublishFailed:
    """Put the baked template into the bucket under its published name, unless it is there already.

    `s3` makes the client, since that can fail too: there might be no such profile. Sets no ACL, since buckets refuse
    ACLs by default: `bucket_policy_needed` makes the object readable.
    Raises StackTemplateError for a template that is not baked: its role would trust nobody.
    """
    if not StackTemplate.parse(text).is_baked:
        raise StackTemplateError("The stack template names no vendor yet: bake it before it is published.")
    if not is_bucket_name(bucket):
        return _about(bucket, Outcome.REQUEST_INVALID)
    key, body = published_name(text), text.encode()
    try:
        s3_client = s3()
        url = TemplateUrl(bucket, key, _region_of(s3_client, bucket), s3_client.meta.partition)
        was_already_there = _is_there(s3_client, bucket, key, body)
        if not was_already_there:
            s3_client.put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ContentType="text/yaml",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=_checksum(body),
                # Explicit, because a bucket can default to KMS, and an unsigned request cannot read what KMS encrypts.
                ServerSideEncryption="AES256",
            )
    except (ClientError, BotoCoreError) as error:
        return _failed(error, bucket)
    return PublishedTemplate(str(url), key, sha256_of(text), was_already_there)


def bucket_policy_needed(*, bucket: str, key_prefix: str = PUBLISHED_PREFIX, partition: str = "aws") -> str:
    """Return, as JSON, the bucket policy that lets any tenant's CloudFormation read the published templates.

    Everyone is allowed to read them, because a tenant's account is unknown before they connect. The template holds no
    secret: it names the vendor's account and role, which every tenant sees in their own role anyway, and takes the
    external ID as a parameter. The policy allows nobody to list or write, or to read names without `key_prefix`.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    statement = {
        "Sid": "AnyoneCanReadTheStackTemplate",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:{partition}:s3:::{bucket}/{key_prefix}*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def _region_of(s3_client: S3Client, bucket: str) -> str:
    """Return the bucket's own region; S3 names it in a header even if it refuses the request.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    try:
        headers = s3_client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        if raw_code(error) == "404":
            raise
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    return headers.get("x-amz-bucket-region", s3_client.meta.region_name)


def _is_there(s3_client: S3Client, bucket: str, key: str, body: bytes) -> bool:
    """Whether the object is there with these bytes: others might have written another object under this name."""
    try:
        head = s3_client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError:
        # S3 answers 403 for a missing key to an identity that cannot list the bucket: writing will tell.
        return False
    return head.get("ChecksumSHA256") == _checksum(body)


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _failed(error: ClientError | BotoCoreError, bucket: str) -> PublishFailed:
    outcome = s3_outcome_of(error)
    # HeadBucket answers with a bare 404 for a missing bucket.
    outcome = Missing.BUCKET if outcome is Missing.OBJECT else outcome
    if outcome not in _MESSAGES:
        message, hint = advice_on(error, outcome) or (f"Publishing failed: {raw_code(error)}.", _LOOK)
        return PublishFailed(outcome, message, hint)
    return _about(bucket, outcome)


def _about(bucket: str, outcome: Outcome | Missing) -> PublishFailed:
    values = {"bucket": bucket, "prefix": PUBLISHED_PREFIX}
    message, hint = _MESSAGES[outcome]
    return PublishFailed(outcome, message.format(**values), hint.format(**values))
