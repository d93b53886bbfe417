"""One request, and the places in it where a text can stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote_to_bytes, urlencode

from tests.abuse.texts import Text

# A request's head and body have at most so many bytes.
LARGEST_HEAD, LARGEST_BODY = 16 * 1024, 64 * 1024
_FORM = "application/x-www-form-urlencoded"
# No server passes these on in a header: a line would end there.
_NO_LINES = str.maketrans("\r\n\0", "\t\t\t")
_SAMPLE = 1_000


def _plain(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


# How a text is sent in each kind of place.
_ENCODED: Mapping[str, Callable[[str], str | bytes]] = {"headers": _plain, "cookies": _plain, "json": json.dumps}


class Place(NamedTuple):
    """Where a text stands: a `values`, `query`, `fields`, `json`, `headers` or `cookies`, and under which name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}[{self.name}]"


@dataclass(frozen=True)
class Ask:
    """One request. `values` fill in the rule's path. A `body` comes instead of `fields` and `json`."""

    method: str
    rule: str
    values: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, str] | None = None
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    def placed(self, place: Place, text: str) -> Ask:
        """Return the request with the text in that place, beside what else stands there."""
        return replace(self, **{place.kind: {**(getattr(self, place.kind) or {}), place.name: text}})

    def filled(self, place: Place, text: Text, *, part: float, longest: int | None = None) -> Ask:
        """Return the request with as long a text in that place as a request can have, or a part of that."""
        is_head = place.kind not in ("fields", "json")
        empty = self.placed(place, "")
        room = LARGEST_HEAD - empty.head_size if is_head else LARGEST_BODY - len(empty.sent_body)
        encoded = _ENCODED.get(place.kind, _quoted)
        length = min(longest or room, room)
        # Most texts repeat themselves, so that the size of a short one tells that of a long one.
        length = min(length, room * _SAMPLE // max(_SAMPLE, len(encoded(text(_SAMPLE)))))
        while length > 16 and (taken := len(encoded(text(length)))) > room:
            length = min(length - 16, length * room // taken)
        return self.placed(place, text(int(part * length))[:length])

    @property
    def head_size(self) -> int:
        """About how long the head is; every header has a name and a line end too."""
        lines = (*self.headers.items(), ("cookie", self.sent_cookies))
        return sum(len(name) + len(value.encode("utf-8", "replace")) + 4 for name, value in lines) + len(self.target)

    @property
    def target(self) -> str:
        """Path and query as they are sent."""
        path = self.rule
        for name, value in self.values.items():
            path = path.replace(f"<{name}>", quote(value, safe="", errors="surrogatepass"))
        return f"{path}?{urlencode(self.query, errors='surrogatepass')}" if self.query else path

    @property
    def sent_cookies(self) -> str:
        return "; ".join(f"{name}={value}" if name else value for name, value in self.cookies.items())

    @property
    def sent_body(self) -> bytes:
        if self.body is not None:
            return self.body
        if self.json is None:
            return urlencode(self.fields, errors="surrogatepass").encode()
        return json.dumps(self.json).encode()

    def environ(self) -> dict[str, Any]:
        """Return the request as a WSGI server passes it on."""
        path, _, query = self.target.partition("?")
        body = self.sent_body if self.method == "POST" else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": _unquoted(path),
            "QUERY_STRING": query,
            "SERVER_NAME": "connect.example.com",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json" if self.json is not None else _FORM if body else "",
            "HTTP_HOST": "connect.example.com",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        sent = {**self.headers, **({"Cookie": self.sent_cookies} if self.cookies else {})}
        for name, value in sent.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = _plain(value.translate(_NO_LINES)).decode(
                "latin-1"
            )
        return environ


def _unquoted(path: str) -> str:
    """Return the path as WSGI has it: unquoted, one character for each byte."""
    return unquote_to_bytes(path).decode("latin-1")
