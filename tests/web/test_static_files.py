"""Static files: small on the wire, whole on arrival, and asked for again only when they changed."""

from __future__ import annotations

import shutil

import brotli
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from config import PROJECT
from tests.guards.source_files import plant
from views.look.sent_files import sent_files
from views.look.static_files import StaticFiles, versions_of

FILES = ["vendor/htmx.min.js", "vendor/pico.min.css", "wizard.css", "framed.js", "icon.svg"]


def test_a_file_is_as_small_as_brotli_makes_it_and_arrives_whole(visitor):
    for name in FILES:
        answer = visitor.open("GET", f"/static/{name}", headers={"Accept-Encoding": "gzip, br"})

        original = sent_files(PROJECT / "static")[name]
        assert answer.headers["Content-Encoding"] == "br"
        assert brotli.decompress(answer.data) == original
        assert len(answer.data) == len(brotli.compress(original, quality=11)) == int(answer.headers["Content-Length"])
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_browser_without_brotli_gets_it_another_way(visitor):
    original = sent_files(PROJECT / "static")["wizard.css"]

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


def test_an_encoding_that_a_client_refuses_is_not_sent(visitor):
    for accepted, sent in (("br;q=0, gzip", "gzip"), ("br;q=0, gzip;q=0", None), ("*;q=0.1", "br"), ("GZIP", "gzip")):
        answer = visitor.open("GET", "/static/wizard.css", headers={"Accept-Encoding": accepted})

        assert answer.headers.get("Content-Encoding") == sent, accepted


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("GET", {"If-None-Match": "the one sent"}, 304),
        ("GET", {"Range": "bytes=9999999-"}, 200),
        ("OPTIONS", {}, 200),
        ("POST", {}, 405),
    ],
)
def test_every_answer_about_a_file_has_the_headers_that_protect_it(visitor, method, more, status):
    first = visitor.open("GET", "/static/wizard.css")
    more = {name: first.headers["ETag"] if value == "the one sent" else value for name, value in more.items()}

    answer = visitor.open(method, "/static/wizard.css", headers=more)

    assert answer.status_code == status
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"):
        assert answer.headers[name] == first.headers[name]
    # A file loads nothing; what is said in its place is a page like any other.
    for policy in (first, answer):
        assert "default-src 'none'" in policy.headers["Content-Security-Policy"]
        assert policy.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_files_are_served_without_copies_on_disk_and_have_the_same_etag_in_each_process(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "full"))
    etags = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        plant(folder, "x.js", "go();" * 99)
        files = StaticFiles(NotFound(), folder, versions=versions_of(folder), headers={})
        shutil.rmtree(folder)

        answer = Client(files).get("/static/x.js", headers={"Accept-Encoding": "br"})

        assert brotli.decompress(answer.data) == b"go();" * 99 + b"\n"
        etags.add(answer.headers["ETag"])
    assert len(etags) == 1


def test_a_part_of_a_stylesheet_has_no_address_and_a_doubled_slash_changes_nothing(visitor):
    assert visitor.open("GET", "/static/wizard/tokens.css").status_code == 404
    assert visitor.open("GET", "/static/wizard.css/").status_code == 404
    assert b"@import" not in visitor.open("GET", "//static/wizard.css").data


def test_a_head_of_a_file_has_no_body(visitor):
    answer = visitor.open("HEAD", "/static/wizard.css", headers={"Accept-Encoding": "br"})

    assert answer.status_code == 200
    assert answer.data == b""


def test_a_stylesheet_arrives_whole_and_a_change_of_a_part_changes_its_address(visitor, tmp_path):
    assert b"@import" not in visitor.open("GET", "/static/wizard.css", headers={"Accept-Encoding": "identity"}).data
    plant(tmp_path, "old/wizard.css", '@import "wizard/panel.css";\n@import "wizard/narrow.css";')
    plant(tmp_path, "old/wizard/panel.css", ".live { margin: 0 }")
    plant(tmp_path, "old/wizard/narrow.css", ".live { margin: 1px }")
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    plant(tmp_path, "new/wizard/panel.css", ".live { padding: 0 }")
    old, new = (versions_of(tmp_path / name) for name in ("old", "new"))

    assert old.keys() == new.keys() == {"wizard.css"}
    assert old["wizard.css"] != new["wizard.css"]
    assert sent_files(tmp_path / "old")["wizard.css"].split() == (b".live { margin: 0 } .live { margin: 1px }".split())


def test_a_script_of_ours_is_sent_without_the_lines_that_are_comments_and_a_vendored_one_as_it_is(tmp_path):
    script = '// Why.\n"use strict";\n{\n  // And why.\n  go("https://example.com"); // Where.\n}'
    for name in ("x.js", "vendor/x.js"):
        plant(tmp_path, name, script)

    sent = sent_files(tmp_path)

    assert sent["x.js"].decode() == '"use strict";\n{\n  go("https://example.com"); // Where.\n}\n'
    assert sent["vendor/x.js"].decode() == f"{script}\n"
