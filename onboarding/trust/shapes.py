"""Which texts are possible at all for a condition key, or as the ARN of a role or user."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from onboarding.policy.globs import Glob, Wild, glob


@dataclass(frozen=True)
class Shape:
    """Which texts are possible at all: so many characters, each of its own set, then any more of `tail`.

    With `takes_any`, characters beyond those can stand too.
    `never` are patterns of texts that are not, and `is_possible` refuses the rest. `examples` are tried before
    anything is searched, and so are patterns with `fillings` in place of their wildcards (`parts` for those
    of one part of an ARN).
    """

    slots: tuple[frozenset[str], ...]
    tail: frozenset[str]
    longest: int
    is_possible: Callable[[str], bool]
    examples: tuple[str, ...] = ()
    fillings: tuple[str, ...] = ("x", "")
    parts: tuple[str, ...] = ()
    never: tuple[Glob, ...] = ()
    takes_any: bool = False

    def at(self, position: int) -> frozenset[str]:
        """Return the characters that can stand there."""
        return self.slots[position] if position < len(self.slots) else self.tail


def shape_of(start: str, allowed: str, *, shortest: int, longest: int, examples: Sequence[str] = ()) -> Shape:
    """Return the shape of texts that begin so, with so many further characters of `allowed`."""
    characters = frozenset(allowed)
    slots = (*(frozenset(c) for c in start), *[characters] * shortest)

    def is_possible(text: str) -> bool:
        rest = text[len(start) :]
        return text.startswith(start) and shortest <= len(rest) <= longest and characters.issuperset(rest)

    return Shape(slots, characters, len(start) + longest, is_possible, tuple(examples))


# What an invented role or user is called.
EXAMPLE: Final = "another"
_NAME = re.compile(r"[0-9A-Za-z_+=,.@-]{1,64}", re.ASCII)
_DIGITS = frozenset("0123456789")
_LONGEST_PATH = 512


@lru_cache(maxsize=32)
def principal_shape(partition: str, resource: str, examples: tuple[str, ...]) -> Shape:
    """Return the shape of the ARNs that roles, or users, can have in a partition. `resource` is `role` or `user`.

    A path can have more characters than a name; none with a wildcard's sign in it was ever seen.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html and
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    start, middle = f"arn:{partition}:iam::", f":{resource}/"
    allowed = frozenset(map(chr, range(33, 127)))
    slots = (*map(frozenset, start), *[_DIGITS] * 12, *map(frozenset, middle), allowed)

    def is_possible(text: str) -> bool:
        account, rest = text[len(start) : len(start) + 12], text[len(start) + 12 :]
        path, _, name = rest.removeprefix(middle).rpartition("/")
        return (
            text.startswith(start)
            and len(account) == 12
            and _DIGITS.issuperset(account)
            and rest.startswith(middle)
            and allowed.issuperset(path)
            and len(path) < _LONGEST_PATH
            and not path.startswith("/")
            and _NAME.fullmatch(name) is not None
        )

    longest = len(start + middle) + 12 + _LONGEST_PATH + 64
    # A path can hold what looks like a wildcard, a name cannot.
    odd_names = (Glob((Wild.RUN, odd, Wild.RUN_IN_NAME)) for odd in "*?")
    never = (glob("*/"), glob(f"*{middle}/*"), *odd_names)
    accounts = tuple(dict.fromkeys(example.split(":")[4] for example in examples))
    fillings = (EXAMPLE, f"{resource}/{EXAMPLE}", f"{resource}/{EXAMPLE}-", "")
    return Shape(slots, allowed, longest, is_possible, examples, fillings, accounts, never)
