"""What is looked up once a request, and kept until it ends. Nothing else of the views is in Flask's `g`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import abort, g

from onboarding.ports import NotFound

log = logging.getLogger("rolecall.views")

Found = TypeVar("Found")


def once_a_request(look_up: Callable[[], Found]) -> Callable[[], Found]:
    """Return a function that calls `look_up` the first time in a request, and after that repeats its answer."""

    @wraps(look_up)
    def answer() -> Found:
        kept: dict[Callable[[], Found], Found] = g.setdefault("looked_up", {})
        if look_up not in kept:
            kept[look_up] = look_up()
        return kept[look_up]

    return answer


def forget_lookups() -> None:
    """Drop every answer of this request, and the CSRF token that Flask-WTF keeps: the session is another now."""
    g.pop("looked_up", None)
    g.pop("csrf_token", None)


def or_404(look_up: Callable[[], Found]) -> Found:
    """Return what is found, or answer 404."""
    try:
        return look_up()
    except NotFound:
        abort(404)


def or_none(look_up: Callable[[], Found]) -> Found | None:
    """Return what is found, or None."""
    try:
        return look_up()
    except NotFound:
        return None


def or_nothing(look_up: Callable[[], Found]) -> Found | None:
    """Return what is found; None if nothing is, or if the store fails: a page must not break for its brand or frame."""
    try:
        return or_none(look_up)
    except Exception:
        log.exception("framing.unknown")
        return None
