"""axe in the browser: what it finds on a page or in a frame, in each width and colour scheme."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Frame, Page

AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
# The rules that read colours. All others depend on the width and not on the colour scheme.
COLOURS = ("color-contrast", "link-in-text-block")
Look = tuple[int, str, Sequence[str]]


def looks(narrow: int) -> tuple[Look, ...]:
    """Return each width with each colour scheme: every rule once a width, the rules that read colours every time."""
    return (1280, "light", ()), (narrow, "dark", ()), (1280, "dark", COLOURS), (narrow, "light", COLOURS)


def axe_finds(
    page: Page, *, width: int, scheme: str, rules: Sequence[str] = (), height: int = 900, frame: Frame | None = None
) -> list[str]:
    """Return axe's violations on the page, or in the frame of it, in that width and colour scheme.

    All details are open. `rules` are the names of the only rules to run.
    """
    examined = frame or page
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    examined.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    if not examined.evaluate("'axe' in window"):
        examined.evaluate(AXE)
    # Nothing to preload: no page has sound or video, and the rule about style sheets is not among axe's own choice.
    options = {"resultTypes": ["violations"], "preload": False, **({"runOnly": rules} if rules else {})}
    found = examined.evaluate("(options) => axe.run(options).then((results) => results.violations)", options)
    return [f"{v['id']}: {v['help']} at {[node['target'] for node in v['nodes']]}" for v in found]
