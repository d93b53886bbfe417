"""The receipt: what proves that access to an account is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from onboarding.ground.arn import AccountId, RoleArn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.ground.wording import Text
from onboarding.model import Connection, Verification


@dataclass(frozen=True)
class Receipt:
    """What is known of the end of access to an account.

    `deleted_at` is when the stack reported its deletion, `refused_at` when AWS refused us the role: what was asked and
    answered is in `evidence`, AWS's error codes in `raw_codes`, for the operator only. Each is None or empty where
    we do not know it. `is_void`: the connection has ended, and its external ID is never used again.
    """

    account_id: AccountId
    role_arn: RoleArn
    external_id: ExternalId | None
    connected_at: datetime
    deleted_at: datetime | None
    refused_at: datetime | None
    evidence: tuple[Text, ...]
    raw_codes: tuple[str, ...]
    is_void: bool


def has_receipt(connection: Connection) -> bool:
    """Whether the account was connected, and its access has ended as far as we know."""
    has_ended = connection.status is Status.DISCONNECTED or connection.finding_code == "role_lost"
    return connection.connected_at is not None and (has_ended or connection.stack_deleted_at is not None)


def receipt_of(connection: Connection, verification: Verification | None) -> Receipt | None:
    """Return the receipt, or None while the account is connected or if it never was. `verification` is the last one."""
    role_arn = connection.role_arn or connection.claimed_role_arn
    if not has_receipt(connection) or connection.connected_at is None or role_arn is None:
        return None
    refused = next((r for r in verification.results if _is_refusal(r)), None) if verification else None
    return Receipt(
        account_id=role_arn.account_id,
        role_arn=role_arn,
        external_id=connection.bound_external_id,
        connected_at=connection.connected_at,
        deleted_at=connection.stack_deleted_at,
        refused_at=verification.finished_at if verification and refused else None,
        evidence=refused.evidence if refused else (),
        raw_codes=refused.raw_codes if refused else (),
        is_void=connection.status is Status.DISCONNECTED,
    )


def _is_refusal(result: CheckResult) -> bool:
    return result.check == "role_is_assumable" and result.verdict is Verdict.FAILED
