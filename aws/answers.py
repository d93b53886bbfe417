"""What each of AWS's error codes, and each error of boto3's, means: one table for STS, IAM, CloudFormation and S3."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from aws.hints import hint_in
from onboarding.diagnosis.catalogue import CATALOGUE, WHOSE
from onboarding.diagnosis.diagnosis import Who
from onboarding.ground.hint import Hint
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.handshake_checks import finding_of

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
        *("MissingAuthenticationToken", "AuthFailure", "OptInRequired"),
    ),
    # The role or policy was deleted after we assumed the role, or has not reached every part of IAM yet.
    Outcome.VANISHED: ("NoSuchEntity", "NoSuchEntityException"),
    Outcome.REQUEST_INVALID: (
        *("ValidationError", "ValidationException", "MalformedPolicyDocument", "PackedPolicyTooLarge"),
        *("InvalidParameterValue", "InvalidParameterCombination", "MissingParameter", "MalformedQueryString"),
    ),
    # All that botocore itself takes for throttling:
    # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html#standard-retry-mode
    Outcome.THROTTLED: (
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
        *("RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "LimitExceededException"),
        *("BandwidthLimitExceeded", "PriorRequestNotComplete", "EC2ThrottledException"),
        *("TransactionInProgressException", "ProvisionedThroughputExceededException"),
    ),
    Outcome.TIMED_OUT: ("RequestTimeout", "RequestTimeoutException", "RequestAbortedException"),
    Outcome.SERVICE_ERROR: ("InternalFailure", "InternalError", "ServiceFailure", "ServiceUnavailable"),
}
OUTCOMES: Mapping[str, Outcome] = {code: outcome for outcome, codes in _CODES.items() for code in codes}

# What a status says where the code says nothing: https://www.rfc-editor.org/rfc/rfc9110#name-408-request-timeout,
# https://www.rfc-editor.org/rfc/rfc6585#section-4. Servers and proxies on the way send them without a code of AWS's.
_STATUSES: Mapping[int, Outcome] = {408: Outcome.TIMED_OUT, 429: Outcome.THROTTLED}


class Missing(StrEnum):
    """What S3 says is not there."""

    BUCKET = "bucket"
    OBJECT = "object"


# Only S3's: a bare 403 from a proxy in front of STS must not pass for a role's refusal.
_OF_S3: Mapping[str, Outcome | Missing] = {
    "NoSuchBucket": Missing.BUCKET,
    "NoSuchKey": Missing.OBJECT,
    "InvalidBucketName": Outcome.REQUEST_INVALID,
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


def refuses_our_credentials(error: ClientError | BotoCoreError) -> bool:
    """Whether the error is about the credentials that we asked with. Logs nothing."""
    is_answer = isinstance(error, ClientError)
    outcome = OUTCOMES.get(raw_code(error)) if is_answer else _outcome_of_kind(type(error))
    return outcome in (Outcome.VENDOR_INVALID, Outcome.VENDOR_EXPIRED, Outcome.VENDOR_MISSING)


def raw_code(error: ClientError | BotoCoreError) -> str:
    """Return AWS's own code, or the name of boto3's exception. Only operators see it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))[:80]
    return type(error).__name__


def hint_of(error: ClientError | BotoCoreError) -> Hint | None:
    """Return whose policy AWS says refuses, or None: mostly it does not say."""
    if not isinstance(error, ClientError) or OUTCOMES.get(raw_code(error)) is not Outcome.REFUSED:
        return None
    return hint_in(str(error.response.get("Error", {}).get("Message", "")))


def answer_of(error: ClientError | BotoCoreError, asked: Asked) -> Answer:
    """Return what came of an AssumeRole that raised the error."""
    return Answer(
        asked, outcome_of(error), request_id=request_id_of(error), raw_code=raw_code(error), hint=hint_of(error)
    )


