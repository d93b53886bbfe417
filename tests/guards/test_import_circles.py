"""No module imports another that imports it back, directly or through others, not even for type checking."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from config import PROJECT
from tests.guards.imported_modules import imported_modules, module_of
from tests.guards.source_files import plant, sources, top_parts


def circles(files: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return each group of modules that import one another, in TYPE_CHECKING blocks or functions too.

    `files` holds sources by path.
    """
    modules = {module_of(path): path for path in files}
    graph = {module: _imported(path, files[path]) & modules.keys() for module, path in modules.items()}
    reached = {module: _reachable(graph, module) for module in graph}
    return sorted({tuple(sorted(n for n in reached[m] if m in reached[n])) for m in graph if m in reached[m]})


def _imported(path: str, source: str) -> set[str]:
    return {name for module, names in imported_modules(path, ast.parse(source, path)) for name in (module, *names)}


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        new = graph[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def test_no_modules_import_one_another():
    assert circles(sources(PROJECT, top_parts(PROJECT))) == []


def test_a_planted_circle_is_found_in_sub_folders_too(tmp_path):
    plant(tmp_path, "onboarding/a.py", "from onboarding.room.b import B")
    plant(tmp_path, "onboarding/room/b.py", "if TYPE_CHECKING:\n    from onboarding.room import c")
    plant(tmp_path, "onboarding/room/c.py", "def late():\n    from ..a import A")
    plant(tmp_path, "onboarding/room/d.py", "import onboarding.a")
    plant(tmp_path, "onboarding/room/f.py", "from . import g")
    plant(tmp_path, "onboarding/room/g.py", "from .f import F")

    assert circles(sources(tmp_path, ["onboarding"])) == [
        ("onboarding.a", "onboarding.room.b", "onboarding.room.c"),
        ("onboarding.room.f", "onboarding.room.g"),
    ]
