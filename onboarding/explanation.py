"""Why a role does not answer: AWS answers AccessDenied for nearly everything, so we infer the cause from what we know.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
and https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
and https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.diagnosis.catalogue import DEFAULT, diagnose
from onboarding.diagnosis.diagnosis import Diagnosis
from onboarding.ground.arn import spaced
from onboarding.ground.hint import Hint
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.ground.wording import Text, say, together
from onboarding.model import REFUSALS, Connection, Flow

# A new role usually answers within some 4 to 15 seconds; Terraform waits two minutes before it gives up.
NORMAL_SPREAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Circumstances:
    """What is known besides the connection itself.

    `vendor_finding_code` is what the worker last found wrong with its own identity, or empty; `others_answer` says
    whether a role of another connection was proved lately, which nearly rules out the vendor's side; `sts_region` is
    the region whose STS we ask. `begun` is the stack that reported its beginning from the tenant's account, `begun_at`
    when it did.
    """

    now: datetime
    vendor_finding_code: str = ""
    others_answer: bool = False
    sts_region: str = ""
    begun: StackId | None = None
    begun_at: datetime | None = None


class Kind(StrEnum):
    """What might be wrong."""

    STACK = "stack"
    ACCOUNT = "account"
    EXTERNAL_ID = "external_id"
    ROLE = "role"
    TRUST = "trust"
    ORGANIZATION = "organization"
    OURS = "ours"


_HINTED: Mapping[Hint | None, Kind] = {
    Hint.OURS: Kind.OURS,
    Hint.TRUST: Kind.TRUST,
    Hint.ORGANIZATION: Kind.ORGANIZATION,
}
# Both can also be said while something is wrong on our own side.
_LEAVE_US_IN_DOUBT = ("not_answering", "sts_region_off")


@dataclass(frozen=True)
class Cause:
    """One thing that might be wrong, and how the tenant finds out."""

    kind: Kind
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
    may_be_us = diagnosis is None or diagnosis.code in _LEAVE_US_IN_DOUBT
    if circumstances.vendor_finding_code and may_be_us and connection.status is Status.WAITING:
        return Explanation(diagnose(circumstances.vendor_finding_code) or DEFAULT)
    if diagnosis is None:
        return None
    if diagnosis.code != "not_answering":
        return _clear(diagnosis, connection, circumstances)
    since = circumstances.begun_at or connection.waiting_since or connection.created_at
    left = NORMAL_SPREAD - (circumstances.now - since)
    if left > timedelta():
        return Explanation(diagnosis, time_left=left)
    return Explanation(diagnosis, causes=_likeliest_first(connection, circumstances))


def is_refused_despite_its_trust(connection: Connection, *, now: datetime) -> bool:
    """Whether AWS had the time to apply a trust policy that was examined and is right, and still refuses us."""
    fine_at = connection.trust_fine_at
    return connection.finding_code in REFUSALS and fine_at is not None and now - fine_at >= NORMAL_SPREAD


def _clear(diagnosis: Diagnosis, connection: Connection, circumstances: Circumstances) -> Explanation:
    """Return what AWS said clearly, with what is known besides."""
    if diagnosis.code == "sts_region_off" and circumstances.sts_region:
        named = say("The region is {region}.", region=circumstances.sts_region)
        return Explanation(replace(diagnosis, remedy=together(named, diagnosis.remedy)))
    if diagnosis.code == "role_lost" and is_refused_despite_its_trust(connection, now=circumstances.now):
        # The role is there, so creating it again would not help.
        return Explanation(diagnosis, causes=(_by_organization(connection),))
    if diagnosis.code == "role_lost" and connection.trust_shut_at:
        return Explanation(diagnosis, causes=(_by_trust(connection),))
    return Explanation(diagnosis)


def _likeliest_first(connection: Connection, circumstances: Circumstances) -> tuple[Cause, ...]:
    """Return what remains possible. What AWS hints at comes first, then what an examination leaves."""
    is_despite = is_refused_despite_its_trust(connection, now=circumstances.now)
    examined = Kind.ORGANIZATION if is_despite else Kind.TRUST if connection.trust_shut_at else None
    first = _HINTED.get(connection.refusal_hint, examined)
    unlikely = {Kind.TRUST} if connection.trust_fine_at else set()
    unlikely |= {Kind.OURS} if circumstances.others_answer else set()
    remaining = [
        cause for cause in _causes(connection, circumstances.begun) if cause.kind is first or cause.kind not in unlikely
    ]
    return tuple(sorted(remaining, key=lambda cause: cause.kind is not first))


def _causes(connection: Connection, begun: StackId | None) -> Iterator[Cause]:
    is_pasted = _is_pasted(connection)
    account = spaced(connection.account_id or "")
    if begun is not None:
        yield Cause(
            Kind.STACK,
            say("The stack is still in progress, or failed."),
            say(
                "In AWS, open CloudFormation in {region}: does {stack} say CREATE_COMPLETE? "
                "If not, “It failed in AWS” tells what to do.",
                region=begun.region,
                stack=begun.name,
            ),
        )
    elif connection.launched_at is None and not is_pasted:
        yield Cause(
            Kind.STACK,
            say("The stack was not created yet."),
            say("Press the button of step 1: the AWS page that it opens has everything filled in."),
        )
    elif not is_pasted:
        yield Cause(
            Kind.STACK,
            say("The stack failed, or was never created."),
            say(
                "In AWS, open CloudFormation in {region}: is {stack} there, and does it say CREATE_COMPLETE? "
                "If not, “It failed in AWS” lists the usual reasons.",
                region=connection.region,
                stack=connection.stack_name,
            ),
        )
        yield Cause(
            Kind.ACCOUNT,
            say("The stack was created in another account."),
            say(
                "In AWS, look at the menu at the top right: does it say {account}? "
                "If not, correct the account in step 1.",
                account=account,
            ),
        )
    if connection.flow is Flow.PAGE_BY_PAGE:
        yield Cause(
            Kind.EXTERNAL_ID,
            say("The stack has another external ID."),
            say("In AWS, open the stack’s Parameters tab and compare ExternalId with step 3, to the last character."),
        )
    if is_pasted:
        yield Cause(
            Kind.ROLE,
            say("The role was deleted, or its ARN belongs to another one."),
            say("In AWS, open the role and compare its ARN with the one you pasted."),
        )
    yield _by_trust(connection)
    yield _by_organization(connection)
    yield Cause(
        Kind.OURS,
        say("Something on our side is not set up yet."),
        say("If everything else is right, tell us: we check whether our own role is allowed to assume roles."),
    )


def _by_trust(connection: Connection) -> Cause:
    if connection.trust_shut_at:
        return Cause(
            Kind.TRUST,
            say("The role’s trust policy that you pasted does not let us in."),
            say("Correct it in AWS as the examiner shows. We then go on by ourselves."),
        )
    return Cause(
        Kind.TRUST,
        say("The role’s trust policy was changed, or names another external ID."),
        say("Let us examine it: paste what one command prints, and we name the line that differs."),
    )


def _by_organization(connection: Connection) -> Cause:
    """A resource control policy binds outside callers too, but never in an organization's management account."""
    return Cause(
        Kind.ORGANIZATION,
        say("Your AWS organization forbids access from outside."),
        say(
            "Ask an administrator of your AWS organization whether a resource control policy denies sts:AssumeRole "
            "for account {account}. This cannot be the reason if that is the organization’s management account.",
            account=spaced(connection.account_id or ""),
        ),
    )


def _is_pasted(connection: Connection) -> bool:
    """Whether the tenant pasted an ARN of their own, rather than the one that the template's role has."""
    claimed = connection.claimed_role_arn
    return claimed is not None and (claimed.name, claimed.path) != (connection.role_name, "/")
