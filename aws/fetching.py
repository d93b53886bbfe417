"""Fetches the published stack template as a tenant's CloudFormation does.

CloudFormation reads a template with the permissions of whoever creates the stack, and a tenant has none on the
vendor's bucket. So anyone must be able to read the object, and an unsigned request proves that anyone can.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws.advice import advice_on
from aws.answers import Missing, raw_code, s3_outcome_of
from aws.clients import new_client
from onboarding.ground.refused import Refused
from onboarding.proof.answer import Outcome
from onboarding.stack_template.url import parse_template_url

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# CloudFormation takes at most 1 MB from S3.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LARGEST_TEMPLATE_BYTES = 1_000_000

_MESSAGES: Mapping[Outcome | Missing, str] = {
    Missing.BUCKET: "There is no such bucket.",
    Missing.OBJECT: "There is no template at this address.",
    Outcome.REFUSED: "S3 refuses anonymous requests for it, so no tenant's CloudFormation can read it. "
    "S3 also answers this way if the template does not exist.",
}


@dataclass(frozen=True)
class FetchResult:
    """The template's `text`, or why it could not be fetched: a sentence for the operator, and what to do if known."""

    text: str | None = None
    outcome: Outcome | Missing | None = None
    message: str = ""
    fix: str = ""

    @property
    def needs_bucket_policy(self) -> bool:
        """Whether a bucket policy might be all that is missing: S3 can hide an object that strangers cannot read."""
        return self.outcome in (Outcome.REFUSED, Missing.OBJECT)

    @property
    def is_of_s3(self) -> bool:
        """Whether a tenant's CloudFormation would meet the same: it is of the address or S3, not of this machine."""
        return isinstance(self.outcome, Missing) or self.outcome in (Outcome.REFUSED, Outcome.REQUEST_INVALID)


def fetch_unsigned(url: str, *, endpoint_url: str | None = None, timeout_seconds: float = 5) -> FetchResult:
    """Fetch a template without credentials, once: whoever asks is waiting. Raises nothing S3 or the network can cause.

    `endpoint_url` replaces S3's own; without it botocore reads AWS_ENDPOINT_URL.
    """
    try:
        address = parse_template_url(url)
    except Refused as error:
        return FetchResult(outcome=Outcome.REQUEST_INVALID, message=str(error))
    try:
        client = _unsigned_client(address.region, endpoint_url, timeout_seconds)
        raw = client.get_object(Bucket=address.bucket, Key=address.key)["Body"].read(LARGEST_TEMPLATE_BYTES + 1)
    except (ClientError, BotoCoreError) as error:
        outcome = s3_outcome_of(error)
        said = _MESSAGES.get(outcome)
        message, fix = (said, "") if said else advice_on(error, outcome) or (f"S3 failed: {raw_code(error)}.", "")
        return FetchResult(outcome=outcome, message=message, fix=fix)
    # Text that is cut off or not UTF-8 differs from the template that is expected.
    return FetchResult(raw.decode(errors="replace"))


def _unsigned_client(region: str, endpoint_url: str | None, timeout_seconds: float) -> S3Client:
    client: S3Client = new_client(
        boto3.session.Session(region_name=region),
        "s3",
        endpoint_url=endpoint_url,
        config=Config(
            signature_version=UNSIGNED,
            connect_timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": 1},
            # A stand-in on localhost, and a bucket with a dot in its name, need this form of address.
            s3={"addressing_style": "path"},
        ),
    )
    return client
