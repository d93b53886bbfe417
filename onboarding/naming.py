"""Parses the account or role that a tenant names, and refuses those that cannot be connected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import AccountId, RoleArn, parse_account_id, parse_role_arn, spaced
from onboarding.ground.refused import Refused
from onboarding.ground.wording import say
from onboarding.model import Connection
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
    """Return the account ID that somebody typed. Raises Refused, also for our own account."""
    account_id = parse_account_id(raw)
    _refuse(replace(trusted, account_id=account_id), trusted)
    return account_id


def parse_role(raw: str, *, trusted: RoleArn) -> RoleArn:
    """Return the role ARN that somebody pasted. Raises Refused, also for a role that AWS is not asked about."""
    arn = parse_role_arn(raw)
    _refuse(arn, trusted)
    return arn


def refuse_twice(connection: Connection, account_id: AccountId, others: Iterable[Connection]) -> None:
    """Raise Refused if another of the tenant's connections is connected to that account."""
    if any(o.id != connection.id and o.is_connected and o.account_id == account_id for o in others):
        raise _refusal("account_already_connected")


def _refuse(arn: RoleArn, trusted: RoleArn) -> None:
    if code := refuse_role(arn, trusted):
        raise _refusal(code)


def _refusal(code: str) -> Refused:
    diagnosis = CATALOGUE[code]
    return Refused(code, diagnosis.tenant, diagnosis.remedy)
