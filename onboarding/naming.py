"""Parses the account or role that a tenant names, and refuses those that cannot be connected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import AccountId, RoleArn, spaced, unknown_partition
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say
from onboarding.model import Connection
from onboarding.pasted.account import Place, read_account
from onboarding.pasted.aws_names import arns_in, decoded
from onboarding.pasted.role import NotTheRole, read_role
from onboarding.proof.handshake_checks import refuse_role


class AccountsDisagree(Refused):
    """The pasted ARN is from another account than the typed one: the tenant must say which is meant."""

    def __init__(self, *, typed: AccountId, pasted: AccountId) -> None:
        named = {"typed": spaced(typed), "pasted": spaced(pasted)}
        super().__init__(
            "accounts_disagree",
            say("This ARN is from account {pasted}, but you entered account {typed}.", **named),
            say("Paste the ARN of the role in account {typed}, or confirm account {pasted}.", **named),
        )
        self.typed = typed
        self.pasted = pasted


def parse_account(raw: str, *, trusted: RoleArn) -> AccountId:
    """Return the account ID in what somebody typed or pasted. Raises Refused, also for our own account."""
    place = read_account(raw, ours=trusted.account_id)
    named = _role_in(place, trusted)
    if refuse_role(named, trusted) == "role_is_ours":
        remedy = CATALOGUE["role_is_ours"].remedy
        raise Refused("role_is_ours", say("That is our own AWS account, not yours."), remedy)
    _refuse(named, trusted)
    return place.account_id


def parse_role(raw: str, *, trusted: RoleArn, account_id: AccountId | None) -> RoleArn:
    """Return the role ARN in what somebody pasted; `account_id` is the connection's, for what names none.

    Raises Refused, also for a role that AWS is not asked about, and NotTheRole.
    """
    try:
        arn = read_role(raw, account_id=account_id, ours=trusted)
    except NotTheRole as other:
        # Where no role of theirs can be, that comes first.
        _refuse(_role_in(other.place, trusted), trusted)
        raise
    _refuse(arn, trusted)
    return arn


def region_of_stack(pasted: str, *, account_id: AccountId, known: Iterable[str]) -> str:
    """Return the region of the one stack of that account in what somebody pasted, or an empty string.

    `known` are the regions that count. Source of a stack's ARN:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    found = [one for one in arns_in(decoded(pasted)) if one.kind == "cloudformation:stack"]
    regions = {one.region for one in found if one.account_id == account_id}
    return regions.pop() if len(regions) == 1 and regions <= set(known) else ""


def refuse_twice(connection: Connection, account_id: AccountId, others: Iterable[Connection]) -> None:
    """Raise Refused if another of the tenant's connections is connected to that account."""
    if any(o.id != connection.id and o.is_connected and o.account_id == account_id for o in others):
        raise _refusal("account_already_connected")


def _role_in(place: Place, trusted: RoleArn) -> RoleArn:
    return replace(trusted, account_id=place.account_id, partition=place.partition or trusted.partition)


def _refuse(arn: RoleArn, trusted: RoleArn) -> None:
    if arn.partition not in PARTITIONS:
        raise unknown_partition(arn.partition)
    code = refuse_role(arn, trusted)
    if code == "partition_not_served":
        raise _elsewhere(theirs=arn.partition, ours=trusted.partition)
    if code:
        raise _refusal(code)


_CALLED: Mapping[str, Text] = {
    "aws": say("AWS’s standard regions"),
    "aws-us-gov": say("AWS GovCloud (US)"),
    "aws-cn": say("AWS China"),
}


def _elsewhere(*, theirs: str, ours: str) -> Refused:
    """Return the refusal of another partition.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_cross_partition.html
    (AssumeRole does not work across partition boundaries).
    """
    named = {"theirs": _CALLED[theirs], "ours": _CALLED[ours]}
    return Refused(
        "partition_not_served",
        say(
            "That is in {theirs} ({their_code}), and we are in {ours} ({our_code}): "
            "no role in one part of AWS can trust us in another.",
            their_code=theirs,
            our_code=ours,
            **named,
        ),
        say("Use an account in {ours}, or ask us whether we can serve one in {theirs}.", **named),
    )


def _refusal(code: str) -> Refused:
    diagnosis = CATALOGUE[code]
    return Refused(code, diagnosis.tenant, diagnosis.remedy)
