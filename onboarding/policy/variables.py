"""Policy variables: `${aws:username}` in a value stands for what the request carries.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: they work with version
2012-10-17 alone, may name a default (`${aws:username, 'nobody'}`), and `${*}`, `${?}` and `${$}` are plain characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from onboarding.policy.globs import Token, Wild
from onboarding.policy.keys import Keys

# These stand for themselves.
PLAIN = frozenset("*?$")


class Missing(Enum):
    """Why a value cannot be filled in: the request lacks the variable, or nobody knows it."""

    ABSENT = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class _Variable:
    name: str
    default: str | None


def names_in(value: str) -> frozenset[str]:
    """Return the keys that a value's variables name, in lower case."""
    if "${" not in value:
        return frozenset()
    return frozenset(piece.name for piece in _pieces(value) if isinstance(piece, _Variable))


def filled(value: str, keys: Keys | None, *, reads_wildcards: bool) -> tuple[Token, ...] | Missing:
    """Return a value's characters and wildcards, its variables filled in. Without keys, `${` is plain text."""
    wild = {c: Wild(c) for c in "*?"} if reads_wildcards else {}
    if keys is None or "${" not in value:
        return tuple(wild.get(c, c) for c in value)
    tokens: list[Token] = []
    for piece in _pieces(value):
        if isinstance(piece, str):
            tokens += [wild.get(c, c) for c in piece]
        elif piece.name in PLAIN:
            tokens += piece.name
        else:
            text = _value_of(piece, keys)
            if isinstance(text, Missing):
                return text
            tokens += text
    return tuple(tokens)


def _value_of(variable: _Variable, keys: Keys) -> str | Missing:
    if variable.name not in keys:
        return Missing.UNKNOWN
    values = keys[variable.name]
    if values is None:
        return Missing.ABSENT if variable.default is None else variable.default
    return values[0] if isinstance(values, tuple) and len(values) == 1 else Missing.UNKNOWN


def _pieces(value: str) -> Iterator[str | _Variable]:
    """Yield plain text and variables in turn. What is opened and not closed is plain text."""
    at = 0
    while (start := value.find("${", at)) >= 0:
        end = value.find("}", start)
        if end < 0:
            break
        yield value[at:start]
        name, comma, default = value[start + 2 : end].partition(",")
        stripped = default.strip()
        is_quoted = bool(comma) and len(stripped) >= 2 and stripped[0] == stripped[-1] == "'"
        yield _Variable(name.strip().lower(), stripped[1:-1] if is_quoted else None)
        at = end + 1
    yield value[at:]
