"""The example portal stays what it is meant to be: all of it, on one screen or two."""

from __future__ import annotations

from config import PROJECT


def test_a_whole_portal_takes_under_a_hundred_lines():
    assert len((PROJECT / "examples/portal/portal.py").read_text().splitlines()) < 100
