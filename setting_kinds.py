"""The kinds of values that settings have. An error names the setting, but never shows its value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, urlsplit

from settings import SETTINGS, ConfigError

Read = Mapping[str, str]


def number(read: Read, name: str, *, least: int, most: int) -> int:
    """Return a whole number from `least` to `most`. Raises ConfigError."""
    value = read[name].strip()
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise bad(name, f"a whole number from {least} to {most}")
    return int(value)


def bad(name: str, wanted: str) -> ConfigError:
    """Return the error for a bad value."""
    return ConfigError(f"ROLECALL_{name} must be {wanted}.")


def required(read: Read, name: str) -> str:
    """Return the text of a setting that must be set. Raises ConfigError."""
    value = read[name].strip()
    if not value:
        meaning = next(s.meaning for s in SETTINGS if s.name == name)
        raise ConfigError(f"ROLECALL_{name} is missing: {meaning}.")
    return value


def url(read: Read, name: str, *, schemes: tuple[str, ...], optional: bool = False) -> str:
    """Return a link with one of these schemes, or an empty text if it is optional and not set. Raises ConfigError."""
    if optional and not read[name].strip():
        return ""
    value = required(read, name)
    parts = _split(value)
    is_whole = parts is not None and (parts.hostname or parts.scheme == "mailto")
    if parts is None or parts.scheme not in schemes or not is_whole or re.search(r"\s", value):
        raise bad(name, f"a link that starts with {' or '.join(f'{s}:' for s in schemes)}")
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        # The port is not a number, or an IPv6 address is incomplete.
        return None


def matching(read: Read, name: str, pattern: str, wanted: str) -> str:
    """Return a text that matches the whole pattern. `wanted` describes the pattern. Raises ConfigError."""
    value = required(read, name)
    if not re.fullmatch(pattern, value, re.ASCII):
        raise bad(name, wanted)
    return value


def one_of(read: Read, name: str, known: Iterable[str], *, default: str, what: str = "") -> str:
    """Return one of the known texts, or the default if it is not set. Raises ConfigError."""
    value = read[name].strip() or default
    if value not in known:
        raise bad(name, f"one of {', '.join(known)}{what}")
    return value


def is_yes(read: Read, name: str) -> bool:
    """Return true for yes, false for no or if it is not set. Raises ConfigError."""
    return one_of(read, name, ("yes", "no"), default="no") == "yes"


def sandbox_only(read: Read, name: str, *, insecure: bool) -> str:
    """Return the text of a setting that production refuses. Raises ConfigError."""
    value = read[name].strip()
    if value not in ("", "no") and not insecure:
        raise ConfigError(f"ROLECALL_{name} is only for the sandbox: leave it out.")
    return value
