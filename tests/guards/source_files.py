"""The files that guards read. Every listing includes sub-folders, so a file that moves into one is still checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def files_in(folder: Path, pattern: str) -> list[Path]:
    """Return the files in the folder and its sub-folders whose name matches."""
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def python_files(root: Path, parts: Iterable[str]) -> list[Path]:
    """Return the Python files of each part: `config` is config.py, `views` is every module in views/."""
    return [
        path
        for part in parts
        for path in ([root / f"{part}.py"] if (root / f"{part}.py").exists() else files_in(root / part, "*.py"))
    ]


def top_modules(root: Path) -> list[str]:
    """Return the modules beside the packages: `app`, `config` and so on."""
    return sorted(path.stem for path in root.glob("*.py"))


def top_parts(root: Path) -> list[str]:
    """Return the modules and the packages at the top, without the tests."""
    packages = {path.parent.name for path in root.glob("*/__init__.py")} - {"tests"}
    return sorted({*top_modules(root), *packages})


def sources(root: Path, parts: Iterable[str]) -> dict[str, str]:
    """Return the text of every Python file of the parts, by its path in the project."""
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in python_files(root, parts)}


def plant(root: Path, path: str, text: str) -> None:
    """Write a file that a guard has to find. A second text for the same path is added to the first."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    with (root / path).open("a", encoding="utf-8") as opened:
        opened.write(f"{text}\n")
