"""A receiver that reads queues of the test's."""

from __future__ import annotations

import threading

import pytest

from onboarding.ground.status import Status
from onboarding.receiving.receiver import Receiver
from receiver import QueueReader
from tests.builders import EXTERNAL_ID, NOON, a_vendor, an_event
from tests.contract.receiver.fake_queue import FakeAnswers
from tests.stack_events import TOPICS


@pytest.fixture
def waiting(store, stored):
    """A connection that waits, whose external ID is EXTERNAL_ID."""
    connection = stored(Status.WAITING)
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    return connection


@pytest.fixture
def reading(store, clock, aws):
    """`reading(queue, ...)` reads these queues until the test ends."""
    readers = []

    def read(*queues, answers=None, handler=None):
        vendor = a_vendor(callback_regions=TOPICS.regions, plain_template_url="https://b.s3.amazonaws.com/plain.yaml")
        reader = QueueReader(
            queues=queues,
            handler=handler or Receiver(store=store, roles=aws, clock=clock, vendor=vendor),
            answers=answers or FakeAnswers(),
            store=store,
            clock=clock,
            topics=vendor.topics,
            stop=threading.Event(),
        )
        reader.start()
        readers.append(reader)
        return reader

    yield read
    for reader in readers:
        reader.stop.set()
        reader.finish()
