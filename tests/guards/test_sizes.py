"""No file is too long to read at one go, and no line too long for the screen."""

from __future__ import annotations

import re
from pathlib import Path

from config import PROJECT
from tests.guards.source_files import files_in, plant

MOST_LINES = 300
LONGEST_LINE = 120
LENGTH_OF_FILES = {".py", ".html", ".css", ".js"}
LENGTH_OF_LINES = {".py", ".html", ".css"}
# As ruff reads a line: what has no blank in it cannot be broken, nor an address, and a pragma does not count.
UNBREAKABLE = re.compile(r"\s*\S*|.{,119}https?://\S+")
PRAGMA = re.compile(r"\s+# (?:type: ignore|noqa)\S*$")
# Tables: they read by their rows.
TABLES = {"tests/contract/aws_behaviours.py"}


def written(root: Path, kinds: set[str]) -> dict[str, list[str]]:
    """Return the lines of every file of these kinds by its path, without what others wrote."""
    tops = [path for path in sorted(root.iterdir()) if not path.name.startswith(".")]
    files = [file for top in tops for file in ([top] if top.is_file() else files_in(top, "*"))]
    ours = (file for file in files if file.suffix in kinds and root / "static" / "vendor" not in file.parents)
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8").splitlines() for file in ours}


def long_files(root: Path) -> list[str]:
    found = {path: len(lines) for path, lines in written(root, LENGTH_OF_FILES).items()}
    return [f"{path} has {count} lines" for path, count in found.items() if count > MOST_LINES]


def long_lines(root: Path) -> list[str]:
    return [
        f"{path}:{number} has {len(line)} characters"
        for path, lines in written(root, LENGTH_OF_LINES).items()
        if path not in TABLES
        for number, line in enumerate((PRAGMA.sub("", line) for line in lines), start=1)
        if len(line) > LONGEST_LINE and not UNBREAKABLE.fullmatch(line)
    ]


def test_no_file_is_longer_than_300_lines():
    assert len(written(PROJECT, LENGTH_OF_FILES)) > 400
    assert long_files(PROJECT) == []


def test_no_line_is_longer_than_120_characters():
    assert long_lines(PROJECT) == []


def test_every_table_is_there_and_needs_its_width():
    assert all(max(map(len, written(PROJECT, {".py"})[table])) > LONGEST_LINE for table in TABLES)


def test_planted_long_files_and_lines_are_found_in_sub_folders_too(tmp_path):
    kinds = ("py", "html", "css", "js")
    paths = sorted(f"{folder}x.{kind}" for folder in ("room/", "room/deep/") for kind in kinds)
    for path in ("x.py", *paths):
        plant(tmp_path, path, "\n".join(["# a", *["b"] * (MOST_LINES - 1)]))
    assert (long_files(tmp_path), long_lines(tmp_path)) == ([], [])

    for path in ("x.py", *paths, "static/vendor/x.css", ".hidden/x.py"):
        plant(tmp_path, path, "word " * 24 + "!")
        plant(tmp_path, path, "word " * 23 + "# https://example.com/" + "long" * 30)
        plant(tmp_path, path, "word " * 23 + "four" + "  # type: ignore[x]")
        plant(tmp_path, path, "long" * 40)

    assert long_files(tmp_path) == [f"{path} has 304 lines" for path in (*paths, "x.py")]
    assert long_lines(tmp_path) == [
        f"{path}:301 has 121 characters" for path in (*paths, "x.py") if not path.endswith(".js")
    ]
