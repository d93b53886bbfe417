"""Every event that the program logs is in docs/operations.md with its fields, and the docs name no other event."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The sandbox is for trying out and has no operator; the rest is not part of the running program.
LEFT_OUT = {"actions", "bench", "examples", "sandbox", "tests", "translations"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"([a-z_]+\.[a-z_]+)(?: |$)")
# In the docs: `name.name` in code font, but not the name of a file.
NAMED = re.compile(r"`([a-z_]+)\.((?!py`|js`|css`|md`|db`|po`|html`|yaml`|txt`)[a-z_]+)`")
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)


def code_files(root: Path) -> list[Path]:
    folders = [f for f in root.iterdir() if f.is_dir() and f.name not in LEFT_OUT and not f.name.startswith(".")]
    return sorted([*root.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))])


def messages(file: Path) -> Iterator[str]:
    """The message of each `log.info("…")`; one that is no literal is an empty message."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr in LEVELS and getattr(node.func.value, "id", "") in ("log", "logger"):
            first = node.args[0] if node.args else None
            yield first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def logged(root: Path) -> dict[str, set[str]]:
    """The fields of each event that the code below `root` logs."""
    found: dict[str, set[str]] = {}
    for file in code_files(root):
        for message in messages(file):
            event = EVENT.match(message)
            name = event[1] if event else f"{file.relative_to(root)}: {message!r} is no event"
            found.setdefault(name, set()).update(re.findall(r"(\w+)=", message))
    return found


def documented(root: Path) -> dict[str, set[str]]:
    """The fields of each event in the table of docs/operations.md."""
    rows = ROW.findall((root / "docs/operations.md").read_text(encoding="utf-8"))
    return {name: set(re.findall(r"`(\w+)`", fields)) for name, fields, _ in rows}


def doc_files(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def violations(root: Path) -> list[str]:
    code, table = logged(root), documented(root)
    words = {name.partition(".")[0] for name in (*code, *table)}
    return [
        *(f"{name} is not in the table" for name in sorted(code.keys() - table.keys())),
        *(f"{name} is in the table, but is not logged" for name in sorted(table.keys() - code.keys())),
        *(f"{name} has other fields" for name in sorted(code.keys() & table.keys()) if code[name] != table[name]),
        *(
            f"{file.relative_to(root)} names {first}.{second}, which is not logged"
            for file in doc_files(root)
            for first, second in NAMED.findall(file.read_text(encoding="utf-8"))
            if first in words and f"{first}.{second}" not in {*code, *table}
        ),
    ]


def test_every_event_that_is_logged_is_documented_with_its_fields_and_no_other_is_named():
    assert len(logged(ROOT)) >= 20
    assert violations(ROOT) == [], "the table is in docs/operations.md"


SOUND_CODE = 'log.info("role.seen account=%s", account)\n'
SOUND_TABLE = "| `role.seen` | `account` | The role answered. |\n"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("rooms/inner/b.py", 'log.warning("role.lost")', "role.lost is not in the table"),
        ("rooms/inner/b.py", 'log.warning("it broke")', "rooms/inner/b.py: 'it broke' is no event is not in the table"),
        ("rooms/inner/b.py", "log.warning(words)", "rooms/inner/b.py: '' is no event is not in the table"),
        ("rooms/inner/b.py", 'log.info("role.seen region=%s", r)', "role.seen has other fields"),
        (
            "docs/operations.md",
            f"{SOUND_TABLE}| `role.lost` |  | Gone. |\n",
            "role.lost is in the table, but is not logged",
        ),
        ("docs/inner/b.md", "See `role.lost`.", "docs/inner/b.md names role.lost, which is not logged"),
    ],
)
def test_a_planted_violation_in_a_sub_folder_is_found(tmp_path, path, text, found):
    for name, content in {
        "rooms/inner/a.py": SOUND_CODE,
        "docs/operations.md": SOUND_TABLE,
        "docs/c.md": "See `role.seen`, `role.py`.",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert violations(tmp_path) == []

    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")

    assert violations(tmp_path) == [found]
