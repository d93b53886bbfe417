"""The events of a stack in what somebody copied: from the console's table, from a red box, from a program's output.

Every source prints an event's status before its reason, and one status an event; the rest differs, and a table that is
copied loses its columns. So the statuses are what events are told by.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Not behind "is in", where a sentence names the status of another stack.
_STATUS = re.compile(
    r"(?<![A-Za-z])(?<!in )((?:CREATE|UPDATE|DELETE|ROLLBACK|REVIEW|IMPORT)(?:_ROLLBACK)?(?:_COMPLETE_CLEANUP)?"
    r"_(?:IN_PROGRESS|COMPLETE|FAILED|SKIPPED))"
)
# What a browser puts into long names so that they wrap, and the quotation marks that a mail program makes.
_AS_TYPED = str.maketrans({"\u200b": "", "\u00ad": "", "\u2060": "", "\ufeff": "", "“": '"', "”": '"', "’": "'"})
_ROOT_CAUSE = "Likely root cause"
_FIRST = "User Initiated"


@dataclass(frozen=True)
class StackEventLine:
    """One event. `status` is empty where none was copied; `reason` is all that follows it."""

    status: str
    reason: str

    @property
    def is_failure(self) -> bool:
        """Whether the event can say why something failed: it failed, or has no status, as in the console's red box."""
        return not self.status or self.status.endswith("_FAILED") or self.status.startswith("ROLLBACK_")

    @property
    def is_of_removal(self) -> bool:
        """Whether it tells of the cleaning up afterwards."""
        return self.status.startswith("DELETE_")

    @property
    def is_root_cause(self) -> bool:
        """Whether the console marks it as the likely root cause."""
        return _ROOT_CAUSE in self.reason


def stack_events(text: str) -> Sequence[StackEventLine]:
    """Return the events in the text, in the order in which they happened.

    The console and the AWS CLI print the newest first; programs that follow a stack print the oldest first, and begin
    with the one that says "User Initiated".
    """
    parts = _STATUS.split(" ".join(text.translate(_AS_TYPED).split()))
    found = [StackEventLine("", parts[0])] if parts[0].strip() else []
    found += [StackEventLine(status, reason) for status, reason in zip(parts[1::2], parts[2::2], strict=True)]
    begun = next((n for n, event in enumerate(found) if _FIRST in event.reason), None)
    failed = next((n for n, event in enumerate(found) if event.status.endswith("_FAILED")), 0)
    return found if begun is not None and begun < failed else found[::-1]
