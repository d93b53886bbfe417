"""Sandboxes of several workers start at the same moment: no two are given the same ports."""

from __future__ import annotations

import random

import pytest

from tests.browser.sandbox_process import free_ports


def test_ports_that_were_given_out_are_not_given_again_before_anybody_listens_on_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Both look at the same blocks in the same order.
    monkeypatch.setattr(random, "sample", lambda blocks, count: list(blocks)[:count])

    first, second = free_ports(), free_ports()

    assert second >= first + 4
