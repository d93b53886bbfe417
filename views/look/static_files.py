"""Static files: answered in front of Flask, from copies in memory that each process compresses once."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
from werkzeug.wrappers import Request, Response

from views.look.sent_files import sent_files

FOR_A_YEAR = "public, max-age=31536000"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class StaticFiles:
    """WSGI middleware that answers for the files below `/static/`, each with these `headers`.

    A browser keeps a file for a year if its address carries its version. It asks again each time at any other
    address: portals load rolecall.js without a version.
    """

    def __init__(self, app: Wsgi, folder: Path, *, versions: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self._app = app
        self._versions = versions
        self._headers = headers
        self._copies = {f"/static/{name}": copies for name, copies in _compressed_copies(folder).items()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        is_ours = request.path in self._copies and request.method in ("GET", "HEAD")
        return (self._answer(request) if is_ours else self._app)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        copies, version = self._copies[request.path], self._versions[request.path.removeprefix("/static/")]
        encoding = next((each for each in copies if request.accept_encodings[each]), "identity")
        answer = Response(copies[encoding], mimetype=mimetypes.guess_type(request.path)[0], headers=self._headers)
        answer.headers["Cache-Control"] = FOR_A_YEAR if request.args.get("v") == version else "no-cache"
        answer.vary.add("Accept-Encoding")
        if encoding != "identity":
            answer.content_encoding = encoding
        # Weak, since it is the same for each encoding.
        answer.set_etag(version, weak=True)
        return answer.make_conditional(request)


@lru_cache
def versions_of(folder: Path) -> Mapping[str, str]:
    """Return a short hash of each file in the folder, by its name. An address with the hash changes with the file."""
    return {name: hashlib.sha256(content).hexdigest()[:12] for name, content in sent_files(folder).items()}


@lru_cache
def _compressed_copies(folder: Path) -> Mapping[str, Mapping[str, bytes]]:
    """Return each file's content by its encoding, the smallest first.

    In memory: a killed process would leave files behind in /tmp, and a cleaner of /tmp would delete those in use.
    """
    return {
        name: {"br": brotli.compress(content), "gzip": gzip.compress(content, mtime=0), "identity": content}
        for name, content in sent_files(folder).items()
    }
