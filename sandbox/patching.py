"""Replacing attributes of moto's classes, so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Patch:
    """New attributes for a class of moto's. `apply` puts them in place, `undo` puts the old ones back."""

    target: type
    attributes: Mapping[str, object]
    _originals: dict[str, object] = field(default_factory=dict)

    def apply(self) -> None:
        """Put the attributes in place; every one must exist already, so that a moto that moved on is noticed."""
        for name, value in self.attributes.items():
            # From __dict__, not by getattr: a static or class method has to come back as what it was.
            self._originals[name] = self.target.__dict__[name]
            setattr(self.target, name, value)

    def undo(self) -> None:
        """Put back what was there before."""
        while self._originals:
            setattr(self.target, *self._originals.popitem())
