"""What a first visit to a step costs, in each language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.page_weight import MOST_BYTES, MOST_REQUESTS, Scales
from tests.browser.visitor import Visitor


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_a_first_visit_to_any_step_is_light_in_every_language(
    new_visitor: Callable[..., Visitor], language: str, measured: list[str]
) -> None:
    visitor = new_visitor(locale=language)
    wizard, scales = visitor.start(), Scales(visitor)
    wizard.page.close()
    costs = {number: scales.weigh(wizard.url(number)) for number in range(1, 10)}
    measured.append(f"First visit to a step in {language}, cold cache:      bytes  requests")
    for number, (size, requests) in costs.items():
        measured.append(f"  step {number}                                {size:>11,}  {requests:>8}")

    assert scales.page.locator("html").get_attribute("lang") == language
    assert max(size for size, _ in costs.values()) <= MOST_BYTES
    assert max(requests for _, requests in costs.values()) <= MOST_REQUESTS
