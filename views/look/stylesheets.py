"""Stylesheets in parts: a list of plain `@import` lines, which browsers understand too, becomes one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

IMPORT = re.compile(rb'^@import "([\w/]+\.css)";$', re.MULTILINE)


def whole_files(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in the folder by its name. A part of a stylesheet is no file of its own."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    parts = {name: [found.decode() for found in IMPORT.findall(content)] for name, content in files.items()}
    inside = {part for found in parts.values() for part in found}
    # Without the comments that stand beside the imports: they would cost bytes on the wire.
    return {
        name: b"\n".join(files[part] for part in parts[name]) or content
        for name, content in files.items()
        if name not in inside
    }
