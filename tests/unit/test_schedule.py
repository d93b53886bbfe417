"""When a connection is looked at next: brisk while somebody watches, gentle while nobody does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.schedule import is_watched, pause
from tests.builders import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("seconds_ago", "watched"), [(0, True), (19.9, True), (20, True), (20.1, False), (3600, False)]
)
def test_somebody_is_looking_when_a_poll_came_within_twenty_seconds(seconds_ago, watched):
    assert is_watched(NOON - timedelta(seconds=seconds_ago), now=NOON) is watched


def test_nobody_ever_looked():
    assert is_watched(None, now=NOON) is False


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(timedelta(), 5), (MINUTE, 5), (2 * MINUTE, 15), (9 * MINUTE, 15), (10 * MINUTE, 60), (59 * MINUTE, 60),
     (HOUR, 300), (23 * HOUR, 300), (DAY, 1800), (6 * DAY, 1800)],
)  # fmt: skip
def test_unwatched_the_pauses_grow_with_the_age_of_the_wait(age, seconds):
    assert pause(age=age, watched=False, is_trouble=False, jitter=0.5) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(timedelta(), 1), (2 * MINUTE, 1), (9 * MINUTE, 1), (10 * MINUTE, 5), (HOUR, 15), (2 * DAY, 60)],
)
@pytest.mark.parametrize("jitter", [0, 0.5, 0.99])
def test_watched_it_is_looked_at_once_a_second_and_a_tab_left_open_ever_more_gently(age, seconds, jitter):
    assert pause(age=age, watched=True, is_trouble=False, jitter=jitter) == timedelta(seconds=seconds)


def test_a_fault_on_our_side_is_not_hammered_even_while_somebody_watches():
    assert pause(age=MINUTE, watched=True, is_trouble=True, jitter=0.5) == timedelta(seconds=5)


@given(st.timedeltas(timedelta(), 7 * DAY), st.floats(0, 1, exclude_max=True), st.booleans())
def test_jitter_moves_a_pause_by_a_fifth_at_most_and_really_moves_it(age, jitter, fault):
    middle = pause(age=age, watched=False, is_trouble=fault, jitter=0.5)
    moved = pause(age=age, watched=False, is_trouble=fault, jitter=jitter)

    assert 0.8 * middle <= moved <= 1.2 * middle
    assert pause(age=age, watched=False, is_trouble=fault, jitter=0) < middle
