"""How a test run goes: marks by folder, workers by cores, and what the browser tests say at the end.

Only what lies at the root of the tests is loaded in the process that prints, where pytest-xdist shares the work out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER_TESTS = Path(__file__).parent / "browser"
MEASURED = "measured"
MOST_WORKERS = 8
# What `make test` chooses by marks when it runs everything that need not run alone.
MARKS_OF_ALL = ("", "not clocked")
_BROWSERS = pytest.StashKey[set[str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers a core, since browser tests wait for pages much of the time.

    Each worker that runs browser tests starts a sandbox and a browser, so there is a limit.
    """
    return min(2 * (os.cpu_count() or 1), MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark browser tests by their folder, before `-m` chooses by marks."""
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker("browser")
        if item.path.is_relative_to(BROWSER_TESTS / "framed"):
            item.add_marker("framed")


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines put in here are printed at the end of the run."""
    lines: list[str] = []
    yield lines
    request.node.user_properties += [(MEASURED, line) for line in lines]


def note_browser(config: pytest.Config, name: str) -> None:
    """Remember which browser the tests run in, or why there is none, for the end of the run."""
    config.stash.setdefault(_BROWSERS, set()).add(name)
    if hasattr(config, "workeroutput"):
        config.workeroutput["browser"] = name


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker noted; a worker that crashed sends nothing."""
    if name := getattr(node, "workeroutput", {}).get("browser"):
        note_browser(node.config, name)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many browser tests ran, so that none can go missing unnoticed, and what was measured."""
    ours = browser_outcomes(terminalreporter)
    if is_lacking_browser_tests(config, ours):
        terminalreporter.section("browser tests")
        terminalreporter.line("None ran, and they are required here.")
    if any(ours.values()):
        terminalreporter.section("browser tests")
        ran, missing = ours["passed"] + ours["failed"], ours["skipped"] + ours["error"]
        browsers = ", ".join(sorted(config.stash.get(_BROWSERS, set()))) or "no browser was asked for"
        terminalreporter.line(f"{ran} ran, {ours['failed']} of them failed, {missing} did NOT run ({browsers})")
    if lines := measured_lines(terminalreporter):
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of all tests in which no browser test ran, where browser tests are required."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and is_lacking_browser_tests(session.config, browser_outcomes(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def is_browser_required() -> bool:
    """Whether a missing browser is a failure."""
    return os.environ.get("CI") == "true" or bool(os.environ.get("ROLECALL_REQUIRE_BROWSER"))


def is_lacking_browser_tests(config: pytest.Config, ours: dict[str, int]) -> bool:
    """Whether this was a run of all tests, but for clocked ones, and required browser tests were not even collected."""
    is_of_all = config.args_source is pytest.Config.ArgsSource.TESTPATHS and config.option.markexpr in MARKS_OF_ALL
    is_controller = not hasattr(config, "workerinput") and not config.option.collectonly
    return is_browser_required() and is_of_all and is_controller and not any(ours.values())


def browser_outcomes(terminalreporter: Any) -> dict[str, int]:
    """Return how many browser tests passed, failed, broke or were skipped."""
    return {
        outcome: sum(
            1
            for report in terminalreporter.stats.get(outcome, [])
            if report.nodeid.startswith("tests/browser/") and report.when in ("call", "setup")
        )
        for outcome in ("passed", "failed", "error", "skipped")
    }


def measured_lines(terminalreporter: Any) -> list[str]:
    """Return what tests put in `measured`: every report of a test lists it, the last one in full."""
    return [
        line
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, line in report.user_properties
        if name == MEASURED
    ]
