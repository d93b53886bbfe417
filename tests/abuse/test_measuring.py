"""The suite itself: it finds what grows faster than its size, and every name that a request reads."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask import Flask, request

from tests.abuse.measuring import Answered, Bench, Making, Preparing, reference_loop
from tests.abuse.reading import WatchedEnviron, watched

LIMIT_MS = 50.0


def busy(ms: float, *, kind: str = "") -> Answered:
    """Take so many milliseconds, or on a slower machine as much longer as the loop takes that limits are held to."""
    ends_at = time.thread_time() + ms / 1000
    turns = 0
    while turns < ms or time.thread_time() < ends_at:
        reference_loop()
        turns += 1
    return Answered(kind)


def making(cost: Callable[[float], float]) -> Making:
    return lambda part: lambda: lambda: busy(cost(part))


@pytest.mark.clocked
@pytest.mark.parametrize(
    ("cost", "found"),
    [
        (lambda part: 40 * part, ""),
        (lambda part: 4 + 36 * part, ""),
        (lambda part: 4 * part**2, ""),
        (lambda part: 45 * part**2, "grows faster"),
        (lambda part: 45 * part**3, "grows faster"),
        (lambda part: 60 * part, "at most 50"),
        (lambda part: 420 * part, "at once"),
    ],
    ids=["linear", "fixed and linear", "cheap", "square", "cube", "too much", "hopeless"],
)
def test_what_costs_too_much_or_grows_faster_than_its_size_is_found(cost, found):
    fault = Bench(LIMIT_MS).fault("x", "y", making(cost))

    assert found in fault
    assert bool(fault) == bool(found)


@pytest.mark.clocked
@pytest.mark.parametrize("at", [0.5, 1.0])
def test_another_answer_for_a_longer_input_is_no_growth(at):
    def make(part: float) -> Preparing:
        is_page = part >= at
        return lambda: lambda: busy(15 if is_page else 2, kind="page" if is_page else "redirect")

    assert Bench(LIMIT_MS).fault("x", "y", make) == ""


@pytest.mark.clocked
def test_growth_behind_another_answer_is_found():
    def make(part: float) -> Preparing:
        return lambda: lambda: busy(45 * part**2, kind="page" if part >= 0.5 else "redirect")

    assert "grows faster" in Bench(LIMIT_MS).fault("x", "y", make)


def test_what_breaks_is_found_however_little_it_costs():
    assert (
        Bench(LIMIT_MS).fault("x", "y", lambda part: lambda: lambda: Answered(complaint="answers 500"))
        == "x: y: answers 500"
    )


def test_every_name_that_a_request_reads_is_seen_whether_it_is_there_or_not():
    app = Flask(__name__)

    @app.post("/")
    def view() -> str:
        request.headers.get("X-Mine"), "hx-mine" in request.headers, request.accept_languages
        request.args.get("a"), request.args.getlist("b"), request.form.get("c"), request.cookies.get("d")
        return ""

    environ = app.test_request_context("/?z=1", method="POST", data={"y": "1"}).request.environ
    with watched(app) as seen:
        app.wsgi_app(WatchedEnviron(environ, seen.headers), lambda status, headers, error=None: None)

    assert {"X-Mine", "Hx-Mine", "Accept-Language"} <= seen.headers
    assert (seen.parameters, seen.fields) == ({"a", "b"}, {"c"})
    assert "d" in seen.cookies
