"""The JSON that a policy comes as: a text, URL-encoded or not, or what a client has made of it. Never raises.

Sizes and depth are bounded, a name twice in one object is refused, and nothing is guessed.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html (documents come URL-encoded)
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from onboarding.ground.wording import Text, clean, say
from onboarding.policy.effort import spend

# AWS takes 10,240 characters of inline policies and far fewer of trust policy; blanks come on top of that.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_TEXT = 65_536
MOST_VALUES = 5_000
DEEPEST = 16
_LONGEST_NUMBER_BITS = 1_000
# What one value costs until it stands in a PolicyDocument, in steps.
_READING = 40


@dataclass(frozen=True)
class Unreadable:
    """Why something is no policy, as a code and a sentence. Line and column count from 1, or are 0 where unknown."""

    code: str
    sentence: Text
    line: int = 0
    column: int = 0


def read_json(text: str, *, longest: int = LONGEST_TEXT) -> Any | Unreadable:
    """Return the JSON in a text, decoded if it is URL-encoded or a JSON string of JSON. Never raises.

    A key twice in one object is refused: readers differ in which of the two they take.
    """
    spend(len(text) // 2)
    if len(text) > longest:
        return Unreadable("too_long", say("That is longer than any policy: more than {most} characters.", most=longest))
    text = text.strip().removeprefix("\ufeff").strip()
    if text[:3].lower() in ("%7b", "%22"):
        text = unquote(text, errors="replace").strip()
    found = _loaded(text)
    return _loaded(found) if isinstance(found, str) else found


def _loaded(text: str) -> Any | Unreadable:
    try:
        return json.loads(text, object_pairs_hook=without_duplicates)
    except DuplicateKey as twice:
        sentence = say(
            "“{key}” stands twice in the same place, so it is not clear which counts.", key=clean(str(twice))
        )
        return Unreadable("key_twice", sentence)
    except json.JSONDecodeError as error:
        sentence = say(
            "That is not JSON at line {line}, column {column}: {why}.",
            line=error.lineno,
            column=error.colno,
            why=why_not_json(error),
        )
        return Unreadable("not_json", sentence, error.lineno, error.colno)
    except (ValueError, RecursionError):
        return Unreadable("not_a_policy", say("That is nested too deeply, or holds a number too long, for a policy."))


# What json's parser says, so that it can be said in other languages. What it says besides is shown as it is.
_PARSER_SAYS: Mapping[str, Text] = {
    said: said
    for said in (
        say("Expecting value"),
        say("Expecting property name enclosed in double quotes"),
        say("Expecting ':' delimiter"),
        say("Expecting ',' delimiter"),
        say("Unterminated string starting at"),
        say("Invalid control character at"),
        say("Invalid \\escape"),
        say("Invalid \\uXXXX escape"),
        say("Illegal trailing comma before end of object"),
        say("Illegal trailing comma before end of array"),
        say("Extra data"),
    )
}


def why_not_json(error: json.JSONDecodeError) -> Text:
    """Return what the parser says of a text that is no JSON."""
    return _PARSER_SAYS.get(error.msg, Text(error.msg))


class DuplicateKey(ValueError):
    """A key stands twice in one JSON object; the argument is the key."""


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dict, for json's `object_pairs_hook`. Raises DuplicateKey."""
    made = dict(pairs)
    if len(made) != len(pairs):
        times = Counter(key for key, _ in pairs)
        raise DuplicateKey(next(key for key, count in times.items() if count > 1))
    return made


def beyond_bounds(document: dict[Any, Any], *, longest: int = LONGEST_TEXT) -> Unreadable | None:
    """Return why the object is more than any policy, or is not JSON; None for one that may be read."""
    waiting: list[tuple[dict[Any, Any] | list[Any], int]] = [(document, 1)]
    values = characters = 0
    while waiting:
        node, depth = waiting.pop()
        values += len(node) * (2 if isinstance(node, dict) else 1)
        if (depth >= DEEPEST and node) or values > MOST_VALUES:
            return Unreadable("too_long", say("That is longer, or nested more deeply, than any policy."))
        if isinstance(node, dict):
            if not all(isinstance(key, str) for key in node):
                return Unreadable("not_a_policy", say("A name in it is not text."))
            characters += sum(map(len, node))
        for child in node.values() if isinstance(node, dict) else node:
            # Most of what a policy holds is text, which is cheaper to count than to put aside.
            if isinstance(child, str):
                characters += len(child)
            elif isinstance(child, dict | list):
                waiting.append((child, depth + 1))
            elif isinstance(child, int) and child.bit_length() > _LONGEST_NUMBER_BITS:
                return Unreadable("not_a_policy", say("It holds a number too long for a policy."))
            elif child is not None and not isinstance(child, int | float):
                return Unreadable("not_a_policy", say("It holds something that is not JSON."))
        if characters > longest:
            return Unreadable("too_long", say("That is longer, or nested more deeply, than any policy."))
    spend(_READING * values + characters // 2)
    return None
