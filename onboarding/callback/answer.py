"""The answer to CloudFormation, as its contract wants it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
from enum import StrEnum

from onboarding.callback.event import StackEvent
from onboarding.ground.wording import clean

LONGEST_ANSWER = 4_096
_LONGEST_REASON = 2_000


class AnswerStatus(StrEnum):
    """The only words that CloudFormation knows. It waits for its time-out after any other."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


def answer_body(event: StackEvent, status: str, reason: str = "") -> bytes:
    """Return the JSON that answers this event, of at most LONGEST_ANSWER bytes.

    `status` is SUCCESS or FAILED: raises ValueError for any other. The tenant reads the reason of a FAILED in their
    console. One that is too long is cut; IDs never are.
    """
    reason = clean(reason, longest=_LONGEST_REASON)
    while len(body := _body(event, AnswerStatus(status), reason)) > LONGEST_ANSWER and reason:
        # A character takes up to four bytes, so this cannot be reckoned in characters.
        reason = clean(reason, longest=len(reason) * 4 // 5) if len(reason) > 9 else ""
    return body


def _body(event: StackEvent, status: AnswerStatus, reason: str) -> bytes:
    fields = {
        "Status": status.value,
        # "Required if Status is FAILED": an empty one would not do.
        "Reason": reason or "Rolecall gave no reason.",
        "PhysicalResourceId": event.physical_id,
        "StackId": str(event.stack_id),
        "RequestId": event.request_id,
        "LogicalResourceId": event.logical_id,
    }
    if status is AnswerStatus.SUCCESS and not reason:
        del fields["Reason"]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
