"""What the receiver needs of the world: a queue in each region, and a way to answer. The adapters live in aws/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from onboarding.callback.response_url import ResponseUrl


@dataclass(frozen=True)
class QueuedEvent:
    """A message as the queue handed it out. `receipt` deletes it; `sent_at` is when it came into the queue."""

    raw: str
    receipt: str
    sent_at: datetime


@dataclass(frozen=True)
class QueueState:
    """How reading the queue of a region goes: what is wrong with it at `read_at`, or an empty string.

    `unknown_host` is the host that an event last named instead of CloudFormation's, and that was not contacted. Anyone
    can send such an event; but it can also be a host of CloudFormation's that we do not know yet.
    """

    region: str
    read_at: datetime | None = None
    finding_code: str = ""
    unknown_host: str = ""
    unknown_host_at: datetime | None = None


class QueueUnread(Exception):
    """The queue gave no answer, or refused one; the argument is a code for operators, such as `queue_missing`."""

    @property
    def code(self) -> str:
        """What is wrong, for the log and for `doctor`."""
        return str(self.args[0])


class StackQueue(Protocol):
    """The queue of one region. Every message comes at least once, in any order, until it is deleted."""

    @property
    def region(self) -> str:
        """The region of the queue, and so of every stack whose events it holds."""

    def receive(self, wait_seconds: int) -> Sequence[QueuedEvent]:
        """Wait so long for messages, and return at most ten. One that is not deleted comes again after 30 seconds.

        Raises QueueUnread.
        """

    def delete(self, receipt: str) -> None:
        """Let the message not come again. Raises QueueUnread; it then comes again."""


class StackAnswers(Protocol):
    """The way to CloudFormation."""

    def send(self, response_url: ResponseUrl, body: bytes) -> bool:
        """Send the answer. Return whether nothing is left to do: it was taken, or refused for good.

        Takes five seconds at most. Raises nothing that the network can cause.
        """
