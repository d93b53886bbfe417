"""AWS access keys in what somebody pasted by mistake: seen, so that they are neither shown again nor kept.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes (AKIA begins a
long-term key's ID, ASIA a temporary one's); the secret is 40 characters of base64.
"""

from __future__ import annotations

import re

from onboarding.ground.refused import Refused
from onboarding.ground.wording import say

_KEY_ID = re.compile(r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])")
_SECRET = re.compile(r"(?<![A-Za-z0-9/+%_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_KINDS = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9/+]"))
_NO_LETTERS = re.compile(r"[0-9/+]+")
# What may be as long as a secret, and is none: a path in an ARN or an address.
_NAMES = re.compile(r"(?:arn:|https?://)[^\s\"']*")
# Where a session token begins: the base64 of what AWS writes first.
_SESSION_TOKENS = ("IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdzE", "FQoGZXIvYXdzE")


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
    if _KEY_ID.search(text) or any(token in text for token in _SESSION_TOKENS):
        return True
    rest = _NAMES.sub(" ", text)
    says_so = "secret" in text.lower()
    return any(_is_random(found[0], groups=1 if says_so else 3) for found in _SECRET.finditer(rest))


def _is_random(word: str, *, groups: int) -> bool:
    """Whether it mixes small letters, capitals and so many groups of digits and signs.

    A hash in hexadecimal is as long, and so can be a Sid: the one has no letters of both sizes, the other few digits.
    """
    return all(kind.search(word) for kind in _KINDS) and len(_NO_LETTERS.findall(word)) >= groups
