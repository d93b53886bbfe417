"""Two sites in one browser: `portal.localhost` frames `wizard.localhost`.

All cookies are blocked, the strictest policy, unless a test names others: what depends on the policy runs in each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.browser.framed.frame import NONE, Portal, a_browser
from tests.browser.sandbox_process import Sandbox, running_sandbox
from tests.browser.visitor import Visitor

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose wizard is another site than the portal."""
    folder = tmp_path_factory.mktemp("framed")
    with (
        running_sandbox(folder, stack_seconds=0.5, host="wizard.localhost") as running,
        running.settings(propagation_seconds=0.2),
    ):
        yield running


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> str:
    """The browser's cookie policy: `in_every_policy` and `in_policies` give a test others."""
    return str(getattr(request, "param", NONE))


@pytest.fixture(scope="session")
def browser_of(
    playwright: Playwright, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], BrowserContext]]:
    """`browser_of(mode)`: the browser of that policy. A profile has one policy, and to start one takes seconds."""
    started: dict[str, BrowserContext] = {}

    def find(mode: str) -> BrowserContext:
        if mode not in started:
            started[mode] = a_browser(playwright, tmp_path_factory.mktemp("profile"), mode, sandbox)
        return started[mode]

    yield find
    for context in started.values():
        context.close()


@pytest.fixture
def new_portal(
    playwright: Playwright,
    sandbox: Sandbox,
    mode: str,
    browser_of: Callable[[str], BrowserContext],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Portal]]:
    """`new_portal()`: another client, in a browser of this policy. Whatever went wrong there fails the test.

    The browser has no cookie and no page of an earlier client; with options it is new, its cache too.
    """
    met: list[Visitor] = []
    own: list[BrowserContext] = []

    def meet(**options: Any) -> Portal:
        if options:
            own.append(a_browser(playwright, tmp_path_factory.mktemp("profile"), mode, sandbox, **options))
        visitor = Visitor(own[-1] if options else browser_of(mode), sandbox)
        met.append(visitor)
        return Portal(visitor, f"framed-client-{next(_numbers)}", mode)

    yield meet
    for visitor in met:
        visitor.leave()
    for context in own:
        context.close()
    sandbox.leave()
    assert [problem for visitor in met for problem in visitor.problems] == []


@pytest.fixture
def portal(new_portal: Callable[..., Portal]) -> Portal:
    """The portal's page, with step 1 of a new client's wizard in it."""
    return new_portal().open()
