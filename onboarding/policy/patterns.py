"""Patterns with `*` (any run) and `?` (any one character), compared in time that no pattern can blow up.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from onboarding.policy.effort import spend

_WILDCARDS = ("*", "?", "${")
_LONGEST_MEETING = 250_000
# In steps: looking a text up, starting to compare two, one place of two patterns that are walked at once, and a
# character that is walked again because a `*` took too little.
_LOOKING_UP = 10
_COMPARING = 8
_MEETING = 20
_GOING_BACK = 2


class Patterns:
    """A list of patterns, prepared so that a text is compared with few of them.

    Those without a wildcard are looked up. The others are kept by what stands before their first wildcard: where that
    differs, no text is matched by both.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        listed = tuple(patterns)
        spend(_COMPARING * len(listed))
        self._listed = frozenset(listed)
        self._plain = tuple(p for p in listed if not has_wildcard(p))
        self._wild: dict[str, list[str]] = {}
        for pattern in self._listed.difference(self._plain):
            self._wild.setdefault(start_of(pattern), []).append(pattern)
        self._lengths = sorted({len(start) for start in self._wild})

    def cover(self, narrow: str) -> bool:
        """Whether one of them matches everything that `narrow` matches."""
        spend(_LOOKING_UP + 2 * len(self._lengths))
        if narrow in self._listed:
            return True
        near = (self._wild.get(narrow[:length], ()) for length in self._lengths)
        return any(covers_pattern(wide=wide, narrow=narrow) for wide in chain.from_iterable(near))

    def meet(self, other: str) -> bool:
        """Whether some text is matched by `other` and by one of them. Says yes where that cannot be told."""
        if other in self._listed:
            spend(_LOOKING_UP)
            return True
        is_wild = has_wildcard(other)
        spend(_LOOKING_UP + 2 * (len(self._wild) + len(self._plain) * is_wild))
        begun = start_of(other)
        near = [
            pattern
            for start, patterns in self._wild.items()
            if begun.startswith(start) or start.startswith(begun)
            for pattern in patterns
        ]
        near += [plain for plain in self._plain if plain.startswith(begun)] if is_wild else []
        return any(patterns_meet(pattern, other) for pattern in near)


def start_of(pattern: str) -> str:
    """Return what stands before the first wildcard: all that the pattern matches begins with it."""
    return pattern[: min((at for mark in _WILDCARDS if (at := pattern.find(mark)) >= 0), default=len(pattern))]


def has_wildcard(text: str) -> bool:
    """Whether the text stands for more than itself; `${…}` is a policy variable, which does too."""
    return any(mark in text for mark in _WILDCARDS)


def matches_pattern(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text, letter case and all."""
    return _fits(text, pattern, is_pattern=False)


def covers_pattern(*, wide: str, narrow: str) -> bool:
    """Whether everything that `narrow` matches, `wide` matches too. May say no where the answer is a close yes."""
    return _fits(narrow, wide, is_pattern=True)


def patterns_meet(one: str, other: str) -> bool:
    """Whether some text is matched by both. Says yes where that cannot be told."""
    if "*" in (one, other) or "${" in one + other:
        return True
    if not has_wildcard(one):
        return matches_pattern(one, other)
    if not has_wildcard(other):
        return matches_pattern(other, one)
    if len(one) * len(other) > _LONGEST_MEETING:
        return True
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        spend(_MEETING)
        i, j = waiting.pop()
        if i == len(one) and j == len(other):
            return True
        for step in _steps(one, i, other, j):
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return False


def _steps(one: str, i: int, other: str, j: int) -> list[tuple[int, int]]:
    mine, theirs = one[i : i + 1], other[j : j + 1]
    steps = []
    if mine == "*":
        steps += [(i + 1, j)] + ([(i, j + 1)] if theirs else [])
    if theirs == "*":
        steps += [(i, j + 1)] + ([(i + 1, j)] if mine else [])
    if mine and theirs and (mine == theirs or "?" in (mine, theirs)):
        steps.append((i + 1, j + 1))
    return steps


def _fits(text: str, pattern: str, *, is_pattern: bool) -> bool:
    """Walk both once, going back only to the last `*`: time is at most the product of the lengths, and is spent.

    With `is_pattern`, a `*` in the text is a run of unknown length, which only a `*` in the pattern can swallow.
    """
    spend(_COMPARING)
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
    spend(len(text))
    at, place = 0, 0
    star, resume = -1, 0
    while at < len(text):
        wanted = pattern[place] if place < len(pattern) else None
        if wanted == "*":
            star, resume = place, at
            place += 1
        elif wanted is not None and (wanted == text[at] or (wanted == "?" and not (is_pattern and text[at] == "*"))):
            at, place = at + 1, place + 1
        elif star >= 0:
            spend(_GOING_BACK * (at - resume + 1))
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return all(rest == "*" for rest in pattern[place:])
