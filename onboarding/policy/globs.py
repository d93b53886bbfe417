"""Patterns as small automata: they match in one pass, and a search can walk several of them side by side.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html (`*` is any run of
characters, `?` any one character).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final

from onboarding.policy.effort import spend

ARN_PARTS: Final = 6
_MATCHING = 4


class Wild(Enum):
    """A wildcard. Those of one part of an ARN do not match its colons, those of a name not what ends its path."""

    RUN = "*"
    ONE = "?"
    RUN_IN_PART = "*:"
    ONE_IN_PART = "?:"
    RUN_IN_NAME = "*/"
    ONE_IN_NAME = "?/"


Token = str | Wild

_RUNS = (Wild.RUN, Wild.RUN_IN_PART, Wild.RUN_IN_NAME)
_IN_PART = {Wild.RUN: Wild.RUN_IN_PART, Wild.ONE: Wild.ONE_IN_PART}


class Glob:
    """A sequence of characters and wildcards. A state is a number whose bit n says that n tokens are behind us."""

    def __init__(self, tokens: Iterable[Token], *, ignores_case: bool = False) -> None:
        self.tokens = _without_double_runs(tokens)
        plain = [t for t in self.tokens if isinstance(t, str)]
        self.characters = frozenset(plain)
        is_plain = len(plain) == len(self.tokens) and not ignores_case
        self.literal = "".join(plain) if is_plain else None
        self.ignores_case = ignores_case
        self._end = 1 << len(self.tokens)
        self._hash = hash((self.tokens, ignores_case))
        if self.literal is None:
            self._prepare()

    def _prepare(self) -> None:
        self._runs = self._ones = 0
        # By the character that they do not match.
        self._stopped = {":": 0, "/": 0}
        self._at: dict[str, int] = {}
        for index, token in enumerate(self.tokens):
            bit = 1 << index
            if isinstance(token, str):
                for spelling in {token.lower(), token.upper()} if self.ignores_case else (token,):
                    self._at[spelling] = self._at.get(spelling, 0) | bit
            elif token in _RUNS:
                self._runs |= bit
            else:
                self._ones |= bit
            if isinstance(token, Wild) and len(token.value) > 1:
                self._stopped[token.value[1]] |= bit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Glob) and (self.tokens, self.ignores_case) == (other.tokens, other.ignores_case)

    def __hash__(self) -> int:
        return self._hash

    def covers(self, other: Glob) -> bool:
        """Whether this is the other pattern, or the same without regard to letter case."""
        if self.ignores_case:
            return len(self) == len(other) and all(map(_is_same, self.tokens, other.tokens))
        return self.tokens == other.tokens and not other.ignores_case

    @property
    def start(self) -> int:
        """The state in which nothing has been read."""
        return self._closed(1)

    def step(self, state: int, character: str) -> int:
        """Return the state after one more character; 0 matches nothing any more."""
        runs, ones = self._runs, self._ones
        if character in self._stopped:
            goes_on = ~self._stopped[character]
            runs, ones = runs & goes_on, ones & goes_on
        moved = (state & (self._at.get(character, 0) | ones)) << 1
        return self._closed(moved | (state & runs))

    def follows(self, state: int) -> frozenset[str] | None:
        """Return the characters that lead on from a state, or None where any might."""
        if state & (self._runs | self._ones):
            return None
        tokens = (self.tokens[index] for index in range(state.bit_length()) if state >> index & 1 and index < len(self))
        found = {token for token in tokens if isinstance(token, str)}
        return frozenset(
            found | {c.lower() for c in found} | {c.upper() for c in found} if self.ignores_case else found
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def accepts(self, state: int) -> bool:
        """Whether what was read matches."""
        return bool(state & self._end)

    def accepts_for_ever(self, state: int) -> bool:
        """Whether what was read matches, and would with anything after it."""
        return bool(state & self._end) and bool(self.tokens) and self.tokens[-1] is Wild.RUN

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        spend(_MATCHING)
        if self.literal is not None:
            return text == self.literal
        spend(_MATCHING * len(text))
        state = self.start
        for character in text:
            state = self.step(state, character)
            if not state:
                return False
        return self.accepts(state)

    def walked(self) -> Glob:
        """Return the same pattern, ready for being walked step by step."""
        if self.literal is not None and not hasattr(self, "_at"):
            self._prepare()
        return self

    def _closed(self, state: int) -> int:
        # A run can be empty. Two runs never stand side by side, so once is enough.
        return state | (state & self._runs) << 1


def _is_same(one: Token, other: Token) -> bool:
    return one == other or (isinstance(one, str) and isinstance(other, str) and one.lower() == other.lower())


def _without_double_runs(tokens: Iterable[Token]) -> tuple[Token, ...]:
    kept: list[Token] = []
    for token in tokens:
        if kept and token in _RUNS and kept[-1] in _RUNS:
            kept[-1] = token if token is kept[-1] else Wild.RUN
        else:
            kept.append(token)
    return tuple(kept)


def kept_within(tokens: Iterable[Token], stop: str) -> tuple[Token, ...]:
    """Return tokens whose wildcards do not match `stop`, which is `:` or `/`."""
    return tuple(Wild(token.value[0] + stop) if isinstance(token, Wild) else token for token in tokens)


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return a text's characters, with its wildcards as such."""
    return tuple(Wild(c) if c in "*?" else c for c in text)


def arn_glob(tokens: Sequence[Token]) -> Glob | None:
    """Return what ArnEquals and ArnLike compare with, or None for what has no six parts.

    Each of the six colon-delimited parts is compared by itself.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if list(tokens).count(":") < ARN_PARTS - 1:
        return None
    colons = 0
    parted: list[Token] = []
    for token in tokens:
        colons += 1 if token == ":" else 0  # noqa: S105 (a token of a pattern)
        parted.append(_IN_PART.get(token, token) if isinstance(token, Wild) and colons < ARN_PARTS - 1 else token)
    return Glob(parted)


# Longer ones are rare, and keeping many of them would be a way to fill our memory.
LONGEST_KEPT: Final = 256


def glob(text: str) -> Glob:
    """Return the pattern that a text is, wildcards and all."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _kept_awhile(text)


@lru_cache(maxsize=1024)
def _kept(text: str) -> Glob:
    return Glob(tokens_of(text))


@lru_cache(maxsize=32)
def _kept_awhile(text: str) -> Glob:
    return Glob(tokens_of(text))
