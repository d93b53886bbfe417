"""What CloudFormation makes of an answer to a custom resource's request.

It waits for a JSON object with a Status of SUCCESS or FAILED and the IDs of the request, verbatim. What is not that is
as good as no answer: the stack hangs until its time is up, as peers with "FAILURE" for a status have found.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html; the sentences are those
that stacks show. That wrong IDs are not heard is unproved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

LONGEST_ANSWER = 4096
LONGEST_PHYSICAL_ID = 1024
_ECHOED = ("StackId", "RequestId", "LogicalResourceId")
NO_ANSWER = (
    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
    "[{request_id}]. If you are using the Python cfn-response module, you may need to update your Lambda function code "
    "so that CloudFormation can attach the updated version."
)


@dataclass(frozen=True)
class Answered:
    """The custom resource did as asked."""

    physical_id: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The request failed. `reason` is what the stack's event says; `physical_id` may be empty."""

    reason: str
    physical_id: str = ""


@dataclass(frozen=True)
class Ignored:
    """CloudFormation goes on waiting. `why` is for the sandbox's log: AWS says nothing."""

    why: str


def judge(body: bytes, *, event: dict[str, Any]) -> Answered | Failed | Ignored:
    """Return what CloudFormation makes of the body, as the answer to the event."""
    if len(body) > LONGEST_ANSWER:
        return Failed("Response object is too long.")
    try:
        answer = json.loads(body)
    except ValueError:
        return Ignored("it is not JSON")
    if why := _why_ignored(answer, event):
        return Ignored(why)
    physical_id = answer.get("PhysicalResourceId")
    if not isinstance(physical_id, str) or not 0 < len(physical_id.encode()) <= LONGEST_PHYSICAL_ID:
        return Failed("Invalid PhysicalResourceId")
    if answer["Status"] == "SUCCESS":
        return Answered(physical_id, answer.get("Data") or {})
    return Failed(
        f"Received response status [FAILED] from custom resource. Message returned: {answer['Reason']} "
        f"(RequestId: {event['RequestId']})",
        physical_id,
    )


def _why_ignored(answer: Any, event: dict[str, Any]) -> str:
    """Return why CloudFormation does not hear the answer, or an empty text."""
    if not isinstance(answer, dict):
        return "it is not an object"
    if answer.get("Status") not in ("SUCCESS", "FAILED"):
        return f"Status is {answer.get('Status')!r}"
    if wrong := [name for name in _ECHOED if answer.get(name) != event[name]]:
        return f"{', '.join(wrong)} not as in the request"
    reason = answer.get("Reason")
    if answer["Status"] == "FAILED" and not (isinstance(reason, str) and reason):
        return "FAILED without a Reason"
    return "" if isinstance(answer.get("Data") or {}, dict) else "Data is not an object"


def no_answer(request_id: str) -> Failed:
    """Return what becomes of a request that nobody answered in time."""
    return Failed(NO_ANSWER.format(request_id=request_id))
