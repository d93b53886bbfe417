"""What `doctor` says to one of its questions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DoctorAnswer:
    """One answer: whether all is well, what was found, and how to repair it."""

    is_ok: bool
    sentence: str
    fix: str = ""
