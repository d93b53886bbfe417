"""Stylesheets in parts: a list of plain `@import` lines, which browsers understand too, becomes one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_IMPORT = re.compile(rb'^@import "([\w/]+\.css)";$', re.MULTILINE)


def whole_files(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in the folder by its name. A part of a stylesheet is no file of its own."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    parts = {name.decode() for content in files.values() for name in _IMPORT.findall(content)}
    return {name: with_imports(files, content) for name, content in files.items() if name not in parts}


def with_imports(files: Mapping[str, bytes], content: bytes) -> bytes:
    """Return the content with each part in the place of its import."""
    return _IMPORT.sub(lambda found: files[found[1].decode()], content)
