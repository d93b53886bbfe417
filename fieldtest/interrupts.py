"""SIGINT, SIGTERM and SIGHUP end the test, but not the cleaning after it: for that, one more is only noted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Somebody wants the test to end. Not an Exception, so that no handler of errors takes it for one."""


class Interrupts:
    """Turns the first signal into Interrupted. From then on, or once held, only every second one is."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._is_held = False
        self._noted = 0

    def hold(self) -> None:
        """Let no single signal interrupt what comes now."""
        self._is_held = True

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals while the context lasts."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_held:
            self._noted += 1
            if self._noted < 2:
                self._say("Removing what was made. Interrupt again to leave that to `fieldtest --clean`.")
                return
        self._is_held = True
        raise Interrupted
