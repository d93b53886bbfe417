"""The state file: what one run has made or is about to make, written before each creation.

So whatever moment the process is killed at, the file names everything that can exist. A name that is in it and not in
AWS costs the cleaning one call.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any


class Side(StrEnum):
    """Whose account something is in."""

    VENDOR = "vendor"
    TENANT = "tenant"


class Kind(StrEnum):
    """What is made."""

    BUCKET = "bucket"
    TOPIC = "topic"
    STACK = "stack"
    ROLE = "role"


class NoState(Exception):
    """The state file cannot be used. The message says why."""


@dataclass(frozen=True)
class Made:
    """One thing that was made, or is about to be. `name` is a stack's or role's name, a bucket's, or a topic's ARN."""

    kind: Kind
    side: Side
    name: str
    is_removed: bool = False


@dataclass(frozen=True)
class Journey:
    """Whose run it is: its ID, the profiles and accounts of both sides, and the region."""

    run_id: str
    vendor_profile: str
    tenant_profile: str
    vendor_account: str
    tenant_account: str
    region: str


class State:
    """The things of one run in the order of their making, kept in a file."""

    def __init__(self, path: Path, journey: Journey, things: tuple[Made, ...] = ()) -> None:
        self.path = path
        self.journey = journey
        self._things = list(things)

    @classmethod
    def load(cls, path: Path) -> State:
        """Return the state in the file. Raises NoState."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, Journey(**raw["journey"]), tuple(_made(thing) for thing in raw["things"]))
        except FileNotFoundError:
            raise NoState(f"There is no state file {path}, so nothing is known to be left.") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoState(f"{path} is no state file of the field test ({type(error).__name__}).") from None

    @property
    def left(self) -> list[Made]:
        """What is not removed yet, the latest first."""
        return [thing for thing in reversed(self._things) if not thing.is_removed]

    def intend(self, kind: Kind, side: Side, name: str) -> None:
        """Write down what is about to be made."""
        thing = Made(kind, side, name)
        if thing not in self._things:
            self._things.append(thing)
            self.save()

    def removed(self, thing: Made) -> None:
        """Write down that it is gone. Once all is gone, so is the file."""
        self._things[self._things.index(thing)] = replace(thing, is_removed=True)
        self.save()

    def save(self) -> None:
        """Write the file whole or not at all: a kill leaves the old one or the new one."""
        text = json.dumps({"journey": asdict(self.journey), "things": [asdict(t) for t in self._things]}, indent=2)
        beside = self._beside
        with beside.open("w", encoding="utf-8") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def forget(self) -> None:
        """Remove the file, once nothing is left."""
        if not self.left:
            self.path.unlink(missing_ok=True)
            self._beside.unlink(missing_ok=True)

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.new")


def _made(raw: dict[str, Any]) -> Made:
    return Made(Kind(raw["kind"]), Side(raw["side"]), str(raw["name"]), bool(raw["is_removed"]))
