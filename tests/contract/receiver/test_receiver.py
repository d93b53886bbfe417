"""The receiver answers everybody in time, and loses nothing (security 18 to 22)."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

import receiver as receiver_module
from onboarding.callback.queues import QueueUnread
from onboarding.callback.stacks import StackPhase
from onboarding.ground.external_id import mint
from onboarding.ground.status import Status
from onboarding.ports import NotFound
from receiver import STOP_SECONDS
from tests.builders import NOON, a_connection, an_event
from tests.contract.receiver.fake_queue import FakeAnswers, FakeQueue, until
from tests.stack_events import a_raw, a_response_url, a_stack_id


def test_a_create_is_heard_and_answered_and_comes_no_more(store, waiting, reading):
    queue, answers = FakeQueue(), FakeAnswers()
    reading(queue, answers=answers)

    queue.put(a_raw())
    until(lambda: not queue.left())

    assert answers.statuses() == ["SUCCESS"]
    assert [str(s.stack_id) for s in store.reported_stacks(waiting.id)] == [a_stack_id()]


def test_the_first_look_into_a_queue_waits_for_nothing_and_later_ones_do(reading):
    """So `doctor` knows at once that a worker which has just started can read the queue."""
    queue = FakeQueue()
    reading(queue)

    until(lambda: len(queue.waits) > 2)

    assert queue.waits[:3] == [0, 20, 20]


def test_a_message_is_deleted_only_after_its_answer_was_taken(waiting, reading):
    queue = FakeQueue(hidden_seconds=0.05)
    tries = []
    answers = FakeAnswers(does=lambda _: tries.append(len(queue.left())) or len(tries) == 3)
    reading(queue, answers=answers)

    queue.put(a_raw())
    until(lambda: not queue.left())

    assert tries == [1, 1, 1]
    assert answers.statuses() == ["SUCCESS"]


def test_an_event_that_comes_again_is_answered_the_same_and_changes_nothing_more(store, waiting, reading):
    queue, answers = FakeQueue(), FakeAnswers()
    reading(queue, answers=answers)
    queue.put(a_raw())
    until(lambda: not queue.left())
    before = store.get_connection(waiting.id)

    for _ in range(5):
        queue.put(a_raw())
    until(lambda: not queue.left())

    assert len(answers.sent) == 6 and len(set(answers.sent)) == 1
    assert store.get_connection(waiting.id) == before


def test_a_bug_in_handling_leaves_the_message_and_harms_no_other(waiting, reading, caplog):
    class Buggy:
        handled = 0

        def handle(self, event):
            if event.request_id == "bad":
                raise RuntimeError("a bug")
            self.handled += 1
            raise NotFound

    queue, buggy = FakeQueue(), Buggy()
    reading(queue, handler=buggy)

    queue.put(a_raw(request_id="bad"))
    queue.put(a_raw())
    until(lambda: buggy.handled == 1)

    assert len(queue.left()) == 2
    until(lambda: "callback.crashed" in caplog.text)


def test_after_two_hours_a_create_is_dropped_and_a_delete_still_counts_but_neither_is_answered(store, waiting, reading):
    queue, answers = FakeQueue(), FakeAnswers()
    queue.put(a_raw(request_id="early"), sent_at=NOON)
    queue.put(a_raw(request_id="late"), sent_at=NOON - timedelta(hours=2, seconds=1))
    deleted = a_stack_id(unique="deleted-long-ago")
    queue.put(a_raw("Delete", stack_id=deleted, request_id="gone"), sent_at=NOON - timedelta(hours=2, seconds=1))
    reading(queue, answers=answers)

    until(lambda: not queue.left())

    assert [json.loads(body)["RequestId"] for _, body in answers.sent] == ["early"]
    ended, begun = store.reported_stacks(waiting.id)
    assert store.find_handled(waiting.id, begun.stack_id, "late") is None
    assert (str(ended.stack_id), ended.phase, begun.phase) == (deleted, StackPhase.ENDED, StackPhase.BEGUN)


def test_an_unsendable_answer_is_given_up_when_its_url_has_expired(waiting, reading, clock):
    queue = FakeQueue(hidden_seconds=0.02)
    reading(queue, answers=FakeAnswers(does=lambda _: False))
    queue.put(a_raw())
    until(lambda: queue.messages[0].times > 2)
    assert queue.left()

    clock.forward(hours=2, seconds=1)

    until(lambda: not queue.left())


def test_a_queue_that_fails_is_asked_less_and_less_and_read_again_when_it_is_there(waiting, reading, monkeypatch):
    monkeypatch.setattr(receiver_module, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(receiver_module, "LONGEST_PAUSE_SECONDS", 0.2)
    queue, answers = FakeQueue(fails="queue_forbidden"), FakeAnswers()
    reading(queue, answers=answers)
    queue.put(a_raw())
    until(lambda: len(queue.polls) == 5)
    pauses = [later - earlier for earlier, later in zip(queue.polls, queue.polls[1:], strict=False)]
    assert pauses[0] < pauses[1] < pauses[2]
    assert all(pause < 0.4 for pause in pauses)

    queue.fails = ""

    until(lambda: not queue.left())
    assert answers.statuses() == ["SUCCESS"]


def test_a_message_that_cannot_be_deleted_does_no_harm(waiting, reading, caplog):
    class Undeletable(FakeQueue):
        def delete(self, receipt):
            raise QueueUnread("queue_forbidden")

    queue, answers = Undeletable(hidden_seconds=0.02), FakeAnswers()
    reading(queue, answers=answers)

    queue.put("junk")
    queue.put(a_raw())
    until(lambda: len(answers.sent) > 3)

    assert len(set(answers.sent)) == 1
    assert len([r for r in caplog.records if "callback.undeleted" in r.getMessage()]) == 1


def test_hosts_that_strangers_make_up_do_not_keep_other_warnings_from_being_said(waiting, reading, caplog):
    queue = FakeQueue()
    for number in range(150):
        queue.put(a_raw(ResponseURL=f"https://host-{number}.example/?x"))
    reading(queue)
    until(lambda: not queue.left())

    queue.put(a_raw(request_id="late"), sent_at=NOON - timedelta(hours=3))
    until(lambda: not queue.left())

    assert sum("callback.refused" in r.getMessage() for r in caplog.records) == 100
    assert "callback.too_late" in caplog.text


@pytest.mark.clocked
def test_it_stops_at_once_though_a_long_poll_and_an_answer_hang(waiting, reading):
    hang = threading.Event()
    queue = FakeQueue(wait_seconds=20)
    reader = reading(queue, answers=FakeAnswers(does=lambda _: hang.wait(10)))
    queue.put(a_raw())
    until(lambda: queue.messages[0].times == 1)
    began = time.monotonic()

    reader.stop.set()
    reader.finish()

    assert time.monotonic() - began < STOP_SECONDS + 0.4
    assert len(queue.left()) == 1
    hang.set()


def test_what_is_under_way_is_finished_before_it_stops(waiting, reading):
    answers = FakeAnswers(does=lambda _: not time.sleep(0.3))
    queue = FakeQueue()
    reader = reading(queue, answers=answers)
    queue.put(a_raw())
    until(lambda: queue.messages[0].times == 1)
    time.sleep(0.05)

    reader.stop.set()
    reader.finish()

    assert not queue.left()


@pytest.mark.clocked
def test_a_hundred_creates_at_once_are_answered_within_ten_seconds(store, tenant, reading):
    """Each answer takes 300 ms, as TLS to the other side of the world does. The target is for 95 of 100."""
    began, took = time.monotonic(), []
    answers = FakeAnswers(does=lambda _: not time.sleep(0.3) and not took.append(time.monotonic() - began))
    queue = FakeQueue()
    for number in range(100):
        other = store.add_tenant(
            replace(tenant, id=f"t-{number}", reference=f"t-{number}"), an_event("tenant.added", connection_id=None)
        )
        handle = f"handle{number:02}"[:8].ljust(8, "x")
        connection = replace(a_connection(Status.WAITING, tenant_id=other.id), id=f"c-{number}", handle=f"{number:08}")
        store.add_connection(connection, an_event(tenant_id=other.id))
        external_id = mint(prefix="northwind", handle=handle)
        store.issue(external_id, connection.id, at=NOON, event=an_event("external_id.issued"))
        stack_id = a_stack_id(name=f"stack-{number}")
        queue.put(a_raw(stack_id=stack_id, external_id=external_id, ResponseURL=a_response_url(stack_id)))
    began = time.monotonic()
    reading(queue, answers=answers)

    until(lambda: not queue.left(), seconds=20)

    print(f"p50 {sorted(took)[50]:.2f} s, p95 {sorted(took)[94]:.2f} s, last {max(took):.2f} s")
    assert sorted(took)[94] < 10
    assert answers.statuses() == ["SUCCESS"] * 100
