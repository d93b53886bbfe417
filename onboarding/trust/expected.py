"""Whom a trust policy should let in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExpectedTrust:
    """Who is to be let in, and how: the vendor's one role, and the connection's external ID."""

    partition: str
    account_id: str
    principal_arn: str
    external_id: str

    @property
    def account_root(self) -> str:
        """The ARN that stands for the whole vendor account."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"
