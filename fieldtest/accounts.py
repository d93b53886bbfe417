"""The two accounts of the test, and what keeps it from running in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

from aws.advice import advice_on
from aws.answers import outcome_of, raw_code
from aws.clients import Clients, new_client
from aws.identity import NoAnswer, OwnIdentity, who_am_i
from fieldtest.state import Side
from onboarding.ground.arn import RoleArn, parse_role_arn
from onboarding.ground.partitions import PARTITIONS
from onboarding.ground.refused import Refused

# What a stand-in for AWS on this machine is called by.
_HERE = ("http://127.0.0.1:", "http://localhost:")
_CONFIG = BotoConfig(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5})


class CannotRun(Exception):
    """Why the test was not begun. The message tells the operator what to do."""


@dataclass(frozen=True)
class Account:
    """One side of the test, with AWS's clients for it."""

    side: Side
    profile: str
    region: str
    identity: OwnIdentity
    session: boto3.Session
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        """The account's 12 digits."""
        return self.identity.account_id

    @property
    def partition(self) -> str:
        """The partition that the account is in."""
        return self.identity.arn.split(":")[1]

    def client(self, service: str) -> Any:
        """Return the side's client of a service, made once. It tries again by itself what AWS throttles."""
        if service not in self._made:
            self._made[service] = new_client(self.session, service, config=_CONFIG)
        return self._made[service]


@dataclass(frozen=True)
class Accounts:
    """Both sides, and the vendor's role, which the tenant's roles trust."""

    vendor: Account
    tenant: Account
    trusted: RoleArn

    @property
    def is_stand_in(self) -> bool:
        """Whether a stand-in on this machine answers in place of AWS: then nothing is proved."""
        return self.endpoint.startswith(_HERE)

    @property
    def endpoint(self) -> str:
        """The address that STS is asked at."""
        return str(self.vendor.client("sts").meta.endpoint_url)

    def of(self, side: Side) -> Account:
        """Return one of the two."""
        return self.vendor if side is Side.VENDOR else self.tenant

    def product_clients(self) -> Clients:
        """Return the clients with which the product itself asks, as the vendor's role."""
        return Clients(region=self.vendor.region, profile=self.vendor.profile)


def open_accounts(*, vendor_profile: str, tenant_profile: str, region: str | None) -> Accounts:
    """Return both accounts. Raises CannotRun for those that the test is not safe or not possible in.

    Without a region, that of the vendor's profile counts, or else us-east-1.
    """
    vendor = _open(Side.VENDOR, vendor_profile, region)
    tenant = _open(Side.TENANT, tenant_profile, vendor.region)
    for account in (vendor, tenant):
        if account.identity.arn.endswith(":root"):
            raise CannotRun(
                f"The {account.side} profile has the root user's credentials. Use a role's: nothing here needs root."
            )
    if vendor.partition != tenant.partition:
        raise CannotRun(
            f"The vendor's account is in {vendor.partition}, the tenant's in {tenant.partition}. No role is trusted "
            "across partitions: give two accounts of one partition."
        )
    if vendor.account_id == tenant.account_id:
        raise CannotRun("Both profiles are of the same account. Give the tenant another one than the vendor.")
    return Accounts(vendor, tenant, _own_role(vendor))


def _open(side: Side, profile: str, region: str | None) -> Account:
    def signed_in() -> boto3.Session:
        plain = boto3.Session(profile_name=profile)
        return boto3.Session(profile_name=profile, region_name=region or plain.region_name or "us-east-1")

    try:
        session = signed_in()
        # Of a region that nobody knows there is no address to ask at. Raises UnknownRegionError.
        session.get_partition_for_region(str(session.region_name))
        sts = new_client(session, "sts", config=_CONFIG)
    except BotoCoreError as error:
        said = " ".join(advice_on(error, outcome_of(error)) or (raw_code(error),))
        raise CannotRun(f"The {side} profile {profile!r} cannot be used. {said}") from None
    identity = who_am_i(lambda: sts)
    if isinstance(identity, NoAnswer):
        where = session.region_name
        raise CannotRun(f"AWS does not say in {where} who the {side} profile {profile!r} is. {identity.sentence}")
    return Account(side, profile, str(session.region_name), identity, session)


def _own_role(vendor: Account) -> RoleArn:
    """Return the role that the vendor's profile is a session of, with its path, which a session's ARN leaves out."""
    kind, _, rest = vendor.identity.arn.rpartition(":")[2].partition("/")
    if kind != "assumed-role" or vendor.partition not in PARTITIONS:
        raise CannotRun(
            f"The vendor profile is {vendor.identity.arn}. Give a profile of a role: tenants' roles trust one role."
        )
    try:
        return parse_role_arn(vendor.client("iam").get_role(RoleName=rest.partition("/")[0])["Role"]["Arn"])
    except (ClientError, BotoCoreError) as error:
        raise CannotRun(
            f"The vendor's role cannot read itself ({raw_code(error)}). Allow it iam:GetRole on its own ARN: only so "
            "does the test know the role's path."
        ) from None
    except Refused as error:
        raise CannotRun(str(error)) from None
