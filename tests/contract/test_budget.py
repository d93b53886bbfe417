"""The budget of AssumeRole calls: never more a second than was allowed, and nobody is passed over."""

from __future__ import annotations

import threading
import time

import pytest

from aws.budget import Budget


class HandTime:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.mark.parametrize("per_second", [1, 3, 10, 100, 500])
def test_no_second_ever_sees_more_than_a_tenth_over_the_budget(per_second):
    clock = HandTime()
    budget = Budget(per_second, now=clock.now, sleep=clock.sleep)
    taken = []
    for _ in range(per_second * 3 + 5):
        budget.take()
        taken.append(clock.at)

    busiest = max(sum(1 for other in taken if at <= other < at + 1) for at in taken)
    assert busiest <= per_second * 1.1 + 1
    assert taken[-1] - taken[0] >= 3 - 0.2, "and on average it is the budget itself"


def test_after_a_rest_no_more_are_let_through_at_once_than_at_the_start():
    clock = HandTime()
    budget = Budget(64, now=clock.now, sleep=clock.sleep)
    clock.at += 3600

    at_once = 0
    while budget.take() == 0:
        at_once += 1

    assert at_once == 6


def test_who_rests_between_calls_never_waits():
    clock = HandTime()
    budget = Budget(2, now=clock.now, sleep=clock.sleep)

    for _ in range(20):
        assert budget.take() == 0
        clock.at += 0.5


def test_threads_share_one_budget():
    budget = Budget(200)
    started = time.monotonic()
    threads = [threading.Thread(target=lambda: [budget.take() for _ in range(20)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert time.monotonic() - started >= (100 - 20) / 200 * 0.95


@pytest.mark.parametrize("per_second", [0, -1])
def test_a_budget_that_allows_nothing_is_refused(per_second):
    with pytest.raises(ValueError, match="allow at least one call"):
        Budget(per_second)
