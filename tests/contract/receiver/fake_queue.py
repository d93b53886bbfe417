"""A queue that delivers as SQS does, and a CloudFormation that takes answers: at least once, in any order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.callback.queues import QueuedEvent, QueueUnread
from onboarding.callback.response_url import ResponseUrl
from tests.builders import NOON
from tests.stack_events import REGION


@dataclass
class Message:
    """One message; `hidden_until` is on the monotonic clock."""

    raw: str
    sent_at: datetime
    hidden_until: float = 0.0
    times: int = 0
    is_deleted: bool = False


@dataclass
class FakeQueue:
    """onboarding.callback.queues.StackQueue. What is received and not deleted comes again after `hidden_seconds`."""

    region: str = REGION
    hidden_seconds: float = 30.0
    fails: str = ""
    wait_seconds: float = 0.02
    messages: list[Message] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, raw: str, *, sent_at: datetime = NOON) -> None:
        with self._changed:
            self.messages.append(Message(raw, sent_at))
            self._changed.notify_all()

    def receive(self, wait_seconds: int) -> Sequence[QueuedEvent]:
        self.polls.append(time.monotonic())
        self.waits.append(wait_seconds)
        if self.fails:
            raise QueueUnread(self.fails)
        with self._changed:
            if not self._ready():
                self._changed.wait(min(wait_seconds, self.wait_seconds))
            given = self._ready()[:10]
            for number in given:
                self.messages[number].hidden_until = time.monotonic() + self.hidden_seconds
                self.messages[number].times += 1
            return [QueuedEvent(m.raw, str(n), m.sent_at) for n, m in enumerate(self.messages) if n in given]

    def delete(self, receipt: str) -> None:
        if self.fails:
            raise QueueUnread(self.fails)
        self.messages[int(receipt)].is_deleted = True

    def left(self) -> list[Message]:
        return [m for m in self.messages if not m.is_deleted]

    def _ready(self) -> list[int]:
        now = time.monotonic()
        return [n for n, m in enumerate(self.messages) if not m.is_deleted and m.hidden_until <= now]


@dataclass
class FakeAnswers:
    """onboarding.callback.queues.StackAnswers, which keeps what was sent; `does` can fail, or take its time."""

    does: Callable[[ResponseUrl], bool] = lambda _: True
    sent: list[tuple[ResponseUrl, bytes]] = field(default_factory=list)

    def send(self, response_url: ResponseUrl, body: bytes) -> bool:
        taken = self.does(response_url)
        if taken:
            self.sent.append((response_url, body))
        return taken

    def statuses(self) -> list[str]:
        """Return the status of each answer that was taken."""
        return [json.loads(body)["Status"] for _, body in self.sent]


def until(happened: Callable[[], bool], *, seconds: float = 5) -> None:
    """Wait until it has happened. Raises AssertionError if it does not."""
    give_up_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.005)
