"""No regular expression takes longer than in proportion to its text: each is fed what would slow it down."""

from __future__ import annotations

import re

import pytest

from config import PROJECT
from tests.guards.regular_expressions import LONGEST, METHODS, Found, expressions, slowness
from tests.guards.source_files import top_parts

pytestmark = pytest.mark.clocked

# What gets its pattern as it runs, and how often: from the stack template, and from settings.py.
MADE_AS_IT_RUNS = {"sandbox/cloudformation/template_rules.py": 1, "setting_kinds.py": 1}


@pytest.fixture(scope="module")
def every_expression():
    return list(expressions(PROJECT, top_parts(PROJECT)))


def test_every_pattern_can_be_read_from_the_code(every_expression):
    made = [found.place.partition(":")[0] for found in every_expression if found.pattern is None]

    assert {place: made.count(place) for place in made} == MADE_AS_IT_RUNS


def test_no_text_slows_one_down(every_expression):
    known = [found for found in every_expression if found.pattern is not None]

    assert len(known) > 50
    assert [slow for slow in map(slowness, known) if slow] == []


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"^\s*x", re.MULTILINE),
        (r"\s+$", 0),
        (r"(?:a+)+$", 0),
        (r"(?:a|a)*b", 0),
        (r"\$\{([^!}]+)\}", 0),
        (rb"(?:<!--.*?-->\s*)*<svg", re.DOTALL),
        (r'"(\w+)"|<[^>]*>', 0),
        (r"(?P<one>[a-z]+)-?(?P<two>[a-z]+)!", 0),
    ],
)
def test_a_slow_pattern_is_found(pattern, flags):
    # Long enough for the quickest machine: the work grows with the square of the length.
    assert slowness(Found("here", pattern, flags, frozenset(METHODS - {"split"})), longest=4 * LONGEST)
