"""Every pin is one that pip can keep to, today and on the day after a newer version came out."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import requires

from packaging.requirements import Requirement

from config import PROJECT


def pins(name: str) -> dict[str, Requirement]:
    """Return the pinned packages of a requirements file that are meant for this machine."""
    lines = re.findall(r"^([A-Za-z0-9].*?) \\$", (PROJECT / name).read_text(), re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return {canonical(r.name): r for r in found if r.marker is None or r.marker.evaluate()}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def missing_extras(pinned: dict[str, Requirement], wants: Callable[[str], list[str] | None]) -> list[str]:
    """Return each package that wants another with an extra that the pin lacks. `wants` is importlib's `requires`."""
    found = []
    for package in pinned.values():
        for line in wants(package.name) or []:
            wanted = Requirement(line)
            if wanted.marker is not None and not any(
                wanted.marker.evaluate({"extra": extra}) for extra in (package.extras or {""})
            ):
                continue
            pin = pinned.get(canonical(wanted.name))
            if pin is not None and not wanted.extras <= pin.extras:
                found.append(f"{package.name} wants {line}")
    return found


def test_a_package_that_another_wants_with_an_extra_is_pinned_with_it():
    """pip, asked for hashes, takes `coverage[toml]` for another package than the pinned `coverage`, and refuses it."""
    both = {name: pins(name) for name in ("requirements.txt", "requirements-dev.txt")}

    assert [name for name, pinned in both.items() if len(pinned) <= 20] == []
    assert [f"{name}: {line}" for name, pinned in both.items() for line in missing_extras(pinned, requires)] == []


def test_a_planted_pin_without_its_extra_is_found():
    pinned = {name: Requirement(f"{name}==1.0") for name in ("pytest-cov", "coverage")}
    wants = {"pytest-cov": ["Coverage[toml]>=1", "coverage[other]; extra == 'other'", "absent[x]"]}

    assert missing_extras(pinned, wants.get) == ["pytest-cov wants Coverage[toml]>=1"]
    assert missing_extras(pinned | {"coverage": Requirement("coverage[toml]==1.0")}, wants.get) == []
