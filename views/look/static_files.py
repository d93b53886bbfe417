"""Static files as small as they get: they change with a release, and are fetched by everyone on a first visit."""

from __future__ import annotations

from functools import lru_cache

import brotli
from flask import Flask, Response, request

# Each says again what Cache-Control, ETag and Content-Type say, on every one of the files of a first visit.
_SAID_TWICE = ("Accept-Ranges", "Content-Disposition", "Expires", "Last-Modified")
_WORTH_IT = ("text/css", "text/javascript", "image/svg+xml")


def install_static_files(app: Flask) -> None:
    """Answer with the best that Brotli can do; Flask-Compress does pages, and other encodings, more quickly."""

    @app.after_request
    def compress(response: Response) -> Response:
        is_whole = request.endpoint == "static" and response.status_code == 200 and response.mimetype in _WORTH_IT
        if is_whole and request.accept_encodings["br"]:
            response.direct_passthrough = False
            response.set_data(_compressed(response.get_data()))
            response.headers["Content-Encoding"] = "br"
            response.vary.add("Accept-Encoding")
            for header in _SAID_TWICE:
                response.headers.pop(header, None)
        return response


@lru_cache(maxsize=32)
def _compressed(data: bytes) -> bytes:
    # Up to a tenth of a second, once for each file; a page would have to wait for it every time.
    return bytes(brotli.compress(data, quality=11))
