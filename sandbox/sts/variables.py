"""Policy variables: `${aws:PrincipalAccount}`, `${aws:username, 'nobody'}`, and `${*}`, `${?}`, `${$}` for themselves.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

WITH_VARIABLES = "2012-10-17"
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True)
class Wanted:
    """A value of a policy: `text` to compare as it is, `glob` for fnmatch, where only the policy's own `*` match."""

    text: str
    glob: str


def as_glob(text: str, *, is_literal: bool = False) -> str:
    """Return the pattern of fnmatch that means what the text means to AWS, or with `is_literal` the text alone."""
    special = "[*?" if is_literal else "["
    return "".join(f"[{character}]" if character in special else character for character in text)


def plain(text: str) -> Wanted:
    """Return the value of a policy where variables are not known: by an older version, or with another operator."""
    return Wanted(text, as_glob(text))


def resolve(text: str, context: Mapping[str, tuple[str, ...]]) -> Wanted | None:
    """Return the policy's value with the request's values in place of its variables.

    None: a variable has neither a value in the request nor a default. AWS says that this "might cause the entire
    statement to be invalid"; such a value matches nothing here.
    """
    texts, globs, at = [], [], 0
    for variable in _VARIABLE.finditer(text):
        value = _value(variable[1], context)
        if value is None:
            return None
        before = text[at : variable.start()]
        texts += [before, value]
        globs += [as_glob(before), as_glob(value, is_literal=True)]
        at = variable.end()
    return Wanted("".join([*texts, text[at:]]), "".join([*globs, as_glob(text[at:])]))


def _value(inside: str, context: Mapping[str, tuple[str, ...]]) -> str | None:
    if inside in ("*", "?", "$"):
        return inside
    key, _, quoted = (part.strip() for part in inside.partition(","))
    values = context.get(key.lower(), ())
    if len(values) == 1:
        return values[0]
    # AWS puts no key of several values into a variable.
    return quoted[1:-1] if not values and len(quoted) > 1 and quoted[0] == quoted[-1] == "'" else None
