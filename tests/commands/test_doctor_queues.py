"""`doctor` says whether the worker reads what stacks report, and who asked for an answer elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commands.doctor_answer import DoctorAnswer
from commands.doctor_queues import reading_of
from onboarding.callback.queues import QueueState
from tests.builders import NOON

REGIONS = ("us-east-1", "eu-west-1")


def states(**changes: object) -> list[QueueState]:
    return [QueueState("eu-west-1", NOON), QueueState("us-east-1", **{"read_at": NOON, **changes})]


def test_all_is_well_while_every_queue_is_read():
    answer = DoctorAnswer(True, "The worker reads the queue in us-east-1, eu-west-1.")

    assert reading_of(states(), REGIONS, now=NOON) == answer


@pytest.mark.parametrize("read_at", [None, NOON - timedelta(minutes=4), NOON + timedelta(minutes=4)])
def test_a_region_that_nobody_reads_is_named(read_at):
    answer = reading_of(states(read_at=read_at), REGIONS, now=NOON)

    assert (answer.is_ok, answer.sentence) == (False, "No worker has read the queue in us-east-1 for 3 minutes.")
    assert "ROLECALL_CALLBACK_REGIONS" in answer.fix


def test_a_region_that_is_new_to_the_worker_is_named_and_one_no_longer_served_is_not():
    gone = QueueState("sa-east-1", NOON, "queue_missing")

    assert "in us-west-2 for" in reading_of([*states(), gone], (*REGIONS, "us-west-2"), now=NOON).sentence
    assert reading_of([*states(), gone], REGIONS, now=NOON).is_ok


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("queue_missing", "callback install --region us-east-1"),
        ("queue_forbidden", "the policy that `callback install` prints"),
        ("aws_throttled", "receiver.queue"),
    ],
)
def test_what_keeps_it_from_reading_is_said_with_what_to_do(code, fix):
    answer = reading_of(states(finding_code=code), REGIONS, now=NOON)

    assert (answer.is_ok, answer.sentence) == (False, f"The worker cannot read the queue in us-east-1 ({code}).")
    assert fix in answer.fix


def test_an_unknown_host_is_shown_for_a_week_and_is_nothing_wrong():
    told = states(unknown_host="bucket.s3.example", unknown_host_at=NOON)

    answer = reading_of(told, REGIONS, now=NOON + timedelta(minutes=1))
    assert answer.is_ok and "On 2030-05-17 an event in us-east-1 asked for an answer to bucket.s3.example" in answer.fix
    later = NOON + timedelta(days=8)
    fresh = [QueueState(s.region, later, "", s.unknown_host, s.unknown_host_at) for s in told]
    assert reading_of(fresh, REGIONS, now=later).fix == ""
