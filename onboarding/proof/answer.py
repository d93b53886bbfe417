"""One AssumeRole, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.hint import Hint


class Asked(StrEnum):
    """With what external ID AWS was asked for the role."""

    RIGHT = "right"
    NONE = "none"
    WRONG = "wrong"
    WRONG_CASE = "wrong_case"
    RIGHT_AGAIN = "right_again"


class Outcome(StrEnum):
    """What AWS answered. The values are also codes in onboarding.diagnosis.catalogue, except ASSUMED and REFUSED."""

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
    """One AssumeRole and what came of it.

    `raw_code` is AWS's own word, for the operator only; `hint` is where it says that a refusal comes from.
    """

    asked: Asked
    outcome: Outcome
    account_id: str = ""
    role_name: str = ""
    request_id: str = ""
    raw_code: str = ""
    hint: Hint | None = None
