"""What a store keeps of reading the queues of the callback."""

from __future__ import annotations

from datetime import timedelta

from onboarding.callback.queues import QueueState
from tests.builders import NOON

LATER = NOON + timedelta(minutes=1)


def test_a_queue_has_one_row_which_says_how_reading_it_goes(store):
    store.note_queue("us-east-1", at=NOON, finding_code="queue_missing")
    store.note_queue("eu-west-1", at=NOON)
    store.note_queue("us-east-1", at=LATER)

    assert store.queue_states() == [QueueState("eu-west-1", NOON), QueueState("us-east-1", LATER)]


def test_the_last_unknown_host_stays_beside_it(store):
    store.note_unknown_host("us-east-1", host="a.example", at=NOON)
    store.note_queue("us-east-1", at=LATER, finding_code="queue_forbidden")
    store.note_unknown_host("us-east-1", host="b.example", at=LATER)

    assert store.queue_states() == [
        QueueState("us-east-1", LATER, "queue_forbidden", unknown_host="b.example", unknown_host_at=LATER)
    ]


def test_an_unknown_host_alone_does_not_say_that_the_queue_was_read(store):
    store.note_unknown_host("us-east-1", host="a.example", at=NOON)

    assert store.queue_states() == [QueueState("us-east-1", None, unknown_host="a.example", unknown_host_at=NOON)]
