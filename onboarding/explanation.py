"""Why a role does not answer: AWS answers AccessDenied for nearly everything, so we infer the cause from what we know.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
and https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.diagnosis.catalogue import DEFAULT, diagnose
from onboarding.diagnosis.diagnosis import Diagnosis
from onboarding.ground.arn import spaced
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say
from onboarding.model import Connection, Flow

# A new role usually answers within some 4 to 15 seconds; Terraform waits two minutes before it gives up.
NORMAL_SPREAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Circumstances:
    """What is known besides the connection itself.

    `vendor_finding_code` is what the worker last found wrong with its own identity, or empty; `others_answer` says
    whether a role of another connection was proved lately, which rules out the vendor's side.
    """

    now: datetime
    vendor_finding_code: str = ""
    others_answer: bool = False


@dataclass(frozen=True)
class Cause:
    """One thing that might be wrong, and how the tenant finds out."""

    sentence: Text
    test: Text


@dataclass(frozen=True)
class Explanation:
    """What is wrong. While that is normal, `time_left` says for how long; then come `causes`, likeliest first."""

    diagnosis: Diagnosis
    causes: tuple[Cause, ...] = ()
    time_left: timedelta | None = None


def explain(connection: Connection, circumstances: Circumstances) -> Explanation | None:
    """Return what keeps the connection from being connected, or None if nothing is known.

    A decision tree, read from the top: what is wrong on our own side never asks the tenant to do anything; then what
    AWS said clearly; then, for the bare refusal, time; then the causes that remain possible.
    """
    diagnosis = diagnose(connection.finding_code)
    # What AWS said about this role is newer than the worker's check of its own identity, so it counts more.
    is_silent = diagnosis is None or diagnosis.code == "not_answering"
    if circumstances.vendor_finding_code and is_silent and connection.status is Status.WAITING:
        return Explanation(diagnose(circumstances.vendor_finding_code) or DEFAULT)
    if diagnosis is None:
        return None
    if diagnosis.code != "not_answering":
        return Explanation(diagnosis)
    left = NORMAL_SPREAD - (circumstances.now - (connection.waiting_since or connection.created_at))
    if left > timedelta():
        return Explanation(diagnosis, time_left=left)
    return Explanation(diagnosis, causes=tuple(_causes(connection, circumstances)))


def _causes(connection: Connection, circumstances: Circumstances) -> Iterator[Cause]:
    is_pasted = _is_pasted(connection)
    account = spaced(connection.account_id or "")
    if connection.launched_at is None and not is_pasted:
        yield Cause(
            say("The stack was not created yet."),
            say("Press the button of step 1: the AWS page that it opens has everything filled in."),
        )
    elif not is_pasted:
        yield Cause(
            say("The stack failed, or was never created."),
            say(
                "In AWS, open CloudFormation in {region}: is {stack} there, and does it say CREATE_COMPLETE? "
                "If not, “It failed in AWS” lists the usual reasons.",
                region=connection.region,
                stack=connection.stack_name,
            ),
        )
        yield Cause(
            say("The stack was created in another account."),
            say(
                "In AWS, look at the menu at the top right: does it say {account}? "
                "If not, correct the account in step 1.",
                account=account,
            ),
        )
    if connection.flow is Flow.PAGE_BY_PAGE:
        yield Cause(
            say("The stack has another external ID."),
            say("In AWS, open the stack’s Parameters tab and compare ExternalId with step 3, to the last character."),
        )
    if is_pasted:
        yield Cause(
            say("The role was deleted, or its ARN belongs to another one."),
            say("In AWS, open the role and compare its ARN with the one you pasted."),
        )
    yield Cause(
        say("The role’s trust policy was changed, or names another external ID."),
        say("Let us examine it: paste what one command prints, and we name the line that differs."),
    )
    yield Cause(
        say("Your AWS organization forbids access from outside."),
        say("Ask an administrator of your AWS organization whether a resource control policy denies sts:AssumeRole."),
    )
    if not circumstances.others_answer:
        yield Cause(
            say("Something on our side is not set up yet."),
            say("If everything else is right, tell us: we check whether our own role is allowed to assume roles."),
        )


def _is_pasted(connection: Connection) -> bool:
    """Whether the tenant pasted an ARN of their own, rather than the one that the template's role has."""
    claimed = connection.claimed_role_arn
    return claimed is not None and (claimed.name, claimed.path) != (connection.role_name, "/")
