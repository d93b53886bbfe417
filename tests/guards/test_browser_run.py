"""Where browser tests are required, a run of all tests in which none ran is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT

pytest_plugins = ["pytester"]

PASSES = "def test_it():\n    pass\n"


@pytest.fixture
def tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tests, none of them in a browser, on a machine where browser tests are required."""
    monkeypatch.setenv("CI", "true")
    pytester.makeini("[pytest]\ntestpaths = tests\nmarkers =\n  browser\n  framed\n  clocked\n")
    folder = pytester.mkdir("tests")
    (folder / "test_unit.py").write_text(PASSES)
    return folder


def exit_code(pytester: pytest.Pytester, *arguments: str) -> int:
    return int(pytester.runpytest_inprocess("-p", "tests.run_plugin", *arguments).ret)


@pytest.mark.parametrize("arguments", [(), ("-m", "not clocked")], ids=["all", "all but clocked"])
def test_a_run_of_all_tests_without_a_browser_test_fails(
    pytester: pytest.Pytester, tests: Path, arguments: tuple[str, ...]
) -> None:
    assert exit_code(pytester, *arguments) == 1


def test_it_passes_once_a_browser_test_has_run(pytester: pytest.Pytester, tests: Path) -> None:
    (tests / "browser").mkdir()
    (tests / "browser" / "test_page.py").write_text(PASSES)

    assert exit_code(pytester) == 0


def test_a_run_of_some_tests_needs_no_browser_test(pytester: pytest.Pytester, tests: Path) -> None:
    assert exit_code(pytester, str(tests / "test_unit.py")) == 0


def test_elsewhere_a_run_without_a_browser_test_passes(
    pytester: pytest.Pytester, tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI")

    assert exit_code(pytester) == 0


def test_a_browser_test_without_a_browser_fails_there(tmp_path: Path) -> None:
    test = "tests/browser/test_sandbox_command.py::test_the_console_says_that_it_is_a_stand_in"
    environment = {**os.environ, "CI": "true", "PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test]

    ran = subprocess.run(
        command, check=False, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert ran.returncode == 1, ran.stdout
    assert "1 did NOT run (no Chromium can be started" in ran.stdout
