"""Takes out of the report what names accounts, people and requests. What is the same stays the same.

Whoever reads a report can tell that two texts are about one account, but not which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from onboarding.ground.external_id import EXTERNAL_ID_PATTERN
from onboarding.pasted.access_keys import masked

# Bounded repetitions, so linear in the length of the text. Without borders: what is before can be a %7C or %3A.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("external-ID", re.compile(EXTERNAL_ID_PATTERN, re.ASCII | re.IGNORECASE)),
    ("ID", re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)),
    ("principal-ID", re.compile(r"A(?:IDA|ROA|GPA|NPA|SCA)[A-Z0-9]{12,24}", re.ASCII)),
    ("account", re.compile(r"(?<![0-9])(?:[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4})(?![0-9])", re.ASCII)),
    ("host", re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", re.ASCII)),
)


class Masker:
    """Masks the texts of one report. `known` names what is known beforehand: {"111122223333": "account-A"}."""

    def __init__(self, known: Mapping[str, str]) -> None:
        # The longest first: a role's name can be a part of its ARN's.
        self._known = sorted(known.items(), key=lambda pair: len(pair[0]), reverse=True)
        self._numbers: dict[tuple[str, str], str] = {}
        self._accounts = {name: mask for name, mask in known.items() if re.fullmatch(r"[0-9]{12}", name, re.ASCII)}

    def text(self, text: str) -> str:
        """Return the text without what it must not tell."""
        for name, mask in self._known:
            text = text.replace(name, mask)
        for kind, pattern in _KINDS:
            text = pattern.sub(partial(self._mask, kind), text)
        return masked(text)

    def value(self, value: Any) -> Any:
        """Return the value with every text in it masked. Keys are ours, and stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(key): self.value(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value

    def _mask(self, kind: str, found: re.Match[str]) -> str:
        plain = found[0].replace("-", "") if kind == "account" else found[0]
        if plain in self._accounts:
            return self._accounts[plain]
        number = sum(1 for other, _ in self._numbers if other == kind) + 1
        return self._numbers.setdefault((kind, plain), f"{kind}-{number}")
