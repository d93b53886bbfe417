"""Static files: in front of Flask, WhiteNoise picks which of the copies in memory to send."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request
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
        self._versions = versions
        self._copies = _compressed_copies(folder)
        sizes = {name: _file_of_size(len(content)) for name, content in self._copies.items()}
        for name, version in versions.items():
            for address in (f"/static/{name}", f"/static/{name}?v={version}"):
                self.add_file_to_dictionary(address, name, stat_cache=sizes)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        file = self.files.get(f"{request.path}?v={request.args.get('v')}") or self.files.get(request.path)
        if file is None or request.method not in ("GET", "HEAD"):
            return self.application(environ, start_response)  # type: ignore[no-any-return]
        # WhiteNoise would send an encoding that is refused by `q=0`, and open a file that is only in memory.
        accepted = " ".join(each for each in ("br", "gzip") if request.accept_encodings[each])
        asked = {"HTTP_ACCEPT_ENCODING": accepted, "HTTP_IF_NONE_MATCH": environ.get("HTTP_IF_NONE_MATCH")}
        answer = file.get_response("HEAD", asked)
        headers = {**self._headers, **dict(answer.headers)}
        start_response(f"{answer.status} {answer.status.phrase}", list(headers.items()))
        is_whole = request.method == "GET" and answer.status == 200
        return [self._copies[file.get_path_and_headers(asked)[0]]] if is_whole else []

    def _set_headers(self, headers: Any, name: str, address: str) -> None:
        headers["Cache-Control"] = FOR_A_YEAR if "?" in address else "no-cache"
        # Weak, since the same for each encoding.
        headers["ETag"] = f'W/"{self._versions[name]}"'


@lru_cache
def versions_of(folder: Path) -> Mapping[str, str]:
    """Return a short hash of each file in the folder, by its name. An address with the hash changes with the file."""
    return {name: hashlib.sha256(content).hexdigest()[:12] for name, content in sent_files(folder).items()}


@lru_cache
def _compressed_copies(folder: Path) -> Mapping[str, bytes]:
    """Return each file and its compressed copies, by the names that WhiteNoise looks for.

    In memory: a killed process would leave copies behind in /tmp, and a cleaner of /tmp would delete those in use.
    """
    copies = {}
    for name, content in sent_files(folder).items():
        compressed = {".br": Compressor.compress_brotli(content), ".gz": Compressor.compress_gzip(content)}
        copies.update({name: content, **{f"{name}{suffix}": copy for suffix, copy in compressed.items()}})
    return copies


def _file_of_size(size: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG, 0, 0, 0, 0, 0, size, 0, 0, 0))
