"""The answer to CloudFormation, as its contract wants it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from onboarding.callback.event import StackEvent
from onboarding.ground.wording import clean

LONGEST_ANSWER = 4_096
_LONGEST_REASON = 2_000


class AnswerStatus(StrEnum):
    """The only words that CloudFormation knows. It waits for its time-out after any other."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Answer:
    """What CloudFormation is told. The tenant reads the reason in their console if the status is FAILED."""

    status: AnswerStatus
    reason: str
    physical_id: str
    stack_id: str
    request_id: str
    logical_id: str

    def body(self) -> bytes:
        """Return the JSON, of at most LONGEST_ANSWER bytes. A reason that is too long is cut; IDs never are."""
        reason = clean(self.reason, longest=_LONGEST_REASON)
        while len(body := self._with(reason)) > LONGEST_ANSWER and reason:
            # A character takes up to four bytes, so this cannot be reckoned in characters.
            reason = clean(reason, longest=len(reason) * 4 // 5) if len(reason) > 9 else ""
        return body

    def _with(self, reason: str) -> bytes:
        fields = {
            "Status": self.status.value,
            # "Required if Status is FAILED": an empty one would not do.
            "Reason": reason or "Rolecall gave no reason.",
            "PhysicalResourceId": self.physical_id,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_id,
        }
        if self.status is AnswerStatus.SUCCESS and not reason:
            del fields["Reason"]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def answer_body(event: StackEvent, status: str, reason: str = "") -> bytes:
    """Return the body that answers this event. `status` is SUCCESS or FAILED: raises ValueError for any other."""
    return Answer(
        status=AnswerStatus(status),
        reason=reason,
        physical_id=event.physical_id,
        stack_id=str(event.stack_id),
        request_id=event.request_id,
        logical_id=event.logical_id,
    ).body()
