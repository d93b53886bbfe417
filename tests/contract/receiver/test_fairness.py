"""Nobody can hold up anybody else: not a stranger, not a tenant, not a region."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from onboarding.ground.external_id import mint
from onboarding.ground.status import Status
from onboarding.receiving.receiver import Receiver
from receiver import NARROW_THREADS, PER_CONNECTION
from tests.builders import EXTERNAL_ID, NOON, a_connection, a_vendor, an_event
from tests.contract.receiver.fake_queue import FakeAnswers, FakeQueue, until
from tests.stack_events import TOPICS, a_raw, a_stack_id

STRANGER = mint(prefix="northwind", handle="stranger")


class Blocked:
    """A handler that waits until it is let go; `most` is how many it handled at once, by external ID."""

    def __init__(self, handler):
        self.handler = handler
        self.let_go = threading.Event()
        self.now, self.most, self.begun = Counter(), Counter(), 0
        self.lock = threading.Lock()

    def handle(self, event):
        external_id = event.external_id
        with self.lock:
            self.begun += 1
            self.now[external_id] += 1
            self.now["all"] += 1
            for key in (external_id, "all"):
                self.most[key] = max(self.most[key], self.now[key])
        self.let_go.wait(10)
        with self.lock:
            self.now[external_id] -= 1
            self.now["all"] -= 1
        return self.handler.handle(event)


@pytest.fixture
def crowd(store, stored, tenant):
    """The external IDs of thirty connections that wait."""
    made = []
    for number in range(30):
        handle = f"handle{number:02}"
        connection = replace(a_connection(Status.WAITING, tenant_id=tenant.id), id=f"c-{number}", handle=handle)
        store.add_connection(connection, an_event(tenant_id=tenant.id))
        made.append(mint(prefix="northwind", handle=handle))
        issued = an_event("external_id.issued", connection_id=connection.id)
        store.issue(made[-1], connection.id, at=NOON, event=issued)
    return made


def test_a_flood_of_strangers_delays_nobody_who_is_known(waiting, reading, store, clock, aws):
    slow = threading.Event()
    answers = FakeAnswers(does=lambda url: "stranger" not in url.path_and_query or slow.wait(10))
    queue = FakeQueue()
    for number in range(500):
        stack = a_stack_id(name=f"stranger-{number}")
        queue.put(a_raw(stack_id=stack, external_id=STRANGER, request_id=f"s-{number}"))
    queue.put(a_raw())
    reading(queue, answers=answers)

    until(lambda: answers.sent)

    assert answers.statuses() == ["SUCCESS"]
    slow.set()


def test_strangers_are_handled_two_at_once_and_each_is_answered(reading, store, clock, aws):
    vendor = a_vendor(callback_regions=TOPICS.regions, plain_template_url="https://b.s3.amazonaws.com/p.yaml")
    blocked = Blocked(Receiver(store=store, roles=aws, clock=clock, vendor=vendor))
    answers, queue = FakeAnswers(), FakeQueue()
    for number in range(20):
        queue.put(a_raw("Delete", external_id=STRANGER, request_id=f"s-{number}"))
    reading(queue, answers=answers, handler=blocked)
    until(lambda: blocked.begun == NARROW_THREADS)
    time.sleep(0.05)
    assert blocked.begun == NARROW_THREADS

    blocked.let_go.set()

    until(lambda: len(answers.sent) == 20)
    assert answers.statuses() == ["SUCCESS"] * 20


def test_one_connection_that_floods_us_delays_no_other(waiting, crowd, reading, store, clock, aws):
    vendor = a_vendor(callback_regions=TOPICS.regions, plain_template_url="https://b.s3.amazonaws.com/p.yaml")
    blocked = Blocked(Receiver(store=store, roles=aws, clock=clock, vendor=vendor))
    queue = FakeQueue()
    for number in range(100):
        queue.put(a_raw(stack_id=a_stack_id(unique=f"u-{number}"), request_id=f"r-{number}"))
    for external_id in crowd[:5]:
        queue.put(a_raw(external_id=external_id))
    reading(queue, handler=blocked)

    until(lambda: blocked.now["all"] >= PER_CONNECTION + NARROW_THREADS + 5)

    assert blocked.most[EXTERNAL_ID] == PER_CONNECTION + NARROW_THREADS
    assert [blocked.now[external_id] for external_id in crowd[:5]] == [1] * 5
    blocked.let_go.set()


def test_a_region_whose_answers_hang_delays_no_other_region(crowd, reading):
    hang = threading.Event()
    answers = FakeAnswers(does=lambda url: "euwest1" not in url.host or hang.wait(10))
    ireland, virginia = FakeQueue("eu-west-1"), FakeQueue("us-east-1")
    for external_id in crowd:
        ireland.put(a_raw(external_id=external_id, stack_id=a_stack_id(region="eu-west-1")))
    reading(ireland, virginia, answers=answers)
    until(lambda: sum(m.times for m in ireland.messages) > 16)

    for external_id in crowd[:10]:
        virginia.put(a_raw(external_id=external_id))
    until(lambda: not virginia.left())

    assert len(ireland.left()) == 30
    hang.set()


def test_a_region_that_cannot_be_read_harms_no_other_and_is_told(store, waiting, reading, caplog):
    caplog.set_level(logging.WARNING)
    ireland, virginia = FakeQueue("eu-west-1", fails="queue_missing"), FakeQueue("us-east-1")
    answers = FakeAnswers()
    reading(ireland, virginia, answers=answers)

    virginia.put(a_raw())
    until(lambda: not virginia.left())
    until(lambda: len(store.queue_states()) == 2)

    assert {s.region: s.finding_code for s in store.queue_states()} == {
        "eu-west-1": "queue_missing",
        "us-east-1": "",
    }
    told = [r.getMessage() for r in caplog.records if "receiver.queue" in r.getMessage()]
    assert told == ["receiver.queue region=eu-west-1 finding=queue_missing"]
