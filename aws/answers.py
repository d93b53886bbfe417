"""AWS's answers in the domain's words: every error code, and what it tells about the role or about ourselves."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from onboarding.proof.answer import Outcome

log = logging.getLogger("rolecall.aws")

# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, API_AssumeRole.html beside it, and
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
OUTCOMES: Mapping[str, Outcome] = {
    "AccessDenied": Outcome.REFUSED,
    "AccessDeniedException": Outcome.REFUSED,
    "RegionDisabledException": Outcome.REGION_OFF,
    "ExpiredToken": Outcome.VENDOR_EXPIRED,
    "ExpiredTokenException": Outcome.VENDOR_EXPIRED,
    "InvalidClientTokenId": Outcome.VENDOR_INVALID,
    "UnrecognizedClientException": Outcome.VENDOR_INVALID,
    "SignatureDoesNotMatch": Outcome.VENDOR_INVALID,
    "IncompleteSignature": Outcome.VENDOR_INVALID,
    "RequestExpired": Outcome.VENDOR_INVALID,
    # IAM's word for a role or policy that is not there: removed since it let us in, or not spread as far as IAM yet.
    "NoSuchEntity": Outcome.VANISHED,
    "NoSuchEntityException": Outcome.VANISHED,
    "ValidationError": Outcome.REQUEST_INVALID,
    "MalformedPolicyDocument": Outcome.REQUEST_INVALID,
    "PackedPolicyTooLarge": Outcome.REQUEST_INVALID,
    "Throttling": Outcome.THROTTLED,
    "ThrottlingException": Outcome.THROTTLED,
    "RequestLimitExceeded": Outcome.THROTTLED,
    "TooManyRequestsException": Outcome.THROTTLED,
    "InternalFailure": Outcome.SERVICE_ERROR,
    "InternalError": Outcome.SERVICE_ERROR,
    "ServiceFailure": Outcome.SERVICE_ERROR,
    "ServiceUnavailable": Outcome.SERVICE_ERROR,
}


def outcome_of(error: ClientError | BotoCoreError) -> Outcome:
    """Return what an error of boto3's says. Codes that nobody knows are logged, cut short, and named as unknown."""
    return _answered(error) if isinstance(error, ClientError) else _unanswered(error)


def raw_code(error: ClientError | BotoCoreError) -> str:
    """Return AWS's own code, or the name of what boto3 raised: for the operator alone."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))[:80]
    return type(error).__name__


def request_id_of(error: ClientError | BotoCoreError) -> str:
    """Return the request's ID where AWS gave one."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))


def _answered(error: ClientError) -> Outcome:
    code = raw_code(error)
    if code in OUTCOMES:
        return OUTCOMES[code]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    log.warning("aws.unknown_answer code=%r status=%s", code, status)
    # An answer without a known code is a broken server's when its status says so, else one we never saw.
    return Outcome.SERVICE_ERROR if status >= 500 else Outcome.UNKNOWN


def _unanswered(error: BotoCoreError) -> Outcome:
    """Name what went wrong before AWS could answer."""
    log.warning("aws.unreachable error=%s", type(error).__name__)
    return next((outcome for kinds, outcome in _UNANSWERED if isinstance(error, kinds)), Outcome.UNKNOWN)


# The first that fits: a connect time-out is a connection error too.
_UNANSWERED: tuple[tuple[tuple[type[Exception], ...], Outcome], ...] = (
    (
        (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.ProfileNotFound,
            boto.TokenRetrievalError,
            boto.SSOError,
        ),
        Outcome.VENDOR_MISSING,
    ),
    ((boto.ConnectTimeoutError, boto.ReadTimeoutError), Outcome.TIMED_OUT),
    ((boto.ConnectionError, boto.HTTPClientError), Outcome.UNREACHABLE),
)
