"""Whom a trust policy should let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from onboarding.ground.arn import RoleArn


@dataclass(frozen=True)
class ExpectedTrust:
    """Who is to be let in, and how: the vendor's one role, and the connection's external ID."""

    partition: str
    account_id: str
    principal_arn: str
    external_id: str

    @classmethod
    def of(cls, principal: RoleArn, external_id: str) -> Self:
        """Return what lets in this one role with this external ID."""
        return cls(principal.partition, principal.account_id, str(principal), external_id)

    @property
    def account_root(self) -> str:
        """The ARN that stands for the whole vendor account."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"
