"""Static files as they are sent: a stylesheet in parts as one file, and our scripts without their comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

IMPORT = re.compile(rb'^@import "([\w/]+\.css)";$', re.MULTILINE)
# Whole lines only: what follows code on its line could be in a string, as in an address.
_COMMENT = re.compile(rb"^ *//.*\n", re.MULTILINE)


def sent_files(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in the folder by its name. A part of a stylesheet is no file of its own."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    parts = {name: [found.decode() for found in IMPORT.findall(content)] for name, content in files.items()}
    inside = {part for found in parts.values() for part in found}
    sent = {name: b"\n".join(files[part] for part in parts[name]) or files[name] for name in files.keys() - inside}
    ours = {name for name in sent if name.endswith(".js") and not name.startswith("vendor/")}
    return {name: _COMMENT.sub(b"", content) if name in ours else content for name, content in sent.items()}
