"""What strangers can cause is said once an hour, however often and with however many names they cause it."""

from __future__ import annotations

from datetime import timedelta

from onboarding.callback.hourly import Hourly


def said(hourly: Hourly, *things: str, minutes: float = 0) -> list[str]:
    return [thing for thing in things if hourly.is_new(thing, at=timedelta(minutes=minutes))]


def test_the_same_thing_is_said_once_an_hour():
    hourly = Hourly()

    assert said(hourly, "a", "a", "b") == ["a", "b"]
    assert said(hourly, "a", minutes=59.9) == []
    assert said(hourly, "a", "a", minutes=60) == ["a"]


def test_ever_new_things_are_not_all_said():
    hourly = Hourly(most=3)

    assert said(hourly, *map(str, range(1_000))) == ["0", "1", "2"]
    assert said(hourly, *map(str, range(1_000)), minutes=60) == ["0", "1", "2"]
