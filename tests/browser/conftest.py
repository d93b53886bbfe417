"""A real Chromium against a real sandbox. Where there is no browser, the tests say that they did not run.

CI=true or ROLECALL_REQUIRE_BROWSER=yes makes a missing browser a failure; ROLECALL_SHOTS=yes keeps screenshots.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.sandbox_process import Sandbox, running_sandbox
from tests.browser.visitor import Visitor, Wizard
from tests.run_plugin import is_browser_required, note_browser

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Browser]:
    """A Chromium of the machine's own, or else Playwright's."""
    found = _launch(playwright)
    if isinstance(found, str):
        why = f"no Chromium can be started: {found}"
        note_browser(request.config, why)
        _do_without(why)
        return
    note_browser(request.config, f"Chromium {found.version}")
    yield found
    found.close()


@pytest.fixture(scope="session")
def sandbox_where(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Sandbox]]:
    """`sandbox_where(True)`: the sandbox in which stacks report back. Each is started when the first test needs it."""
    running: dict[bool, Sandbox] = {}
    with ExitStack() as started:

        def sandbox(with_callbacks: bool) -> Sandbox:
            if with_callbacks not in running:
                folder = tmp_path_factory.mktemp("sandbox")
                new = started.enter_context(running_sandbox(folder, stack_seconds=0.5, with_callbacks=with_callbacks))
                new.control("settings", {"propagation_seconds": 0.2})
                running[with_callbacks] = new
            return running[with_callbacks]

        yield sandbox


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_where: Callable[[bool], Sandbox]) -> Sandbox:
    """One sandbox for all: every test is a tenant of its own with an account of its own.

    Stacks report back in it, unless the test or ROLECALL_CALLBACKS=no says otherwise. What holds both ways says
    `pytestmark = BOTH_WAYS`.
    """
    return sandbox_where(getattr(request, "param", os.environ.get("ROLECALL_CALLBACKS") != "no"))


@pytest.fixture
def new_visitor(browser: Browser, sandbox: Sandbox) -> Iterator[Callable[..., Visitor]]:
    """`new_visitor(java_script_enabled=False)`: another person. Whatever went wrong in a browser fails the test."""
    met: list[Visitor] = []

    def meet(**options: Any) -> Visitor:
        met.append(Visitor(browser, sandbox, **options))
        return met[-1]

    yield meet
    for visitor in met:
        visitor.context.close()
    sandbox.leave()
    assert [problem for visitor in met for problem in visitor.problems] == []


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Somebody from a company that nobody has met yet."""
    return new_visitor()


@pytest.fixture
def wizard(visitor: Visitor) -> Wizard:
    """Step 1 of a new connection."""
    return visitor.start()


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """Where screenshots go, if anybody asked for them."""
    if not os.environ.get("ROLECALL_SHOTS"):
        return None
    folder = HERE / "shots"
    folder.mkdir(exist_ok=True)
    return folder


def chromium_paths(names: Sequence[str] = ("chromium-headless-shell", "chromium", "google-chrome")) -> list[str | None]:
    """Return where a Chromium may be, the best first; None is Playwright's own.

    The headless shell is the same engine without the windows that nobody sees: a third less of the processor's time.
    """
    return [*(path for name in names if (path := shutil.which(name))), None]


def _launch(playwright: Playwright) -> Browser | str:
    """Return a running browser, or why there is none."""
    why = ""
    for path in chromium_paths():
        try:
            return playwright.chromium.launch(executable_path=path, args=FLAGS)
        except PlaywrightError as error:
            why = error.message.strip().splitlines()[0]
    return why


def _do_without(why: str) -> None:
    if is_browser_required():
        pytest.fail(f"Browser tests are required here, and {why}", pytrace=False)
    pytest.skip(f"Browser tests did NOT run: {why}")
