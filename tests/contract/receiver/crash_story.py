"""The receiver's story, told by a process that kills itself just before its n-th act: a write, or a call of AWS.

AWS is another machine: which messages wait in the queue, and which answers came, outlives the crash in a folder.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from onboarding.callback.queues import QueuedEvent
from onboarding.callback.response_url import ResponseUrl
from onboarding.receiving.receiver import Receiver
from receiver import QueueReader
from tests.builders import NOON, a_vendor
from tests.contract.crash_story import Mortality, MortalStore, in_a_new_process
from tests.contract.receiver.fake_queue import until
from tests.fakes import FakeRoles, HandClock
from tests.stack_events import REGION, TOPICS


@dataclass
class FolderQueue:
    """A file is a message. In each life everything comes again that was not deleted, one after the other."""

    folder: Path
    act: Callable[[], None]
    region: str = REGION
    given: str = ""

    def receive(self, wait_seconds: int) -> Sequence[QueuedEvent]:
        waiting = self.left()
        if not waiting or waiting[0] == self.given:
            threading.Event().wait(0.002)
            return []
        self.given = waiting[0]
        self.act()
        return [QueuedEvent((self.folder / self.given).read_text(), self.given, NOON)]

    def delete(self, receipt: str) -> None:
        self.act()
        (self.folder / receipt).unlink()

    def left(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())


@dataclass
class FileAnswers:
    """Each answer that CloudFormation took is a line."""

    file: Path
    act: Callable[[], None]

    def send(self, response_url: ResponseUrl, body: bytes) -> bool:
        self.act()
        with self.file.open("ab") as lines:
            lines.write(body + b"\n")
        return True


def answers(folder: Path) -> list[dict[str, str]]:
    """Return every answer that was taken, in any life."""
    file = folder / "answers"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def live(folder: Path, *, dies_at: int | None) -> int:
    """Read the queue in a new process until it is empty, and return its exit code, -9 if it was killed."""
    return in_a_new_process(lambda: _tell(folder, dies_at=dies_at))


def _tell(folder: Path, *, dies_at: int | None) -> None:
    act = Mortality(dies_at).act
    store, clock = MortalStore(folder / "rolecall.db", act), HandClock(NOON)
    queue = FolderQueue(folder / "queue", act)
    vendor = a_vendor(callback_regions=TOPICS.regions, plain_template_url="https://b.s3.amazonaws.com/plain.yaml")
    reader = QueueReader(
        queues=[queue],
        handler=Receiver(store=store, roles=FakeRoles(), clock=clock, vendor=vendor),
        answers=FileAnswers(folder / "answers", act),
        store=store,
        clock=clock,
        topics=vendor.topics,
        stop=threading.Event(),
    )
    reader.start()
    until(lambda: not queue.left(), seconds=20)
