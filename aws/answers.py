"""What each of AWS's error codes, and each error of boto3's, means: one table for STS, IAM, CloudFormation and S3."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from onboarding.proof.answer import Outcome

log = logging.getLogger("rolecall.aws")

# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, API_AssumeRole.html beside it,
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_CODES: Mapping[Outcome, tuple[str, ...]] = {
    Outcome.REFUSED: ("AccessDenied", "AccessDeniedException"),
    Outcome.REGION_OFF: ("RegionDisabledException",),
    Outcome.VENDOR_EXPIRED: ("ExpiredToken", "ExpiredTokenException"),
    Outcome.VENDOR_INVALID: (
        *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "IncompleteSignature"),
        *("RequestExpired", "RequestTimeTooSkewed", "InvalidAccessKeyId", "InvalidToken"),
    ),
    # The role or policy was deleted after we assumed the role, or has not reached every part of IAM yet.
    Outcome.VANISHED: ("NoSuchEntity", "NoSuchEntityException"),
    Outcome.REQUEST_INVALID: ("ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLarge"),
    Outcome.THROTTLED: (
        *("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"),
    ),
    Outcome.SERVICE_ERROR: ("InternalFailure", "InternalError", "ServiceFailure", "ServiceUnavailable"),
}
OUTCOMES: Mapping[str, Outcome] = {code: outcome for outcome, codes in _CODES.items() for code in codes}


class Missing(StrEnum):
    """What S3 says is not there."""

    BUCKET = "bucket"
    OBJECT = "object"


# Only S3's: a bare 403 from a proxy in front of STS must not pass for a role's refusal.
_OF_S3: Mapping[str, Outcome | Missing] = {
    "NoSuchBucket": Missing.BUCKET,
    "NoSuchKey": Missing.OBJECT,
    "AllAccessDisabled": Outcome.REFUSED,
    # An answer without a body, such as that to a HEAD request, has only its status.
    "403": Outcome.REFUSED,
    "404": Missing.OBJECT,
}


def outcome_of(error: ClientError | BotoCoreError) -> Outcome:
    """Return what the error means. Logs a code that is not in the table, and returns UNKNOWN or SERVICE_ERROR."""
    return _answered(error) if isinstance(error, ClientError) else _unanswered(error)


def s3_outcome_of(error: ClientError | BotoCoreError) -> Outcome | Missing:
    """Return what an error of S3's means."""
    return _OF_S3.get(raw_code(error)) or outcome_of(error)


def raw_code(error: ClientError | BotoCoreError) -> str:
    """Return AWS's own code, or the name of boto3's exception. Only operators see it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))[:80]
    return type(error).__name__


def request_id_of(error: ClientError | BotoCoreError) -> str:
    """Return the ID that AWS gave the request, or an empty string."""
    if not isinstance(error, ClientError):
        return ""
    return short_id(error.response.get("ResponseMetadata", {}).get("RequestId", ""))


def short_id(request_id: object) -> str:
    """Return a request's ID, shortened if it is longer than AWS makes them."""
    return str(request_id)[:128]


def _answered(error: ClientError) -> Outcome:
    code = raw_code(error)
    if code in OUTCOMES:
        return OUTCOMES[code]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    log.warning("aws.unknown_answer code=%r status=%s", code, status)
    return Outcome.SERVICE_ERROR if status >= 500 else Outcome.UNKNOWN


def _unanswered(error: BotoCoreError) -> Outcome:
    log.warning("aws.unreachable error=%s", type(error).__name__)
    return next((outcome for outcome, kinds in _UNANSWERED if isinstance(error, kinds)), Outcome.UNKNOWN)


# The first match counts: a connect time-out is a connection error too.
_UNANSWERED: tuple[tuple[Outcome, tuple[type[Exception], ...]], ...] = (
    (Outcome.VENDOR_MISSING, (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)),
    (Outcome.VENDOR_MISSING, (boto.ProfileNotFound, boto.TokenRetrievalError, boto.SSOError)),
    (Outcome.TIMED_OUT, (boto.ConnectTimeoutError, boto.ReadTimeoutError)),
    (Outcome.UNREACHABLE, (boto.ConnectionError, boto.HTTPClientError)),
)
