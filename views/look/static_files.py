"""Static files, served by WhiteNoise before Flask is asked, from copies that are compressed once a process."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

FOR_A_YEAR = "public, max-age=31536000"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """WSGI middleware that answers for `/static/`, each file with these `headers`.

    Browsers keep a file for a year if its address carries its version. They check any other address each time:
    portals name rolecall.js without a version.
    """

    def __init__(self, app: Wsgi, folder: Path, *, versions: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__(app, max_age=None, allow_all_origins=False, add_headers_function=self._set_headers)
        self._headers, self._cache_control = headers, FOR_A_YEAR
        copies = Path(_compressed_copies(folder).name)
        paths = {f"/static/{name}": (copies / name, version) for name, version in versions.items()}
        self._kept = {
            (url, f"v={version}"): self.get_static_file(str(path), url) for url, (path, version) in paths.items()
        }
        self._cache_control = "no-cache"
        for url, (path, _) in paths.items():
            self.add_file_to_dictionary(url, str(path))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kept = self._kept.get((environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")))
        answered: Iterable[bytes] = (
            self.serve(kept, environ, start_response) if kept else super().__call__(environ, start_response)
        )
        return answered

    def _set_headers(self, headers: Any, path: str, url: str) -> None:
        for name, value in {**self._headers, "Cache-Control": self._cache_control}.items():
            headers[name] = value


@lru_cache
def versions_of(folder: Path) -> Mapping[str, str]:
    """Return a short hash of every file in the folder by its name: an address with it changes with the content."""
    files = (f for f in folder.rglob("*") if f.is_file())
    return {f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()[:12] for f in files}


@lru_cache
def _compressed_copies(folder: Path) -> TemporaryDirectory[str]:
    """Return a folder with the files and their compressed copies, which goes with the process."""
    copies: TemporaryDirectory[str] = TemporaryDirectory(prefix="rolecall-static-")
    shutil.copytree(folder, copies.name, dirs_exist_ok=True)
    compressor = Compressor(quiet=True)
    for file in sorted(Path(copies.name).rglob("*")):
        if file.is_file() and compressor.should_compress(file.name):
            compressor.compress(str(file))
    return copies
