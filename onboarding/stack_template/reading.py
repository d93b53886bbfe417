"""Reads values out of a stack template's document, and says in words what is not there."""

from __future__ import annotations

from typing import Any


class StackTemplateError(ValueError):
    """The stack template is unusable. The message says what is wrong and where."""


def text_at(document: Any, *path: str) -> str:
    """Return the text at a path, on one line. Raises StackTemplateError that names the path."""
    found = value_at(document, *path)
    if not isinstance(found, str) or not found.strip():
        raise StackTemplateError(f"The stack template has no text at {', '.join(path)}.")
    return " ".join(found.split())


def value_at(document: Any, *path: str) -> Any:
    """Return the value at a path of keys, or None if there is none."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def listed(found: Any) -> list[Any]:
    """Return a list. IAM accepts one statement or action without a list around it."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
