"""What a page loads is ours, or vendored, unaltered and accounted for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import pytest

from config import PROJECT

STATIC = PROJECT / "static"
VENDOR = STATIC / "vendor"


@dataclass(frozen=True)
class Line:
    """One line of static/vendor/README.md."""

    file: str
    package: str
    source: str
    licence: str
    sha256: str


def lines():
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| `(.+?)` \| (.+?) \| `([0-9a-f]{64})` \|$", README, re.MULTILINE)
    return [Line(*row) for row in rows]


README = (VENDOR / "README.md").read_text()


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.file)
def test_a_vendored_file_is_what_its_package_holds(line):
    assert hashlib.sha256((VENDOR / line.file).read_bytes()).hexdigest() == line.sha256
    assert re.fullmatch(r"\S+ \d+\.\d+\.\d+", line.package)
    assert line.source.endswith(line.file)
    assert line.licence in ("0BSD", "MIT", "Apache-2.0", "BSD-3-Clause")


def test_every_vendored_file_is_accounted_for():
    assert sorted(line.file for line in lines()) == sorted(f.name for f in VENDOR.iterdir() if f.name != "README.md")


def test_the_versions_are_those_that_were_chosen():
    assert {line.package for line in lines()} == {"htmx.org 4.0.1", "@picocss/pico 2.1.1"}


def test_a_vendored_file_says_its_own_version():
    assert b"Pico CSS" in (VENDOR / "pico.min.css").read_bytes()[:200]
    assert b"v2.1.1" in (VENDOR / "pico.min.css").read_bytes()[:200]
    assert b"4.0.1" in (VENDOR / "htmx.min.js").read_bytes()


def our_files():
    return [f for f in STATIC.rglob("*") if f.is_file() and VENDOR not in f.parents]


@pytest.mark.parametrize("file", our_files(), ids=lambda f: f.name)
def test_no_file_of_ours_loads_anything_from_another_site(file):
    text = file.read_text()

    loads = re.findall(
        r"""(?:url\(|@import|import\s*\(|from\s+|fetch\(|src\s*=)\s*["']?(?:https?:)?//[^"')\s]*""", text
    )
    assert loads == []


@pytest.mark.parametrize("file", [f for f in our_files() if f.suffix == ".js"], ids=lambda f: f.name)
def test_no_script_of_ours_needs_what_the_policy_forbids(file):
    """`eval` and friends, inline styles and inline handlers would all be stopped by the browser."""
    text = file.read_text()
    if file.name == "rolecall.js":
        # It sets the frame's size in a page that is not ours, by a way that no policy stops.
        text = text.replace("frame.style", "")

    assert (
        re.findall(r"\beval\(|new Function|\.style\b|setAttribute\(.style|\.onclick|innerHTML|document\.write", text)
        == []
    )


def test_htmx_is_told_not_to_write_styles_into_the_page():
    base = (PROJECT / "templates/base.html").read_text()

    assert '"includeIndicatorCSS": false' in base
