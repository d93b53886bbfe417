"""The catalogue: every finding as a sentence, what to do about it, and who must do it.

A finding is a code. The tenant reads `tenant` and `remedy`; the operator reads `operator` and the code. What is
wrong on the vendor's side never asks the tenant to do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who must act before it gets better."""

    NOBODY = "nobody"
    TENANT = "tenant"
    VENDOR = "vendor"


@dataclass(frozen=True)
class Diagnosis:
    """One finding in words. `heals` says whether time alone may mend it."""

    code: str
    tenant: str
    remedy: str
    who: Who
    operator: str
    heals: bool = False


_OUR_SIDE = "Something on our side keeps us from asking AWS."
_NOTHING_TO_DO = "There is nothing for you to do. We keep trying, and your stack waits safely in your account."
_RELAUNCH = (
    "Delete the stack in AWS, then create it again from step 1 without changing its template. "
    "We keep watching, and this page turns green by itself."
)

_ALL: tuple[Diagnosis, ...] = (
    Diagnosis(
        "not_answering",
        "The role does not answer yet.",
        "A new role takes AWS a little while to spread. If the stack is complete and this stays for more than two "
        "minutes, compare account, stack name and external ID with the values in step 3.",
        Who.NOBODY,
        "AssumeRole is refused (AccessDenied): the role is not there yet, names another principal or external ID, "
        "or has another name. AWS answers the same for all of them.",
        heals=True,
    ),
    Diagnosis(
        "no_external_id",
        "There is no external ID yet, or none that is still valid.",
        "Open step 3 for a new one, and create the stack with it.",
        Who.TENANT,
        "No external ID was issued, or all are older than 48 hours and none was pinned.",
    ),
    Diagnosis(
        "account_differs",
        "AWS answered for another account or role than the one named here.",
        "Paste the ARN of the role that the stack made (step 8).",
        Who.TENANT,
        "AssumedRoleUser names another account or role than the claimed role ARN.",
    ),
    Diagnosis(
        "ignores_external_id_none",
        "The role can be used without its external ID, so anyone who learns its name could use it through us.",
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole without ExternalId succeeds: the trust policy has no StringEquals sts:ExternalId, has it as "
        "IfExists, or a second statement lets us in.",
    ),
    Diagnosis(
        "ignores_external_id_wrong",
        "The role accepts a wrong external ID, so the ID protects nothing.",
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole with a wrong ExternalId succeeds: the trust policy uses StringLike with a wildcard, or a second "
        "statement lets us in.",
    ),
    Diagnosis(
        "ignores_external_id_wrong_case",
        "The role does not tell capital letters in its external ID apart.",
        _RELAUNCH,
        Who.TENANT,
        "AssumeRole with the ExternalId in capitals succeeds: the trust policy uses StringEqualsIgnoreCase.",
    ),
    Diagnosis(
        "account_already_connected",
        "This AWS account is connected already.",
        "Open it from your list of accounts. To connect another account, sign in to that one in AWS first.",
        Who.TENANT,
        "The same tenant has a connected connection for this account.",
    ),
    Diagnosis(
        "partition_not_served",
        "That role is in a part of AWS that this page does not serve.",
        "Use an account in the same part of AWS as the link you were given, or ask us for another link.",
        Who.TENANT,
        "The ARN's partition is not that of the trusted principal.",
    ),
    Diagnosis(
        "role_is_ours",
        "That role is in our own AWS account, not in yours.",
        "Sign in to your own account in AWS, and give the account ID or role ARN from there.",
        Who.TENANT,
        "The ARN names the vendor's account; roles there carry no external ID.",
    ),
    Diagnosis(
        "changed_while_checking",
        "The role changed while we checked it.",
        "We ask again in a moment; there is nothing for you to do.",
        Who.NOBODY,
        "The role answered at first and not at the end of the same round.",
        heals=True,
    ),
    Diagnosis(
        "aws_throttled", "AWS asks us to slow down.", _NOTHING_TO_DO, Who.NOBODY, "STS throttles our calls.", heals=True
    ),
    Diagnosis(
        "aws_timed_out",
        "AWS takes too long to answer us.",
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
        "No connection to the STS endpoint: network, DNS or proxy.",
        heals=True,
    ),
    Diagnosis(
        "aws_service_error",
        "AWS has a fault of its own just now.",
        _NOTHING_TO_DO,
        Who.NOBODY,
        "STS answered with a 5xx or with something that is not an STS answer.",
        heals=True,
    ),
    Diagnosis(
        "sts_region_off",
        _OUR_SIDE,
        _NOTHING_TO_DO,
        Who.VENDOR,
        "STS is off in the configured region (RegionDisabledException): set ROLECALL_REGION to one that is on.",
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
        "STS calls our request invalid (ValidationError): a fault of Rolecall, or the role's MaxSessionDuration.",
    ),
    Diagnosis(
        "aws_unknown_answer",
        "AWS gave an answer that we do not know.",
        _NOTHING_TO_DO,
        Who.VENDOR,
        "An STS error code that is not in the catalogue; the log has its raw text.",
        heals=True,
    ),
)

CATALOGUE: Mapping[str, Diagnosis] = {d.code: d for d in _ALL}
DEFAULT = CATALOGUE["aws_unknown_answer"]


def diagnose(code: str | None) -> Diagnosis | None:
    """Return the diagnosis for a finding, the stated default for a code that nobody knows, None for none."""
    return None if not code else CATALOGUE.get(code, DEFAULT)
