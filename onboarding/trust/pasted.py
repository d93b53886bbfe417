"""Finding a role's trust policy in what somebody pasted: all of `aws iam get-role`, the policy alone, a state file.

Lenient where there is only one way to read it; where there are two, it says so instead of choosing.
Source: https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from onboarding.ground.wording import clean, say
from onboarding.pasted.access_keys import AccessKeyPasted, holds_access_key, masked
from onboarding.pasted.mending import readings
from onboarding.pasted.something_else import recognised
from onboarding.policy.json_text import DuplicateKey, Unreadable, read_json, why_not_json, without_duplicates
from onboarding.trust.pasted_json import PastedRole, role_in

LONGEST_PASTE = 100_000
_MOST_STARTS = 10

_NO_JSON = Unreadable(
    "no_json", say("There is no policy in it: we look for a text that starts with { and ends with }.")
)
_TWO = Unreadable("two_documents", say("There is more than one document in it. Paste what the command printed, once."))
_CUT_OFF = Unreadable("incomplete", say("The end is missing: paste all that the command printed, to the last }."))
_NO_HEAD = Unreadable(
    "no_beginning", say("The beginning is missing: paste all that the command printed, from the first {.")
)
# What shells, chats and the console put in place of what they leave out.
_LEFT_OUT = frozenset({"", "..", "...", "....", "…", "[...]", "[…]"})
# Not every brace begins a document: prompts and variables of a shell have some.
_ANOTHER = re.compile(r"\{\s*[\"“”„«]")
_HAS_KEY = Unreadable(AccessKeyPasted().code, AccessKeyPasted().words)
_TOO_DEEP = Unreadable("not_a_policy", say("That is nested too deeply, or holds a number too long, for a policy."))
# What the JSON in a text says of it counts; after these, what the text is instead may say more.
_VAGUE = frozenset({"no_json", "not_json", "no_policy", "which_role", "two_documents", "incomplete", "no_beginning"})


def read_pasted(raw: object, *, role_arn: str | None) -> PastedRole | Unreadable:
    """Return the trust policy in a paste, or what keeps us from reading it. Never raises.

    `role_arn` picks the role where several were pasted (`list-roles`). An access key in it is `access_key`.
    """
    read = _read_any(raw, role_arn)
    # JSON can write a key in escapes, which only reading it undoes.
    shown = read.sentence if isinstance(read, Unreadable) else read.all_text
    return _HAS_KEY if masked(shown) != shown else read


def _read_any(raw: object, role_arn: str | None) -> PastedRole | Unreadable:
    text = _text(raw)
    if isinstance(text, Unreadable):
        return text
    if not isinstance(text, str):
        return role_in(text, role_arn)
    if holds_access_key(text):
        return _HAS_KEY
    read = _read(text, role_arn)
    if isinstance(read, PastedRole) or read.code not in _VAGUE:
        return read
    return recognised(text) or read


def _text(raw: object) -> str | dict[Any, Any] | Unreadable:
    if isinstance(raw, bytes | bytearray):
        # What PowerShell writes into a file is UTF-16.
        encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        raw = bytes(raw[: 2 * LONGEST_PASTE + 2]).decode(encoding, "replace")
    if isinstance(raw, str) and len(raw) > LONGEST_PASTE:
        return Unreadable(
            "too_long", say("That is far longer than a role: over {most} characters.", most=LONGEST_PASTE)
        )
    return raw if isinstance(raw, str | dict) else _NO_JSON


def _read(text: str, role_arn: str | None) -> PastedRole | Unreadable:
    """Return the role in the first reading of the text that holds one, else what is wrong with the second one."""
    problems: list[Unreadable] = []
    for reading in readings(text):
        document = _document(reading)
        read = document if isinstance(document, Unreadable) else role_in(document, role_arn)
        if isinstance(read, PastedRole) or read.code not in _VAGUE:
            return read
        problems.append(read)
    return problems[:2][-1]


def _document(text: str) -> Any | Unreadable:
    whole = read_json(text)
    if isinstance(whole, dict | list) or (isinstance(whole, Unreadable) and whole.code == "key_twice"):
        return whole
    start = text.lstrip("\ufeff \t\r\n")
    if start[:3].lower() == "%7b":
        # Forms write a blank as +, and + itself always as %2B.
        return read_json(start.replace("+", " "))
    return _embedded(text)


def _embedded(text: str) -> Any | Unreadable:
    """Return the one JSON object in the text, whatever stands on the lines around it."""
    decoder = json.JSONDecoder(object_pairs_hook=without_duplicates)
    problem: Unreadable | None = None
    for start in _starts(text):
        try:
            found, end = decoder.raw_decode(text, start)
        except DuplicateKey as twice:
            return Unreadable("key_twice", say("“{key}” stands twice in the same place.", key=clean(str(twice))))
        except json.JSONDecodeError as error:
            problem = problem or _not_json(text, error)
            continue
        except (ValueError, RecursionError):
            return _TOO_DEEP
        if problem and _begins_outside(text[:start]):
            return problem
        return _alone(found, text[end:], problem)
    return problem or _NO_JSON


def _alone(found: Any, rest: str, problem: Unreadable | None) -> Any | Unreadable:
    """Return the object unless what follows closes one that we could not read, or did not see begin, or opens another.

    `problem` is what kept us from reading an object that begins before it.
    """
    if rest.count("}") > rest.count("{"):
        return problem or _NO_HEAD
    return _TWO if _ANOTHER.search(rest) else found


def _starts(text: str) -> Iterator[int]:
    """Yield where an object may start: the first brace before a name, then that of a line, before any other."""
    named = _ANOTHER.search(text)
    lines = [m.start(1) for m in re.finditer(r"^[ \t]*(?:\"\w+\"[ \t]*:[ \t]*)?(\{)", text, re.M)]
    yield from dict.fromkeys(
        [*([named.start()] if named else []), *lines[:1], *[m.start() for m in re.finditer(r"\{", text)][:_MOST_STARTS]]
    )


def _begins_outside(before: str) -> bool:
    """Whether an object opened earlier encloses what was found, so that only a part of the document was read."""
    return any(re.match(r"\s*[\"}“”„«]", before[at + 1 :]) or not before[at + 1 :].strip() for at in _braces(before))


def _braces(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if character == "{"][:_MOST_STARTS]


def _not_json(text: str, error: json.JSONDecodeError) -> Unreadable:
    if error.msg.startswith("Invalid control character"):
        sentence = say(
            "A text in it is broken over two lines, at line {line}, as a narrow window does it. "
            "Make the window wider and copy it again.",
            line=error.lineno,
        )
        return Unreadable("not_json", sentence, error.lineno, error.colno)
    # A text that never ends, and nothing left to read, both mean that the paste stops too early.
    if error.msg.startswith("Unterminated") or text[error.pos :].strip() in _LEFT_OUT:
        return _CUT_OFF
    sentence = say(
        "It cannot be read at line {line}, column {column}: {why}.",
        line=error.lineno,
        column=error.colno,
        why=why_not_json(error),
    )
    return Unreadable("not_json", sentence, error.lineno, error.colno)
