"""Whatever is malformed in a request is refused: 4xx, and never a crash that the log tells of."""

from __future__ import annotations

import json
import logging

import pytest

from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL

DEEP = 10_000
HALF = b"%ED%A0%80"
DIGITS = "9" * 5_000
# What makes parsers raise: incomplete hosts, ports that are none, characters that no encoding has.
ADDRESSES = (
    "http://[", "http://]", "http://[::1", "http://a:b", f"http://a:{DIGITS}", "//[", "http://\u2100.example", "null",
    "http://a\\b", "http://a@b:c@d", "\x80", "http://\ufffd", "https://connect.example.com:99999", "/[", "?", "#",
    "%",
)  # fmt: skip
TEXTS = (
    HALF, b"%00", b"%00%00x", b"%", b"%zz", b"%FF%FE", b"%F4%90%80%80", b"%D9%A1%D9%A2", b"%F0%9D%9F%98" * 12,
    b"x" * 60_000,
    b"1" * 5_000, b"-1", b"1e9", b"%E2%80%AE", b"%0D%0ASet-Cookie:a=b", b"NaN", b"[]", b"{", b"[" * 50_000,
    b"%5B" * 15_000,
)  # fmt: skip
HEADERS = {
    "Accept": ("\x00", "*", "a/b;q=x", ",,,;;;", "text/html;q=" + DIGITS, "\xff"),
    "Accept-Encoding": ("br;q=x", "\xff", ",", "br;q=" + DIGITS, "*;q=-1", "br;q=nan"),
    "Accept-Language": ("\xff", "de;q=x", "-", "_", "de;q=" + DIGITS, "x-" * 500, "de;q=inf"),
    "Authorization": ("Bearer", "Bearer \xff", "Basic %%%", "Digest a=b,c", "Basic " + "A" * 5_000,
    "Bearer rolecall_٣_٣"),
    "Cookie": ("\xff", "__Host-rolecall", "__Host-rolecall=.", "__Host-rolecall=\xff.a.b", "=;=;", "a" * 5_000,
    '__Host-rolecall="\\400"'),
    "Content-Length": ("x", "-1", DIGITS, "\xb2", ""),
    "Content-Type": (
        "application/json; charset=undefined", "application/x-www-form-urlencoded; charset=idna",
        "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff",
        "text/html; charset=" + "x" * 5_000, ";", "\xff",
    ),
    "Host": ("[", "[::1", "a:b", "connect.example.com:" + DIGITS, "\xff", "", "evil.example",
    "connect.example.com:99999"),
    "If-Modified-Since": ("x", DIGITS, "Fri, 99 Nov 9999 99:99:99 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "\xff"),
    "If-None-Match": ('"', "W/", "\xff", "*", '"' * 5_000),
    "If-Range": ("x", '"', "\xff"),
    "Origin": ADDRESSES,
    "Range": ("bytes=x", "bytes=9-1", "bytes=" + DIGITS + "-", "bytes=-" + DIGITS, "x", "\xff", "bytes=0-0," * 900),
    "Referer": ADDRESSES,
    "Rolecall-Session": ("\xff", ".", "a.b.c", "x" * 5_000),
    "Sec-Fetch-Site": ("\xff", ""),
    "HX-Request": ("\xff", "true"),
    "HX-Current-URL": ADDRESSES,
    "X-Forwarded-For": ("[", "\xff", ",", DIGITS, "::1%\xff"),
    "X-Forwarded-Proto": ("\xff", "", "https,https", "javascript"),
    "X-Forwarded-Host": ADDRESSES,
    "Transfer-Encoding": ("chunked", "\xff"),
}  # fmt: skip
BODIES = (
    b"[" * 60_000, b'{"a":' * DEEP, b'{"tenant":' + b"[" * DEEP + b"]" * DEEP + b"}", b'{"tenant":"\\ud800"}',
    b"\xff", b"\x00",
    b'{"tenant":' + b"9" * 5_000 + b"}", b'{"tenant":1e999}', b'{"tenant":NaN}', b"9" * 5_000, b"null", b"[]",
    b'"x"', b"", b"{",
    b'{"tenant":"\\u0000","tenant_name":"x","origin":"http://["}', b'{"\\ud800":"x"}', b'{"a":"a","a":"a"}',
    b"\xed\xa0\x80",
    '{"tenant":"a"}'.encode("utf-16"), b"\xef\xbb\xbf{}",
    json.dumps({"tenant": "a", "tenant_name": "a\ud800", "origin": PORTAL_ORIGIN}).encode(),
    *(json.dumps({"tenant": "a", "tenant_name": "a", "origin": PORTAL_ORIGIN, field: value}).encode()
      for field in ("tenant", "tenant_name", "origin", "account_id", "return_url", "theme", "language")
      for value in ("\ud800", "\0", "http://[", "https://portal.example.net:b/", "٣" * 12, "x" * 50_000, None, 7,
      [], {}, True)),
)  # fmt: skip
MULTIPART = (b"", b"--x", b"--x\r\n\r\n--x--", b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\na\r\n--x--",
             b'--x\r\nContent-Disposition: form-data; name="pasted"; filename="\xff"\r\n\r\na\r\n--x--',
             b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--", b"--x\r\n" * 5_000)  # fmt: skip


QUERIES = ("%ED%A0%80", "a=%ED%A0%80", "tenant=%00", "tenant=%ED%A0%80", "tenant=%FF", "%", "&&&=",
"tenant=" + "x" * 5_000,
           "tenant[]=1", "v=%ED%A0%80", "\xff=\xff", "tenant=a&tenant=%00", "&" * 5_000)  # fmt: skip
PATHS = (
    f"/connect/x/step/{DIGITS}", "/connect/x/step/%D9%A3", "/connect/x/step/-1", "/connect/%ED%A0%80/step/1",
    "/connect/%00/step/1",
    "/connect/%00/status", "/i/%00", "/i/%ED%A0%80", "/i/" + "x" * 5_000, "/i/٣.٣.٣", "/h/%00", "/h/%ED%A0%80",
    "/embed/%00",
    "/embed/%ED%A0%80", "/brand/%00/logo", "/brand/%ED%A0%80/style.css", "/static/%00", "/static/%ED%A0%80.css",
    "/static/../app.py",
    "/static/%2e%2e/app.py", "/static/" + "x/" * 2_000, "//", "////connections", "/%", "/%zz", "/%FF",
    "/\\evil.example", "/framed",
    "/framed/", "/framed//connections", "/framed/%00", "/framed/%ED%A0%80/step/1", "/api/v1/%00",
    "/api/v1//launches", "*", "",
)  # fmt: skip


@pytest.fixture
def send(app, visitor, caplog):
    """`send("POST", path, environ={…}, body=b"…")`: what is wrong: a crash, or an answer that leads elsewhere."""
    caplog.set_level(logging.INFO)

    def sent(method, path, *, body=b"", **environ):
        raw = {name: _on_the_wire(value) for name, value in environ.items()}
        visitor.app.config["PROPAGATE_EXCEPTIONS"] = False
        response = visitor._client.open(path, method=method, base_url=PUBLIC_URL, data=body, environ_overrides=raw)
        crashes = [r for r in caplog.records if r.levelno >= logging.ERROR]
        caplog.clear()
        if response.status_code >= 500 or crashes:
            error = crashes[0].exc_info[1] if crashes and crashes[0].exc_info else crashes
            return f"{response.status_code} {method} {path[:60]} {body[:60]!r} {str(raw)[:160]}: {error!r:.200}"
        location = response.headers.get("Location", "/")
        is_ours = location.startswith(f"{PUBLIC_URL}/") or (location[:1] == "/" and location[1:2] not in ("/", "\\"))
        return "" if is_ours else f"{method} {path[:60]} {body[:60]!r} leads to {location}"

    return sent


def _on_the_wire(value):
    """A header as a server hands it on: bytes, one a character."""
    return value.encode("utf-8", "surrogatepass").decode("latin-1")


@pytest.fixture
def waiting(story, tenant):
    return story.waiting(tenant)


@pytest.fixture
def bearer(app):
    """An API key, as a header."""
    _, token = app.extensions["rolecall"].api_keys.create("portal")
    return {"HTTP_AUTHORIZATION": f"Bearer {token}", "CONTENT_TYPE": "application/json"}


@pytest.mark.parametrize("header", ["Referer", "Origin", "HX-Current-URL", "Host"])
def test_no_address_in_a_header_crashes_a_form(send, visitor, header):
    body = f"csrf_token={visitor.token()}&language=de".encode()
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    faults = [send("POST", "/language", body=body, **kind, **{_name(header): value}) for value in ADDRESSES]

    assert list(filter(None, faults)) == []


def _name(header):
    own = {"Content-Type": "CONTENT_TYPE", "Content-Length": "CONTENT_LENGTH"}
    return own.get(header, "HTTP_" + header.upper().replace("-", "_"))


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_crashes_a_page(send, waiting, header):
    entries = [
        *(
            ("GET", path)
            for path in ("/", "/connections", "/static/wizard.css", "/brand/x/logo", "/healthz", "/embed/x")
        ),
        *(("GET", f"/connect/{waiting.id}/{page}") for page in ("step/3", "status", "examine")),
        *(
            ("POST", path)
            for path in ("/language", "/start", "/connections", "/embed/x", f"/connect/{waiting.id}/examine")
        ),
        *(("GET", path) for path in ("/framed/connections", "/api/v1/connections", "/i/x")),
        ("POST", "/api/v1/launches"),
    ]
    faults = [send(method, path, **{_name(header): v}) for method, path in entries for v in HEADERS[header]]

    assert list(filter(None, faults)) == []


def test_no_address_crashes_a_page(send):
    faults = [send(method, path) for path in PATHS for method in ("GET", "POST", "OPTIONS", "PUT", "HEAD")]
    faults += [
        send("GET", f"{path}?{query}") for path in ("/", "/static/wizard.css", "/i/x", "/embed/x") for query in QUERIES
    ]

    assert list(filter(None, faults)) == []


def _file(field, *, token):
    """Return a form in which a file stands where a text should."""
    parts = (f'"csrf_token"\r\n\r\n{token}', f'"{field}"; filename="a.json"\r\n\r\n{{}}')
    return "".join(f"--x\r\nContent-Disposition: form-data; name={part}\r\n" for part in parts).encode() + b"--x--\r\n"


def test_no_field_crashes_a_form(send, visitor, waiting):
    token, here = visitor.token(), f"/connect/{waiting.id}"
    forms = {
        "/start": ("company",), "/connections": ("x",), "/language": ("language", "back"), "/embed/x": ("secret",),
        "/i/x": ("x",),
        f"{here}/launch": ("account_id", "region", "flow"), f"{here}/account": ("account_id",),
        f"{here}/pin": ("number", "token"),
        f"{here}/role": ("role_arn", "replace_account"), f"{here}/check": ("x",), f"{here}/retry": ("x",),
        "/h/x": ("x",),
        f"{here}/examine": ("pasted",), f"{here}/handover": ("asked_by", "days"), f"{here}/handover/x/revoke": ("x",),
    }  # fmt: skip
    kind = "application/x-www-form-urlencoded"
    faults = [
        send("POST", path, body=f"csrf_token={token}&{field}=".encode() + text, CONTENT_TYPE=kind)
        for path, fields in forms.items()
        for field in (*fields, *(("csrf_token", "rolecall_session") if path == "/start" else ()))
        for text in TEXTS
    ]
    boundary = "multipart/form-data; boundary=x"
    faults += [send("POST", f"{here}/examine", body=body, CONTENT_TYPE=boundary) for body in MULTIPART]
    faults += [
        send("POST", path, body=_file(field, token=token), CONTENT_TYPE=boundary)
        for path, fields in forms.items()
        for field in (*fields, "csrf_token", "rolecall_session")
    ]

    assert list(filter(None, faults)) == []


def test_no_body_crashes_the_api(send, bearer):
    faults = [send("POST", "/api/v1/launches", body=body, **bearer) for body in BODIES]
    faults += [send("GET", f"/api/v1/connections?{query}", **bearer) for query in QUERIES]

    assert list(filter(None, faults)) == []
