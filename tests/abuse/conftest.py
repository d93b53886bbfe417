from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.abuse.house import House
from tests.abuse.measuring import IS_WHOLE, Bench
from tests.web.conftest import story  # noqa: F401 (a fixture)

_LINES: list[str] = []


@pytest.fixture
def house(store, clock, tenant, story) -> House:  # noqa: F811
    return House(store, clock, tenant, story)


@pytest.fixture
def tables() -> Iterator[dict[str, Bench]]:
    """The benches of a test, by what they are called in the table that `make abuse` prints."""
    benches: dict[str, Bench] = {}
    yield benches
    if IS_WHOLE:
        for name, bench in benches.items():
            _LINES.extend(["", f"{name}: {bench.summary}", *bench.slowest_five()])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _LINES:
        terminalreporter.write_line(line)
