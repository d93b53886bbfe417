"""Nobody can make us call anywhere but CloudFormation, and the operator learns who tried (security 16)."""

from __future__ import annotations

import logging
import socket

import pytest

from aws.stack_answers import HttpsStackAnswers
from tests.builders import NOON
from tests.contract.receiver.fake_queue import FakeQueue, until
from tests.stack_events import a_raw
from tests.unit.hostile_urls import HOSTILE


@pytest.mark.parametrize("tried", HOSTILE)
def test_a_hostile_url_makes_nobody_call_anywhere(tried, store, waiting, reading, monkeypatch):
    """The whole way: queue, handling and sending, with the real sender and no network."""
    called = []
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, lambda *args: called.append(args))
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, lambda *args, **_: called.append(args))
    before = store.get_connection(waiting.id), store.events()
    queue = FakeQueue()
    reading(queue, answers=HttpsStackAnswers())

    queue.put(a_raw(ResponseURL=HOSTILE[tried]))
    until(lambda: not queue.left())

    assert called == []
    assert (store.get_connection(waiting.id), store.events()) == before


def test_the_socket_guard_sees_the_call_of_a_sound_url(waiting, reading, monkeypatch):
    called = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: called.append(args[:2]) or [])
    reading(queue := FakeQueue(), answers=HttpsStackAnswers())

    queue.put(a_raw())
    until(lambda: called)

    assert called == [("cloudformation-custom-resource-response-useast1.s3.amazonaws.com", 443)]


def test_an_unknown_host_is_told_to_the_operator_and_logged_once_an_hour(store, clock, reading, caplog):
    caplog.set_level(logging.WARNING)
    queue = FakeQueue()
    reading(queue)
    bucket = "cloudformation-custom-resource-response-useast1.s3.dualstack.us-east-1.amazonaws.com"

    def told():
        return [r.getMessage() for r in caplog.records if "callback.refused" in r.getMessage()]

    for _ in range(3):
        queue.put(a_raw(ResponseURL=f"https://{bucket}/x"))
    until(lambda: not queue.left())

    assert told() == [f"callback.refused region=us-east-1 reason=response_url_host host={bucket}"]
    (state,) = [s for s in store.queue_states() if s.unknown_host]
    assert (state.region, state.unknown_host, state.unknown_host_at) == ("us-east-1", bucket, NOON)
    clock.forward(hours=1)
    queue.put(a_raw(ResponseURL=f"https://{bucket}/x"))
    until(lambda: len(told()) == 2)


def test_ever_new_hosts_do_not_fill_the_log(reading, caplog):
    queue = FakeQueue()
    reading(queue)

    for number in range(300):
        queue.put(a_raw(ResponseURL=f"https://h{number}.example/x"))
    until(lambda: not queue.left())

    assert len([r for r in caplog.records if "callback.refused" in r.getMessage()]) <= 100
