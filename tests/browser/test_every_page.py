"""What holds on every page in every state: axe finds nothing, and there is no inline script or style."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.browser import every_page
from tests.browser.axe import axe_finds, looks
from tests.browser.every_page import Opened
from tests.browser.inline import inline_in
from tests.browser.visitor import Visitor, Wizard, wait_until


@pytest.fixture(params=["entrance", "untouched", "waiting", "rejected_then_connected"])
def opened(request: pytest.FixtureRequest, new_visitor: Callable[..., Visitor]) -> Iterator[Opened]:
    """A stretch of the product's pages, one after the other."""
    visitor = new_visitor()
    if request.param == "entrance":
        return every_page.entrance(visitor)
    return getattr(every_page, request.param)(visitor.start())


def test_axe_finds_nothing_and_nothing_is_inline(opened: Iterable[Opened], shots: Path | None) -> None:
    found: list[str] = []
    for name, page in opened:
        found += [f"{name}: {what}" for what in inline_in(page)]
        for width, scheme, rules in looks(narrow=390):
            violations = axe_finds(page, width=width, scheme=scheme, rules=rules)
            found += [f"{name}, {width} wide, {scheme}: {what}" for what in violations]
            if shots is not None:
                page.screenshot(path=shots / f"{name}-{width}-{scheme}.png".replace(" ", "-"), full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})

    assert found == [], "\n".join(found)


def test_axe_notices_pale_text_in_every_look_and_a_nameless_picture_in_each_width(visitor: Visitor) -> None:
    page = visitor.context.new_page()
    text = '<p style="color: #aaa; background: #ccc">Pale</p><img src="data:,">'
    page.set_content(f'<!doctype html><html lang="en"><title>Planted</title><main><h1>Planted</h1>{text}</main></html>')

    for width, scheme, rules in looks(narrow=390):
        found = {what.partition(":")[0] for what in axe_finds(page, width=width, scheme=scheme, rules=rules)}
        assert found == ({"color-contrast"} if rules else {"color-contrast", "image-alt"})


def test_a_violation_of_the_policy_would_be_noticed(new_visitor: Callable[..., Visitor]) -> None:
    wizard: Wizard = new_visitor().start()

    wizard.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">inline</p>')")

    problems = wizard.visitor.problems
    wait_until(wizard.page, lambda: any("policy violated: style-src-attr" in problem for problem in problems))
    wizard.page.wait_for_timeout(200)  # The browser's own complaint comes beside it.
    problems.clear()


def test_the_policy_starts_from_nothing_and_allows_no_inline_code(wizard: Wizard) -> None:
    for where in (1, 3, "no-such-page"):
        policy = wizard.go(where).headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        # One star alone: each region's console has a host of its own (docs/decisions, form-action).
        assert policy.count("*") == 1
        assert "https://*.aws.amazon.com" in policy.partition("form-action ")[2].partition(";")[0]
