"""How much work one judgement can take: steps are counted, so that a verdict never depends on how busy we are.

A tenant writes the policies that we compare, and AWS lets them be long. Whoever compares spends steps; whoever judges
sets how many there are. A step is about a tenth of a microsecond. Outside of `at_most`, nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class TooComplex(Exception):
    """The work is more than one judgement can take."""


class _Steps:
    def __init__(self, left: int) -> None:
        self.left = left


_STEPS: ContextVar[_Steps | None] = ContextVar("steps", default=None)


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Let the work in this block take so many steps, none of them of a block around it.

    `spend` raises TooComplex beyond that.
    """
    before = _STEPS.set(_Steps(steps))
    try:
        yield
    finally:
        _STEPS.reset(before)


@contextmanager
def share(steps: int) -> Iterator[None]:
    """Let the work in this block take so many steps of those that the block around it has left."""
    around = _STEPS.get()
    given = steps if around is None else min(steps, around.left)
    own = _Steps(given)
    before = _STEPS.set(own)
    try:
        yield
    finally:
        _STEPS.reset(before)
        if around is not None:
            around.left -= given - own.left


def spend(steps: int) -> None:
    """Take steps before doing their work. Raises TooComplex when none are left."""
    counted = _STEPS.get()
    if counted is not None:
        counted.left -= steps
        if counted.left < 0:
            raise TooComplex
