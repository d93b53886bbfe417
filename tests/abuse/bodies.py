"""Whole requests that are bad for somebody: bodies of thousands of parts, and heads of thousands of lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.abuse.asked import LARGEST_BODY, LARGEST_HEAD, Ask
from tests.abuse.texts import Repeated

# Makes the request as bad as the part of the full size allows.
Spoiling = Callable[[Ask, float], Ask]
_MULTIPART = "multipart/form-data; boundary=x"
_PART = '--x\r\nContent-Disposition: form-data; name="a{}"\r\n\r\nb\r\n'
_FILE = '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\r\n'
_HEADS = "--x\r\nContent-Disposition: form-data; name=a\r\n" + "{}"


def _beside(repeated: Repeated) -> Spoiling:
    """More fields beside those that a browser sends, so that the request still counts."""

    def spoil(ask: Ask, part: float) -> Ask:
        good = replace(ask, body=None).sent_body
        more = repeated(int(part * (LARGEST_BODY - len(good) - 1)))
        return replace(ask, body=good + b"&" + more.encode())

    return spoil


def _alone(repeated: Repeated, content_type: str) -> Spoiling:
    def spoil(ask: Ask, part: float) -> Ask:
        body = repeated(int(part * LARGEST_BODY)).encode()[:LARGEST_BODY]
        return replace(ask, body=body, headers={**ask.headers, "Content-Type": content_type})

    return spoil


def _longer_query(repeated: Repeated) -> Spoiling:
    def spoil(ask: Ask, part: float) -> Ask:
        mark = "&" if ask.query else "?"
        rule = f"{ask.target}{mark}{repeated(int(part * (LARGEST_HEAD - ask.head_size)))}"
        return replace(ask, rule=rule, values={}, query={})

    return spoil


def _other_path(repeated: Repeated) -> Spoiling:
    def spoil(ask: Ask, part: float) -> Ask:
        path = repeated(int(part * (LARGEST_HEAD - ask.head_size)))
        return replace(ask, rule=path, values={}, query={})

    return spoil


def _more_headers(ask: Ask, part: float) -> Ask:
    more = range(int(part * (LARGEST_HEAD - ask.head_size) / 11))
    return replace(ask, headers={**ask.headers, **{f"X-{number}": "a" for number in more}})


_FORM = "application/x-www-form-urlencoded"
FORM_BODIES: Mapping[str, Spoiling] = {
    **{
        f"{unit!a} beside the fields": _beside(Repeated(unit))
        for unit in ("a&", "a=b&", "a{}=b&", "csrf_token=x&", "%41=%&", "&", "=&", ";", "a[]=&", "\\=&", "%ED%A0%80=&")
    },
    # Without a CSRF token, so that the answer is the page that offers to send it all again.
    **{f"{unit!a} alone": _alone(Repeated(unit), _FORM) for unit in ("a&", "a{}=b&", "<=%22&", "a", "a=%0A", "%00=&")},
    "parts": _alone(Repeated(_PART, after="--x--"), _MULTIPART),
    "files": _alone(Repeated(_FILE, after="--x--"), _MULTIPART),
    "headers of a part": _alone(Repeated("X{}: b\r\n", before=_HEADS.format("")), _MULTIPART),
    "boundaries": _alone(Repeated("--x\r\n"), _MULTIPART),
    "near boundaries": _alone(Repeated("\r\n--", before=_FILE[:-2]), _MULTIPART),
    "lines of a file": _alone(Repeated("\r\n", before=_FILE[:-2]), _MULTIPART),
}
_JSON = "application/json"
JSON_BODIES: Mapping[str, Spoiling] = {
    "lists in lists": _alone(Repeated("["), _JSON),
    "objects in objects": _alone(Repeated('{"a":'), _JSON),
    "a number": _alone(Repeated("9", before='{"tenant":', after="}"), _JSON),
    "a fraction": _alone(Repeated("9", before='{"tenant":1.', after="e9}"), _JSON),
    "names": _alone(Repeated('"a{}":"",', before="{", after='"a":""}'), _JSON),
    "one name": _alone(Repeated('"a":"",', before="{", after='"a":""}'), _JSON),
    "a long name": _alone(Repeated("<", before='{"', after='":""}'), _JSON),
    "escapes": _alone(Repeated("\\u0001", before='{"tenant":"', after='"}'), _JSON),
    "surrogates": _alone(Repeated("\\ud83d", before='{"tenant":"', after='"}'), _JSON),
    "blanks": _alone(Repeated(" ", after="x"), _JSON),
    "fields": _alone(Repeated("a=b&"), _FORM),
    "parts": FORM_BODIES["parts"],
}
HEADS: Mapping[str, Spoiling] = {
    "many headers": _more_headers,
    **{
        f"{unit!a} as query": _longer_query(Repeated(unit))
        for unit in ("a=b&", "a&", "&", "%41", "has=x&", "v={}&", "?")
    },
    **{
        f"{unit!a} as path": _other_path(Repeated(unit, before=before))
        for unit in ("/", "/a", "/..", "/framed", "%25", "%2F", "/%00", ";a", "//connect")
        for before in ("/", "/connect/", "/static/", "/api/")
    },
}
