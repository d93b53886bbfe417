"""Static files: small on the wire, whole on arrival, and asked for again only when they changed."""

from __future__ import annotations

import brotli

from config import PROJECT

FILES = ["vendor/htmx.min.js", "vendor/pico.min.css", "wizard.css", "framed.js", "icon.svg"]


def test_a_file_is_as_small_as_brotli_makes_it_and_arrives_whole(visitor):
    for name in FILES:
        answer = visitor.open("GET", f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})

        original = (PROJECT / "static" / name).read_bytes()
        assert answer.headers["Content-Encoding"] == "br"
        assert brotli.decompress(answer.data) == original
        assert len(answer.data) == len(brotli.compress(original, quality=11)) == int(answer.headers["Content-Length"])
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_browser_without_brotli_gets_it_another_way(visitor):
    original = (PROJECT / "static/wizard.css").read_bytes()

    assert (
        visitor.open("GET", "/static/wizard.css", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"]
        == "gzip"
    )
    assert visitor.open("GET", "/static/wizard.css", headers={"Accept-Encoding": "identity"}).data == original


def test_what_has_not_changed_is_not_sent_again(visitor):
    first = visitor.open("GET", "/static/wizard.css", headers={"Accept-Encoding": "br"})

    again = visitor.open(
        "GET", "/static/wizard.css", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304
    assert again.data == b""


def test_a_head_of_a_file_has_no_body(visitor):
    answer = visitor.open("HEAD", "/static/wizard.css", headers={"Accept-Encoding": "br"})

    assert answer.status_code == 200
    assert answer.data == b""
