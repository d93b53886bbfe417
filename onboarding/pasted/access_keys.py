"""AWS access keys in what somebody pasted by mistake: seen, so that they are neither shown again nor kept.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes (AKIA begins a
long-term key's ID, ASIA a temporary one's); the secret is 40 characters of base64.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from onboarding.ground.refused import Refused
from onboarding.ground.wording import say

_KEY_ID = re.compile(r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])")
_SECRET = re.compile(r"(?<![A-Za-z0-9/+%_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_KINDS = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9/+]"))
_NO_LETTERS = re.compile(r"[0-9/+]+")
# So many runs of digits and signs a random text of that length has nearly always, and a Sid hardly ever.
_GROUPS = 3
_BORDER = frozenset({"", "\r", "\n"})
# What may be as long as a secret, and is none: a path in an ARN or an address.
_NAMES = re.compile(r"(?:arn:|https?://)[^\s\"']*")
# What stands before a secret that is called one; "secretsmanager" and the like do not.
_CALLED_SECRET = re.compile(
    r"secret[ _-]?access[ _-]?key|aws_secret|\bsecret(?:[ _-]?key)?[\"' ]{0,2}[:=]", re.IGNORECASE
)
_NEAR = 40
# Where a session token begins: the base64 of what AWS writes first.
_SESSION_TOKEN = re.compile(r"(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdzE|FQoGZXIvYXdzE)[A-Za-z0-9/+=_-]*+")
# Also where letters stand before it, as in the \\n of JSON: what is masked in vain does no harm.
_MASKED_ID = re.compile(r"(A[KS]IA)[A-Z0-9]{16}")


class AccessKeyPasted(Refused):
    """A secret stands in a box that is for something else. Whoever shows the box again empties it first."""

    def __init__(self) -> None:
        super().__init__(
            "access_key",
            say("That holds an AWS access key. We did not keep it, and we never need one."),
            say(
                "It has left your machine, so rotate it: in IAM, deactivate the key and make a new one. "
                "A temporary one ends by itself, or when you revoke the role’s sessions."
            ),
        )


def holds_access_key(text: str) -> bool:
    """Whether the text holds the ID of an access key, its secret, or a session token."""
    if _KEY_ID.search(text) or _SESSION_TOKEN.search(text):
        return True
    return any(is_called_so or _looks_secret(found) for found, is_called_so in _candidates(text))


def masked(text: str) -> str:
    """Return the text with stars in place of what no screen and no log may show of an access key.

    A secret is known by what it is called, or by a key's ID in the same text; one by its look alone stays.
    """
    has_id = _MASKED_ID.search(text) is not None
    pieces, end = [], 0
    for found, is_called_so in _candidates(text) if has_id or _CALLED_SECRET.search(text) else ():
        if is_called_so or (has_id and _mixes(found[0])):
            pieces += [text[end : found.start()], "*" * len(found[0])]
            end = found.end()
    text = "".join([*pieces, text[end:]])
    return _SESSION_TOKEN.sub("*" * 16, _MASKED_ID.sub(rf"\1{'*' * 16}", text))


def _candidates(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield what is as long as a secret and of its characters, and whether it is called one right before."""
    rest = _NAMES.sub(lambda found: " " * len(found[0]), text)
    for found in _SECRET.finditer(rest):
        yield found, _CALLED_SECRET.search(rest, max(0, found.start() - _NEAR), found.start()) is not None


def _looks_secret(found: re.Match[str]) -> bool:
    """Whether it is random, and has a sign of base64's or a line of its own: Sids and external IDs are as long."""
    word, text = found[0], found.string
    around = (text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1])
    is_marked = "/" in word or "+" in word or _BORDER.issuperset(around)
    return is_marked and _mixes(word) and len(_NO_LETTERS.findall(word)) >= _GROUPS


def _mixes(word: str) -> bool:
    """Whether it has small letters, capitals, and a digit or sign; a hash in hexadecimal has one size of letters."""
    return all(kind.search(word) for kind in _KINDS)
