"""A probe: the facts that AWS gave about one role, with no judgement in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId
from onboarding.proof.answer import Answer, Asked
from onboarding.proof.self_report import SelfReport


@dataclass(frozen=True)
class Probe:
    """All answers about one role, in the order they came. `external_id` is the one that worked, if one did.

    `self_report` is what the role said of itself, if the round came that far; `role_seen_at` is when it first
    answered in any round; `refusal` is the code for which AWS was not asked at all, or empty.
    """

    role_arn: RoleArn
    external_id: ExternalId | None
    answers: tuple[Answer, ...]
    started_at: datetime
    finished_at: datetime
    self_report: SelfReport | None = None
    role_seen_at: datetime | None = None
    refusal: str = ""

    def answer(self, asked: Asked) -> Answer | None:
        """Return the last answer to that question, or None if it was not asked."""
        return next((a for a in reversed(self.answers) if a.asked is asked), None)
