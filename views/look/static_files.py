"""Static files: WhiteNoise serves them in front of Flask, from copies that each process compresses once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from views.look.sent_files import sent_files

FOR_A_YEAR = "public, max-age=31536000"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """WSGI middleware that answers for the files below `/static/`, each with these `headers`.

    A browser keeps a file for a year if its address carries its version. It asks again each time at any other
    address: portals load rolecall.js without a version.
    """

    def __init__(self, app: Wsgi, folder: Path, *, versions: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__(app, max_age=None, allow_all_origins=False, add_headers_function=self._set_headers)
        self._headers = headers
        copies = Path(_compressed_copies(folder).name)
        for name, version in versions.items():
            for address in (f"/static/{name}", f"/static/{name}?v={version}"):
                self.add_file_to_dictionary(address, str(copies / name))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # WhiteNoise itself looks only at the path: right for an address with no version, or with another one.
        file = self.files.get(f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}")
        serve = partial(self.serve, file) if file else super().__call__
        answered: Iterable[bytes] = serve(environ, start_response)
        return answered

    def _set_headers(self, headers: Any, path: str, address: str) -> None:
        for name, value in {**self._headers, "Cache-Control": FOR_A_YEAR if "?" in address else "no-cache"}.items():
            headers[name] = value


@lru_cache
def versions_of(folder: Path) -> Mapping[str, str]:
    """Return a short hash of each file in the folder, by its name. An address with the hash changes with the file."""
    return {name: hashlib.sha256(content).hexdigest()[:12] for name, content in sent_files(folder).items()}


@lru_cache
def _compressed_copies(folder: Path) -> TemporaryDirectory[str]:
    """Return a folder with the files and their compressed copies. It is deleted when the process ends."""
    copies: TemporaryDirectory[str] = TemporaryDirectory(prefix="rolecall-static-")
    compressor = Compressor(quiet=True)
    for name, content in sent_files(folder).items():
        file = Path(copies.name, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if compressor.should_compress(name):
            compressor.compress(str(file))
    return copies
