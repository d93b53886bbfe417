"""Patterns match what they say, by another way of matching, and can be walked without a wrong turn."""

from __future__ import annotations

from itertools import product

import pytest

from onboarding.policy.effort import TooComplex, at_most
from onboarding.policy.globs import Glob, Wild, arn_glob, glob, tokens_of

PATTERNS = ["".join(p) for n in range(5) for p in product("ab*?", repeat=n)]
TEXTS = ["".join(t) for n in range(5) for t in product("abc", repeat=n)]


def by_hand(pattern: str, text: str) -> bool:
    """The slow and plain way."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(by_hand(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and by_hand(pattern[1:], text[1:])


def test_every_short_pattern_matches_just_what_it_says():
    for pattern in PATTERNS:
        made = glob(pattern)
        assert [t for t in TEXTS if made.matches(t)] == [t for t in TEXTS if by_hand(pattern, t)], pattern


def test_a_walk_says_what_can_come_next_and_when_all_is_won():
    for pattern in PATTERNS:
        made = Glob(tokens_of(pattern)).walked()
        for text in TEXTS[:40]:
            state = made.start
            for character in text:
                state = made.step(state, character)
            assert made.accepts(state) is by_hand(pattern, text)
            leads = {c for c in "abc" if made.step(state, c)}
            follows = made.follows(state)
            assert leads <= (set("abc") if follows is None else follows)
            if made.accepts_for_ever(state):
                assert all(by_hand(pattern, text + more) for more in TEXTS[:40])


def test_ignoring_case_counts_for_letters_and_leaves_wildcards():
    made = Glob(("A", Wild.RUN, "b"), ignores_case=True)

    assert all(map(made.matches, ("aB", "Axb", "a-B")))
    assert not made.matches("b-a")


@pytest.mark.parametrize("text", ["", "a:b:c:d:e", "*", "arn:*"])
def test_what_has_no_six_parts_is_no_pattern_of_an_arn(text):
    assert arn_glob(tokens_of(text)) is None


def test_the_worst_pattern_costs_steps_in_proportion_to_the_text():
    made = glob("*a" * 60)

    with at_most(20_000):
        assert made.matches("a" * 2_000)
    with pytest.raises(TooComplex), at_most(100):
        made.matches("a" * 2_000)
