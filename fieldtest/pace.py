"""How long the test waits for AWS, and how."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Found = TypeVar("Found")


class TookTooLong(Exception):
    """AWS did not do in time what was waited for. The message says what."""


@dataclass(frozen=True)
class Pace:
    """Seconds: between two questions, for a stack, for IAM and S3 to know everywhere what is new, for CloudTrail.

    `settle` is how long a role that nobody gets into is given before its refusals count, `grace` how long AWS is given
    to finish what it was asked for when the test ended.
    """

    ask_every: float = 2.0
    stack: float = 600.0
    spread: float = 180.0
    settle: float = 45.0
    trail: float = 1200.0
    grace: float = 5.0


# A stand-in on this machine does at once what takes AWS a while.
QUICK = Pace(ask_every=0.05, stack=60.0, spread=4.0, settle=0.3, trail=0.5, grace=0.3)


def wait_for(
    what: str,
    look: Callable[[], Found | None],
    *,
    seconds: float,
    every: float,
    meanwhile: Callable[[], Any] = lambda: None,
) -> tuple[Found, float]:
    """Look until there is something, and return it and the seconds that it took. Raises TookTooLong.

    `meanwhile` is called before each look: what has to go on while we wait.
    """
    began = time.monotonic()
    while True:
        meanwhile()
        found = look()
        took = time.monotonic() - began
        if found:
            return found, took
        if took > seconds:
            raise TookTooLong(f"{what} took longer than {seconds:g} seconds.")
        time.sleep(every)
