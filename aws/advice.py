"""What keeps a command from asking AWS, in words for the operator: what happened, and what to do.

A tenant never reads these. Sources: https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-troubleshooting.html and
https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import raw_code
from aws.clients import InvalidEndpoint
from onboarding.ground.wording import clean
from onboarding.proof.answer import Outcome

_SIGN_IN = "Run `aws sso login`, with `--profile` if AWS_PROFILE names one, then try again."

# The first match counts: a proxy's error is a connection error too.
_KINDS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (boto.ProfileNotFound,),
        "There is no AWS profile called {profile}, so there are no credentials.",
        "Correct its name, which AWS_PROFILE or an option gives, or add the profile to ~/.aws/config.",
    ),
    (
        (boto.UnauthorizedSSOTokenError, boto.TokenRetrievalError, boto.LoginRefreshRequired),
        "The sign-in that the AWS credentials come from (SSO) has expired.",
        _SIGN_IN,
    ),
    ((boto.SSOError, boto.LoginError), "The AWS credentials need a sign-in (SSO).", _SIGN_IN),
    (
        (boto.PartialCredentialsError,),
        "The AWS credentials are incomplete.",
        "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.",
    ),
    (
        (boto.MetadataRetrievalError,),
        "The metadata service of this machine (IMDS) gives no AWS credentials.",
        "Attach a role to the machine or task. For a container on EC2, set the hop limit of the metadata to 2.",
    ),
    (
        (boto.CredentialRetrievalError,),
        "The program or service that should give the AWS credentials failed.",
        "Run the `credential_process` of the profile by hand, or look at the role that the profile names.",
    ),
    (
        (boto.ConfigParseError, boto.InvalidConfigError),
        "The AWS configuration cannot be read.",
        "Correct ~/.aws/config and ~/.aws/credentials.",
    ),
    (
        (boto.SSLError,),
        "This machine does not trust the certificate that AWS's address shows.",
        "If a proxy opens the traffic, set AWS_CA_BUNDLE to the proxy's certificate. Otherwise check the clock.",
    ),
    (
        (InvalidEndpoint,),
        "AWS_ENDPOINT_URL is not a URL.",
        "Correct it, or unset it: only a stand-in for AWS needs it.",
    ),
    ((boto.ProxyConnectionError,), "The proxy does not answer.", "Check HTTPS_PROXY and NO_PROXY."),
    (
        (boto.ConnectTimeoutError, boto.ReadTimeoutError),
        "AWS did not answer in time.",
        "Check the network, the proxy and AWS_ENDPOINT_URL, then try again.",
    ),
    (
        (boto.ConnectionError, boto.HTTPClientError),
        "Nothing answers at AWS's address.",
        "Check the network, DNS, the proxy, ROLECALL_REGION and AWS_ENDPOINT_URL.",
    ),
)

_OUTCOMES: Mapping[object, tuple[str, str]] = {
    Outcome.VENDOR_MISSING: (
        "There are no AWS credentials.",
        "Give the machine an instance role or a profile (AWS_PROFILE), or set them in the environment.",
    ),
    Outcome.VENDOR_EXPIRED: ("The AWS credentials have expired.", "Renew them, then try again."),
    Outcome.VENDOR_INVALID: ("AWS does not accept the credentials.", "Check them and this machine's clock."),
    Outcome.THROTTLED: ("AWS asks us to slow down ({code}).", "Try again in a minute."),
    Outcome.SERVICE_ERROR: ("AWS has a fault of its own ({code}).", "Try again in a few minutes."),
}


def advice_on(error: ClientError | BotoCoreError, outcome: object) -> tuple[str, str] | None:
    """Return what happened and what to do, as two sentences; None if that depends on what was asked.

    `outcome` is what the error means by aws/answers.py.
    """
    values = {"profile": clean(str(getattr(error, "kwargs", {}).get("profile", ""))), "code": raw_code(error)}
    of_kind = next(((what, fix) for kinds, what, fix in _KINDS if isinstance(error, kinds)), None)
    what, fix = of_kind or _OUTCOMES.get(outcome, ("", ""))
    return (what.format_map(values), fix) if what else None
