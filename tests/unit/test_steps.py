"""The nine steps: which there are, and which the rail ticks."""

from __future__ import annotations

import pytest

from onboarding.ground.status import Status
from onboarding.steps import STEPS, is_done, step
from tests.builders import NOON, a_connection


def test_there_are_nine_steps_in_their_order():
    assert [s.number for s in STEPS] == list(range(1, 10))
    assert all(s.group and s.name and s.heading for s in STEPS)
    assert len({s.name for s in STEPS}) == 9


@pytest.mark.parametrize("number", [-1, 0, 10, 99])
def test_there_is_no_step_outside_the_nine(number):
    assert step(number) is None


def test_a_step_is_found_by_its_number():
    assert [step(n) for n in range(1, 10)] == list(STEPS)


@pytest.mark.parametrize(
    ("connection", "done"),
    [
        (a_connection(), []),
        (a_connection(Status.WAITING), []),
        (a_connection(Status.WAITING, launched_at=NOON), [1]),
        (a_connection(Status.WAITING, role_seen_at=NOON), [1, 2, 3, 4, 5, 6, 7, 8]),
        (a_connection(Status.REJECTED, role_seen_at=NOON), [1, 2, 3, 4, 5, 6, 7, 8]),
        (a_connection(Status.CONNECTED), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (a_connection(Status.DEGRADED), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (a_connection(Status.EXPIRED, launched_at=NOON), [1]),
    ],
)
def test_ticks_come_from_facts_alone_launched_role_seen_connected(connection, done):
    assert [s.number for s in STEPS if is_done(s, connection)] == done
