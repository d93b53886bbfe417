"""Who we are to AWS, and whether we may assume roles at all: what `doctor` asks on the vendor's own side.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import outcome_of, raw_code
from aws.roles import DENY_ALL, SESSION_SECONDS
from onboarding.diagnosis.catalogue import CATALOGUE, DEFAULT
from onboarding.ground.arn import RoleArn
from onboarding.proof.answer import Outcome

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

# AWS adds why to some refusals. These blame the caller's own policies; a bare refusal blames nobody.
_OWN_FAULT = ("no identity-based policy allows", "explicit deny", "no permissions boundary allows", "no session policy")


@dataclass(frozen=True)
class OwnIdentity:
    """Whose credentials we hold, as AWS says it."""

    account_id: str
    arn: str

    def is_session_of(self, role: RoleArn) -> bool:
        """Whether this is a session of that role.

        A session's ARN, `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`, lacks the role's path; a role's name is
        unique in its account whatever its path, so the name settles it.
        """
        start = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/"
        return self.arn.startswith(start)


@dataclass(frozen=True)
class NoAnswer:
    """AWS did not say: why, as a sentence for the operator that names what to do, AWS's own code, and the finding."""

    sentence: str
    raw_code: str
    finding_code: str = ""


@dataclass(frozen=True)
class AssumeRight:
    """Whether our own policies let us assume roles. Where AWS gave no reason, `is_certain` is false."""

    is_allowed: bool
    is_certain: bool


def who_am_i(sts: Callable[[], STSClient]) -> OwnIdentity | NoAnswer:
    """Ask AWS whose credentials these are. It answers under any policy, so it proves who one is and nothing more."""
    try:
        reply = sts().get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        return _no_answer(error)
    return OwnIdentity(account_id=reply["Account"], arn=reply["Arn"])


def may_assume(sts: Callable[[], STSClient], *, role_arn: str) -> AssumeRight | NoAnswer:
    """Ask for a role that does not exist, and read from the refusal whether our own policies are to blame.

    AWS checks the caller's policies before the role, and often says "because no identity-based policy allows the
    sts:AssumeRole action" where they are the reason. It need not say so: a bare AccessDenied is what an absent role
    gives too, and then nothing more can be found out without a role that trusts us.
    """
    try:
        sts().assume_role(
            RoleArn=role_arn, RoleSessionName="rolecall-doctor", DurationSeconds=SESSION_SECONDS, Policy=DENY_ALL
        )
    except ClientError as error:
        if outcome_of(error) is not Outcome.REFUSED:
            return _no_answer(error)
        message = str(error.response.get("Error", {}).get("Message", ""))
        is_own_fault = any(reason in message for reason in _OWN_FAULT)
        return AssumeRight(is_allowed=not is_own_fault, is_certain=is_own_fault)
    except BotoCoreError as error:
        return _no_answer(error)
    return AssumeRight(is_allowed=True, is_certain=True)


def _no_answer(error: ClientError | BotoCoreError) -> NoAnswer:
    finding = outcome_of(error).value
    return NoAnswer(CATALOGUE.get(finding, DEFAULT).operator, raw_code(error), finding)