def read_answer(raw: object) -> tuple[str, Who]:
    """Return the finding code of an AssumeRole that failed, and who must act, as a verification would find them.

    `raw` is the answer as boto3 has it in a ClientError (`{"Error": {"Code": …, "Message": …}, …}`), or
    `{"raised": "ReadTimeoutError"}` with the name of botocore's exception. A refusal for which AWS gives no reason is
    nobody's: a new role refuses too. Raises ValueError for anything else.
    """
    answer = _answer_written_as(raw)
    finding_code = finding_of(answer)
    return finding_code, WHOSE[answer.hint] if answer.hint else CATALOGUE[finding_code].who


def request_id_of(error: ClientError | BotoCoreError) -> str:
    """Return the ID that AWS gave the request, or an empty string."""
    if not isinstance(error, ClientError):
        return ""
    return short_id(error.response.get("ResponseMetadata", {}).get("RequestId", ""))


def short_id(request_id: object) -> str:
    """Return a request's ID, shortened if it is longer than AWS makes them."""
    return str(request_id)[:128]


def _answer_written_as(raw: object) -> Answer:
    if isinstance(raw, dict) and isinstance(raw.get("raised"), str):
        kind = getattr(boto, raw["raised"], None)
        outcome = _outcome_of_kind(kind) if isinstance(kind, type) else Outcome.UNKNOWN
        return Answer(Asked.RIGHT, outcome, raw_code=raw["raised"])
    if not isinstance(raw, dict) or not isinstance(raw.get("Error"), dict):
        raise ValueError("An answer has an Error with a Code, or says what was raised.")
    metadata = raw.get("ResponseMetadata")
    status = metadata.get("HTTPStatusCode") if isinstance(metadata, dict) else None
    response: Any = {
        "Error": raw["Error"],
        "ResponseMetadata": {"HTTPStatusCode": status if isinstance(status, int) else 0},
    }
    return answer_of(ClientError(response, "AssumeRole"), Asked.RIGHT)


def _answered(error: ClientError) -> Outcome:
    code = raw_code(error)
    if code in OUTCOMES:
        return OUTCOMES[code]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    log.warning("aws.unknown_answer code=%r status=%s", code, status)
    return Outcome.SERVICE_ERROR if status >= 500 else _STATUSES.get(status, Outcome.UNKNOWN)


def _unanswered(error: BotoCoreError) -> Outcome:
    log.warning("aws.unreachable error=%s", type(error).__name__)
    return _outcome_of_kind(type(error))


def _outcome_of_kind(kind: type[object]) -> Outcome:
    return next((outcome for outcome, kinds in _UNANSWERED if issubclass(kind, kinds)), Outcome.UNKNOWN)


# The first match counts: an expired SSO session is an SSOError too, and a connect time-out a connection error.
_UNANSWERED: tuple[tuple[Outcome, tuple[type[Exception], ...]], ...] = (
    (Outcome.VENDOR_EXPIRED, (boto.UnauthorizedSSOTokenError, boto.LoginRefreshRequired)),
    (Outcome.VENDOR_MISSING, (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)),
    (Outcome.VENDOR_MISSING, (boto.ProfileNotFound, boto.TokenRetrievalError, boto.SSOError, boto.LoginError)),
    (Outcome.VENDOR_MISSING, (boto.MetadataRetrievalError, boto.NoAuthTokenError, boto.ConfigParseError)),
    (Outcome.VENDOR_MISSING, (boto.InvalidConfigError, boto.InfiniteLoopConfigError, boto.UnknownCredentialError)),
    # What botocore does not even send.
    (Outcome.REQUEST_INVALID, (boto.ParamValidationError,)),
    (Outcome.TIMED_OUT, (boto.ConnectTimeoutError, boto.ReadTimeoutError)),
    # An answer that broke off, or came over wrong.
    (Outcome.TIMED_OUT, (boto.IncompleteReadError, boto.ResponseStreamingError, boto.FlexibleChecksumError)),
    # What botocore's own rate limit does not let out.
    (Outcome.THROTTLED, (boto.CapacityNotAvailableError,)),
    (Outcome.UNREACHABLE, (boto.ConnectionError, boto.HTTPClientError)),
)
