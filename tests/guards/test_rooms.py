"""Which room of onboarding/ imports which: a house of floors, where a room stands on the rooms below it alone."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from config import PROJECT
from tests.guards.imported_modules import imported_modules
from tests.guards.source_files import plant, sources

# A room is a folder of onboarding/, or a file at its root -> the rooms that it imports.
ROOMS: dict[str, str] = {
    "entry": "ground look model ports service",
    "verification": "callback ground launch lifecycle model ports proof questioning schedule settling",
    "receiving": "callback ground model ports proof schedule vendor waiting",
    "questioning": "ground ports proof",
    "service": "callback changing examining ground lifecycle model naming ports schedule waiting",
    "receipt": "ground model",
    "examining": "changing model trust",
    "changing": "ground model ports vendor",
    "naming": "diagnosis ground model pasted proof",
    "ports": "callback ground look model proof",
    "settling": "diagnosis ground lifecycle model schedule",
    "vendor": "callback ground launch model",
    "explanation": "diagnosis ground model",
    "launch": "ground model",
    "lifecycle": "ground model",
    "proof": "ground permissions policy trust",
    "waiting": "lifecycle model schedule",
    "steps": "ground model",
    "model": "ground look",
    "pasted": "ground policy",
    "permissions": "ground policy stack_template",
    "trust": "ground pasted policy",
    "callback": "ground model policy schedule",
    "diagnosis": "ground",
    "look": "ground",
    "policy": "ground",
    "stack_template": "callback ground",
    "ground": "",
    "schedule": "",
}


def imports_of_rooms(files: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the rooms that each room imports. `files` holds sources by path."""
    rooms = {path: _room(path) for path in files if not path.endswith("__init__.py")}
    found: dict[str, set[str]] = {room: set() for room in rooms.values()}
    for path, room in rooms.items():
        for module, names in imported_modules(path, ast.parse(files[path], path)):
            parts = module.split(".")
            targets = [parts[1]] if len(parts) > 1 else [name.split(".")[1] for name in names]
            found[room] |= {target for target in targets if parts[0] == "onboarding"} - {room}
    return found


def _room(path: str) -> str:
    return path.split("/")[1].removesuffix(".py")


def floor(room: str) -> int:
    """The ground is 1; any other room stands one above the highest that it imports."""
    return 1 + max((floor(below) for below in ROOMS[room].split()), default=0)


def drawing() -> str:
    """Return the house as CONTRIBUTING.md draws it: the top floor first, beside each room what it imports."""
    width = max(map(len, ROOMS))
    rows = sorted(ROOMS, key=lambda room: (-floor(room), room))
    return "\n".join(f"{floor(room)}  {room:{width}}  {ROOMS[room]}".rstrip() for room in rows)


def test_the_rooms_import_one_another_as_the_table_says():
    stands = {room: " ".join(sorted(imported)) for room, imported in imports_of_rooms(_domain()).items()}

    assert sorted(stands.items()) == sorted(ROOMS.items()), (
        "do without the import, or change ROOMS and the drawing in CONTRIBUTING.md"
    )


def test_contributing_draws_the_house_as_it_is():
    assert drawing() in (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_a_planted_import_shows_in_sub_folders_too(tmp_path):
    plant(tmp_path, "onboarding/ground/arn.py", "if TYPE_CHECKING:\n    from onboarding.model import Connection")
    plant(tmp_path, "onboarding/trust/deep/x.py", "def late():\n    from onboarding import service")
    plant(tmp_path, "onboarding/model.py", "import onboarding.policy.document")

    found = imports_of_rooms(sources(tmp_path, ["onboarding"]))

    assert found == {"ground": {"model"}, "trust": {"service"}, "model": {"policy"}}


def _domain() -> dict[str, str]:
    return sources(PROJECT, ["onboarding"])
