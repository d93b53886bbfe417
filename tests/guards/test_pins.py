"""Every pin is one that pip can keep to, today and on the day after a newer version came out."""

from __future__ import annotations

import re
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

from config import PROJECT


def pins(name: str) -> dict[str, Requirement]:
    """Return the pinned packages of a requirements file that are meant for this machine."""
    lines = re.findall(r"^([A-Za-z0-9].*?) \\$", (PROJECT / name).read_text(), re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return {canonical(r.name): r for r in found if r.marker is None or r.marker.evaluate()}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_package_that_another_wants_with_an_extra_is_pinned_with_it(name):
    """pip, asked for hashes, takes `coverage[toml]` for another package than the pinned `coverage`, and refuses it."""
    pinned = pins(name)
    assert len(pinned) > 20

    for package in pinned.values():
        for line in requires(package.name) or []:
            wanted = Requirement(line)
            if wanted.marker is not None and not any(
                wanted.marker.evaluate({"extra": extra}) for extra in (package.extras or {""})
            ):
                continue
            if wanted.extras and canonical(wanted.name) in pinned:
                assert wanted.extras <= pinned[canonical(wanted.name)].extras, f"{package.name} wants {line}"
