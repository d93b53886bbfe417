"""Asks AWS who we are, and whether our own policies allow us to assume roles.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aws.advice import advice_on
from aws.answers import hint_of, outcome_of, raw_code
from aws.roles import DENY_ALL, SESSION_SECONDS
from onboarding.diagnosis.catalogue import CATALOGUE, DEFAULT
from onboarding.ground.arn import RoleArn
from onboarding.ground.hint import Hint
from onboarding.proof.answer import Outcome

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True)
class OwnIdentity:
    """The identity that our credentials belong to."""

    account_id: str
    arn: str

    def is_session_of(self, role: RoleArn) -> bool:
        """Whether this is a session of that role.

        A session's ARN, `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`, leaves out the role's path. The name is
        enough: it is unique in its account.
        """
        return self.arn.startswith(f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/")


@dataclass(frozen=True)
class NoAnswer:
    """Why AWS did not answer: a sentence that tells the operator what to do, AWS's own code, and the finding."""

    sentence: str
    raw_code: str
    finding_code: str = ""


@dataclass(frozen=True)
class AssumeRight:
    """Whether our own policies allow us to assume roles. If AWS gave no reason, `is_certain` is false."""

    is_allowed: bool
    is_certain: bool


def who_am_i(sts: Callable[[], STSClient]) -> OwnIdentity | NoAnswer:
    """Return the identity of our credentials. AWS tells it whatever our policies allow."""
    try:
        reply = sts().get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        return _no_answer(error)
    return OwnIdentity(account_id=reply["Account"], arn=reply["Arn"])


def can_assume(sts: Callable[[], STSClient], *, role_arn: str) -> AssumeRight | NoAnswer:
    """Try to assume a role that does not exist, and return whether our own policies are the reason for the refusal.

    AWS checks the caller's policies first and often names them: "because no identity-based policy allows the
    sts:AssumeRole action". A refusal without a reason is what a missing role gives too, so it leaves the question open.
    """
    try:
        sts().assume_role(
            RoleArn=role_arn, RoleSessionName="rolecall-doctor", DurationSeconds=SESSION_SECONDS, Policy=DENY_ALL
        )
    except ClientError as error:
        if outcome_of(error) is not Outcome.REFUSED:
            return _no_answer(error)
        is_own_fault = hint_of(error) is Hint.OURS
        return AssumeRight(is_allowed=not is_own_fault, is_certain=is_own_fault)
    except BotoCoreError as error:
        return _no_answer(error)
    return AssumeRight(is_allowed=True, is_certain=True)


def _no_answer(error: ClientError | BotoCoreError) -> NoAnswer:
    outcome = outcome_of(error)
    # AWS answers this for the account that is asked for credentials: here that is always ours.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    finding_code = "vendor_region_off" if outcome is Outcome.REGION_OFF else outcome.value
    sentence = " ".join(advice_on(error, outcome) or (CATALOGUE.get(finding_code, DEFAULT).operator,))
    return NoAnswer(sentence, raw_code(error), finding_code)
