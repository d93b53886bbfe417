"""What keeps AWS from answering us, or us from asking, in words. Only one asks something of the tenant."""

from __future__ import annotations

from onboarding.diagnosis.diagnosis import Diagnosis, Who
from onboarding.ground.wording import say

_OUR_SIDE = say("Something on our side keeps us from asking AWS.")
_NOTHING_TO_DO = say("There is nothing for you to do. We keep trying, and your stack waits safely in your account.")

OF_AWS: tuple[Diagnosis, ...] = (
    Diagnosis(
        "aws_throttled",
        say("AWS asks us to slow down."),
        _NOTHING_TO_DO,
        Who.NOBODY,
        "STS throttles our calls.",
        heals=True,
    ),
    Diagnosis(
        "aws_timed_out",
        say("AWS takes too long to answer us."),
        _NOTHING_TO_DO,
        Who.NOBODY,
        "STS did not answer within the time-out.",
        heals=True,
    ),
    Diagnosis(
        "aws_unreachable",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "No connection to the STS endpoint: network, DNS, a proxy, or a certificate that this machine does not trust "
        "(the log names which: `aws.unreachable`).",
        heals=True,
    ),
    Diagnosis(
        "aws_service_error",
        say("AWS has a fault of its own just now."),
        _NOTHING_TO_DO,
        Who.NOBODY,
        "STS answered with a 5xx or with something that is not an STS answer.",
        heals=True,
    ),
    Diagnosis(
        "sts_region_off",
        say("Your AWS account has switched off the region through which we ask for the role."),
        say(
            "An administrator of your AWS account can switch it on: in AWS, open IAM, then Account settings, and "
            "activate the region under Security Token Service. We then go on by ourselves."
        ),
        Who.TENANT,
        "STS is not activated in ROLECALL_REGION for the tenant's account (RegionDisabledException): they activate it, "
        "or you set ROLECALL_REGION to a region that no account can switch off, such as us-east-1.",
    ),
    Diagnosis(
        "vendor_region_off",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "STS is not activated in ROLECALL_REGION for our own account (RegionDisabledException): activate it in IAM, "
        "Account settings, or set ROLECALL_REGION to a region where it is.",
    ),
    Diagnosis(
        "vendor_credentials_expired",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "The worker's AWS credentials have expired: renew them, or run it with a role that renews itself.",
    ),
    Diagnosis(
        "vendor_credentials_invalid",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "AWS does not know the worker's credentials, or its clock or signature is off.",
    ),
    Diagnosis(
        "vendor_identity_differs",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "The worker's AWS identity is not a session of ROLECALL_TRUSTED_PRINCIPAL_ARN, so no tenant's role trusts it: "
        "run it with that role.",
    ),
    Diagnosis(
        "vendor_credentials_missing",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "The worker finds no AWS credentials: give it an instance role or a profile.",
    ),
    Diagnosis(
        "request_invalid",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "STS calls our request invalid (its code stands beside the check): a fault of Rolecall, or the role's "
        "MaxSessionDuration.",
    ),
    Diagnosis(
        "aws_unknown_answer",
        say("AWS gave an answer that we do not know."),
        _NOTHING_TO_DO,
        Who.VENDOR,
        "An STS error code that is not in the catalogue; the log has its raw text.",
        heals=True,
    ),
)
