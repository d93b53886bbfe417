"""Publishing the stack template to S3, and fetching it back as a tenant's CloudFormation does.

CloudFormation reads a template with the rights of whoever creates the stack: here a stranger to the vendor's
bucket. So the object has to be readable by anyone, and the proof of that is to read it unsigned.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from onboarding.ground.refused import Refused
from onboarding.stack_template.template import StackTemplate, StackTemplateError, published_name, sha256_of
from onboarding.stack_template.url import TemplateUrl, parse_template_url

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# CloudFormation takes at most 1 MB from S3, so nothing larger is worth reading.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LARGEST_TEMPLATE_BYTES = 1_000_000
PUBLISHED_PREFIX = "rolecall-role-"


class Trouble(StrEnum):
    """Why S3 did not do as asked."""

    NO_SUCH_BUCKET = "no_such_bucket"
    REFUSED = "refused"
    CREDENTIALS = "credentials"
    UNREACHABLE = "unreachable"
    NOT_IN_S3 = "not_in_s3"
    ABSENT = "absent"
    OTHER = "other"


@dataclass(frozen=True)
class PublishedTemplate:
    """A template in S3. `was_already_there` is true if these very bytes were, and nothing was written."""

    url: str
    key: str
    sha256: str
    was_already_there: bool


@dataclass(frozen=True)
class PublishFailed:
    """Why a template was not published: a sentence for the operator, and what to do about it."""

    trouble: Trouble
    message: str
    hint: str


@dataclass(frozen=True)
class FetchResult:
    """What came back for a template URL: its `text`, or the `trouble` and a sentence for the operator."""

    url: str
    text: str | None = None
    trouble: Trouble | None = None
    message: str = ""

    def holds(self, expected: str) -> bool:
        """Whether the fetched text is this one, to the byte."""
        return self.text == expected


def publish_template(s3_client: S3Client, *, bucket: str, text: str) -> PublishedTemplate | PublishFailed:
    """Put the baked template into the bucket under its published name, unless it is there already.

    No ACL is set (buckets refuse them by default since 2023): `bucket_policy_needed` says what opens the object.
    Raises StackTemplateError for a template that nobody baked: its stacks could trust no vendor.
    """
    if not StackTemplate.parse(text).is_baked:
        raise StackTemplateError("The stack template names no vendor yet: bake it before it is published.")
    key, body = published_name(text), text.encode()
    try:
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
                # Said aloud, since a bucket may default to KMS, and nobody unsigned can read what KMS encrypts.
                ServerSideEncryption="AES256",
            )
    except (ClientError, BotoCoreError) as error:
        return _failed(error, bucket)
    return PublishedTemplate(str(url), key, sha256_of(text), was_already_there)


def fetch_unsigned(url: str, *, endpoint_url: str | None = None, timeout_seconds: float = 5) -> FetchResult:
    """Fetch a template with no credentials at all, as S3 sees a stranger.

    `endpoint_url` stands in for S3's own; without it botocore reads AWS_ENDPOINT_URL itself. Never raises for what
    S3 or the network does: the result says what came of it. One try, since whoever asks is waiting.
    """
    try:
        at = parse_template_url(url)
    except Refused as error:
        return FetchResult(url, trouble=Trouble.NOT_IN_S3, message=str(error))
    try:
        body = _unsigned_client(at.region, endpoint_url, timeout_seconds).get_object(Bucket=at.bucket, Key=at.key)
        raw = body["Body"].read(LARGEST_TEMPLATE_BYTES + 1)
    except (ClientError, BotoCoreError) as error:
        trouble = _trouble(error)
        return FetchResult(url, trouble=trouble, message=_FETCH_MESSAGES.get(trouble, f"S3 answered: {_code(error)}."))
    # What is no text, or longer than a template may be, is not the one expected: `holds` says so.
    return FetchResult(url, text=raw.decode(errors="replace"))


def bucket_policy_needed(*, bucket: str, key_prefix: str = PUBLISHED_PREFIX, partition: str = "aws") -> str:
    """Return, as JSON, the bucket policy that lets any tenant's CloudFormation read the published templates.

    Anyone may read them, and that is right: a tenant's account is unknown before they connect, and the template
    holds no secret. It names the vendor's account and role, which every tenant sees in their own role anyway, and
    the external ID is a parameter, not a part of it. The policy opens objects whose names begin with
    `key_prefix` and nothing else: no listing, no writing.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    statement = {
        "Sid": "AnyoneMayReadTheStackTemplate",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:{partition}:s3:::{bucket}/{key_prefix}*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def _region_of(s3_client: S3Client, bucket: str) -> str:
    """Return the bucket's own region; S3 names it in a header even where it refuses the request.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    try:
        headers = s3_client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        if _trouble(error) is Trouble.ABSENT:
            raise
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    return headers.get("x-amz-bucket-region", s3_client.meta.region_name)


def _is_there(s3_client: S3Client, bucket: str, key: str, body: bytes) -> bool:
    """Whether the object is there with these bytes: a name can be taken by anybody who may write."""
    try:
        head = s3_client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError:
        # The answer to a HEAD has no body to say why, and an absent key is a 403 to whoever may not list:
        # writing will tell.
        return False
    return head.get("ChecksumSHA256") == _checksum(body)


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _unsigned_client(region: str, endpoint_url: str | None, timeout_seconds: float) -> S3Client:
    return boto3.session.Session(region_name=region).client(
        "s3",
        endpoint_url=endpoint_url,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": 1},
            # S3 serves both forms; a stand-in on localhost, and a bucket with a dot in its name, only this one.
            s3={"addressing_style": "path"},
        ),
    )


_TROUBLES = {
    "NoSuchBucket": Trouble.NO_SUCH_BUCKET,
    "NoSuchKey": Trouble.ABSENT,
    "404": Trouble.ABSENT,
    "AccessDenied": Trouble.REFUSED,
    "AllAccessDisabled": Trouble.REFUSED,
    "403": Trouble.REFUSED,
    "ExpiredToken": Trouble.CREDENTIALS,
    "InvalidAccessKeyId": Trouble.CREDENTIALS,
    "InvalidToken": Trouble.CREDENTIALS,
    "SignatureDoesNotMatch": Trouble.CREDENTIALS,
    "RequestTimeTooSkewed": Trouble.CREDENTIALS,
}

_FETCH_MESSAGES = {
    Trouble.NO_SUCH_BUCKET: "There is no such bucket.",
    Trouble.ABSENT: "There is no template at this address.",
    Trouble.REFUSED: "S3 refuses to show it to strangers, so no tenant's CloudFormation can read it; "
    "or it is not there, which S3 does not tell strangers.",
    Trouble.UNREACHABLE: "S3 did not answer.",
}

_PUBLISH_MESSAGES = {
    Trouble.NO_SUCH_BUCKET: ("There is no bucket {bucket}.", "Create it in the vendor's account, or check its name."),
    Trouble.REFUSED: (
        "S3 refuses to write to {bucket}.",
        "Allow s3:PutObject and s3:GetObject on {bucket}/{prefix}* to whoever publishes.",
    ),
    Trouble.CREDENTIALS: ("AWS does not accept our credentials.", "Set or renew those of the environment."),
    Trouble.UNREACHABLE: ("S3 did not answer.", "Check the network and AWS_ENDPOINT_URL, then publish again."),
}


def _trouble(error: ClientError | BotoCoreError) -> Trouble:
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
        return Trouble.CREDENTIALS
    if isinstance(error, ClientError):
        return _TROUBLES.get(_code(error), Trouble.OTHER)
    return Trouble.UNREACHABLE


def _code(error: ClientError | BotoCoreError) -> str:
    return str(error.response.get("Error", {}).get("Code")) if isinstance(error, ClientError) else type(error).__name__


def _failed(error: ClientError | BotoCoreError, bucket: str) -> PublishFailed:
    trouble = _trouble(error)
    # HeadBucket has no body to name the error in, so a missing bucket is a bare 404.
    trouble = Trouble.NO_SUCH_BUCKET if trouble is Trouble.ABSENT else trouble
    message, hint = _PUBLISH_MESSAGES.get(trouble, ("S3 answered: {code}.", "Publish again, or look the code up."))
    values = {"bucket": bucket, "prefix": PUBLISHED_PREFIX, "code": _code(error)}
    return PublishFailed(trouble, message.format(**values), hint.format(**values))
