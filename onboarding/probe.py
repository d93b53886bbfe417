"""A probe: the facts that AWS gave about one role, with no judgement in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from onboarding.arn import RoleArn
from onboarding.external_id import ExternalId

if TYPE_CHECKING:
    from onboarding.reading import Reading


class Asked(StrEnum):
    """With what external ID AWS was asked for the role."""

    RIGHT = "right"
    NONE = "none"
    WRONG = "wrong"
    WRONG_CASE = "wrong_case"
    RIGHT_AGAIN = "right_again"


class Outcome(StrEnum):
    """What AWS answered. The values are also codes in onboarding.diagnosis, ASSUMED and REFUSED apart."""

    ASSUMED = "assumed"
    REFUSED = "refused"
    THROTTLED = "aws_throttled"
    TIMED_OUT = "aws_timed_out"
    UNREACHABLE = "aws_unreachable"
    SERVICE_ERROR = "aws_service_error"
    REGION_OFF = "sts_region_off"
    VENDOR_EXPIRED = "vendor_credentials_expired"
    VENDOR_INVALID = "vendor_credentials_invalid"
    VENDOR_MISSING = "vendor_credentials_missing"
    REQUEST_INVALID = "request_invalid"
    VANISHED = "changed_while_checking"
    UNKNOWN = "aws_unknown_answer"

    @property
    def is_unclear(self) -> bool:
        """Whether the answer tells nothing about the role: only success and AccessDenied do."""
        return self not in (Outcome.ASSUMED, Outcome.REFUSED)


@dataclass(frozen=True)
class Answer:
    """One AssumeRole and what came of it. `raw_code` is AWS's own word, for the operator alone."""

    asked: Asked
    outcome: Outcome
    account_id: str = ""
    role_name: str = ""
    request_id: str = ""
    raw_code: str = ""


@dataclass(frozen=True)
class Probe:
    """All answers about one role, in the order they came. `external_id` is the one that worked, if one did.

    `reading` is what the role said of itself, where the round came that far; `role_seen_at` is when it first answered
    in any round.
    """

    role_arn: RoleArn
    external_id: ExternalId | None
    answers: tuple[Answer, ...]
    started_at: datetime
    finished_at: datetime
    reading: Reading | None = None
    role_seen_at: datetime | None = None

    def answer(self, asked: Asked) -> Answer | None:
        """Return the last answer to that question, or None where it was not put."""
        return next((a for a in reversed(self.answers) if a.asked is asked), None)
