"""Counting within a minute: exact, forgotten in time, bounded, and no dearer for many than for few."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import thread_time

import pytest

from views.guard.counters import Counters


class Minute:
    """A clock that a hand turns."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Minute()


@pytest.fixture
def counters(clock):
    return Counters(remembered=100, clock=clock)


def test_so_many_are_allowed_within_a_minute_from_the_first_one(counters, clock):
    assert [counters.wait("a", most=2) for _ in range(3)] == [0, 0, 60]
    clock.now += 59.5
    assert counters.wait("a", most=2) == 1
    clock.now += 0.5
    assert [counters.wait("a", most=2) for _ in range(3)] == [0, 0, 60]


def test_whoever_waits_as_long_as_told_is_let_in(counters, clock):
    for _ in range(20):
        seconds = counters.wait("a", most=7)
        clock.now += seconds
        assert not seconds or counters.wait("a", most=7) == 0
        clock.now += 3.3


def test_one_key_uses_up_nothing_of_anothers(counters):
    assert [counters.wait(key, most=1) for key in "abab"] == [0, 0, 60, 60]


def test_what_is_over_is_forgotten(counters, clock):
    for number in range(90):
        counters.wait(str(number), most=1)
    clock.now += 60
    for number in range(60):
        counters.wait(f"later {number}", most=1)

    assert len(counters) == 60


def test_no_more_than_so_many_are_known_and_the_oldest_go_first(counters):
    for number in range(1000):
        counters.wait(str(number), most=1)

    assert len(counters) == 100
    assert counters.wait("999", most=1) == 60
    assert counters.wait("0", most=1) == 0


def test_threads_together_are_allowed_as_many_as_one(counters):
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: counters.wait("a", most=500), range(2000)))

    assert waits.count(0) == 500


def test_all_counts_there_can_be_take_few_megabytes():
    counters = Counters()
    tracemalloc.start()
    for number in range(60_000):
        counters.wait(f"handover_open from {number:x}:1234:5678:9abc/64, told", most=1)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(counters) == 50_000
    assert used < 20_000_000


@pytest.mark.clocked
def test_counting_costs_no_more_among_many_than_among_few():
    few, many = Counters(), Counters()
    for number in range(50_000):
        many.wait(str(number), most=1)

    def cost(counters):
        began = thread_time()
        for number in range(2000):
            counters.wait(f"new {number}", most=1)
        return thread_time() - began

    assert median(cost(many) for _ in range(5)) < 3 * median(cost(few) for _ in range(5))
