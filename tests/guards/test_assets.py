"""What a page loads is ours, or vendored, unaltered and accounted for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from config import PROJECT
from tests.guards.source_files import files_in, plant
from views.look.sent_files import IMPORT

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


def altered(vendor: Path, lines: list[Line]) -> list[str]:
    """Return the vendored files that are not what their line says."""
    licences = ("0BSD", "MIT", "Apache-2.0", "BSD-3-Clause")
    return [
        line.file
        for line in lines
        if hashlib.sha256((vendor / line.file).read_bytes()).hexdigest() != line.sha256
        or not re.fullmatch(r"\S+ \d+\.\d+\.\d+", line.package)
        or not line.source.endswith(line.file)
        or line.licence not in licences
    ]


def vendored(vendor: Path) -> list[str]:
    """Return every file but the list of them itself."""
    return sorted(f.relative_to(vendor).as_posix() for f in files_in(vendor, "*") if f != vendor / "README.md")


def ours(static: Path, pattern: str) -> list[Path]:
    return [f for f in files_in(static, pattern) if static / "vendor" not in f.parents]


def loads_from_another_site(static: Path) -> list[str]:
    loading = re.compile(r"""(?:url\(|@import|import\s*\(|from\s+|fetch\(|src\s*=)\s*["']?(?:https?:)?//[^"')\s]*""")
    return [
        f"{f.relative_to(static)}: {found}"
        for f in ours(static, "*")
        for found in loading.findall(f.read_text("utf-8"))
    ]


def forbidden_in_scripts(static: Path) -> list[str]:
    """Return what the browser would stop: `eval` and the like, inline styles, inline handlers."""
    forbidden = re.compile(r"\beval\(|new Function|\.style\b|setAttribute\(.style|\.onclick|innerHTML|document\.write")
    found = []
    for file in ours(static, "*.js"):
        text = file.read_text("utf-8")
        if file == static / "rolecall.js":
            # It sets the frame's size in a page that is not ours, in a way that no policy stops.
            text = text.replace("frame.style", "")
        found += [f"{file.relative_to(static)}: {match}" for match in forbidden.findall(text)]
    return found


def lists_with_rules(static: Path) -> list[str]:
    """Return the stylesheets that have more than comments beside their imports: it would not be served."""
    sheets = {f.relative_to(static).as_posix(): f.read_bytes() for f in ours(static, "*.css")}
    beside = {name: IMPORT.sub(b"", re.sub(rb"/\*.*?\*/", b"", text, flags=re.S)) for name, text in sheets.items()}
    return [name for name, text in sheets.items() if b"@import" in text and beside[name].strip()]


def strings_over_lines(static: Path) -> list[str]:
    """Return the lines where a template string does not end: a comment inside it would not be sent."""
    return [
        f"{file.relative_to(static)}: {line}"
        for file in ours(static, "*.js")
        for line in file.read_text("utf-8").splitlines()
        if line.count("`") % 2
    ]


def test_every_vendored_file_is_what_its_package_holds():
    assert altered(VENDOR, lines()) == []


def test_a_planted_change_of_a_vendored_file_is_found(tmp_path):
    plant(tmp_path, "room/x.js", "changed")
    line = Line("room/x.js", "x 1.0.0", "dist/room/x.js", "MIT", hashlib.sha256(b"changed\n").hexdigest())

    assert altered(tmp_path, [line]) == []
    for change in ({"sha256": "0" * 64}, {"package": "x latest"}, {"source": "y.js"}, {"licence": "GPL-3.0"}):
        assert altered(tmp_path, [replace(line, **change)]) == ["room/x.js"]


def test_every_vendored_file_is_accounted_for():
    assert sorted(line.file for line in lines()) == vendored(VENDOR)


def test_the_versions_are_those_that_were_chosen():
    assert {line.package for line in lines()} == {"htmx.org 4.0.1", "@picocss/pico 2.1.1"}


def test_a_vendored_file_says_its_own_version():
    assert b"Pico CSS" in (VENDOR / "pico.min.css").read_bytes()[:200]
    assert b"v2.1.1" in (VENDOR / "pico.min.css").read_bytes()[:200]
    assert b"4.0.1" in (VENDOR / "htmx.min.js").read_bytes()


def test_no_file_of_ours_loads_anything_from_another_site():
    assert loads_from_another_site(STATIC) == []


def test_a_stylesheet_in_parts_is_a_list_of_them_and_nothing_else():
    assert lists_with_rules(STATIC) == []


def test_no_string_of_a_script_of_ours_goes_over_lines():
    assert strings_over_lines(STATIC) == []


def test_no_script_of_ours_needs_what_the_policy_forbids():
    assert forbidden_in_scripts(STATIC) == []


def test_planted_files_are_found_in_sub_folders_too(tmp_path):
    for folder in ("", "room/deep/"):
        plant(tmp_path, f"{folder}x.css", "p { background: url(https://example.com/x.png) }")
        plant(tmp_path, f"{folder}x.js", "frame.style.height = eval('1')")
        plant(tmp_path, f"{folder}x.js", "const x = `a\n// b`;")
        plant(tmp_path, f"{folder}list.css", '/* A list. */\n@import "parts/x.css";\n')
        plant(tmp_path, f"{folder}rules.css", '@import "parts/x.css";\np { margin: 0 }')
        plant(tmp_path, f"{folder}media.css", '@import "parts/x.css" print;')
    plant(tmp_path, "rolecall.js", "frame.style.height = 1")
    plant(tmp_path, "vendor/x.js", "eval('1'); fetch('https://example.com')")

    assert loads_from_another_site(tmp_path) == [
        f"{folder}x.css: url(https://example.com/x.png" for folder in ("room/deep/", "")
    ]
    assert forbidden_in_scripts(tmp_path) == [
        f"{folder}x.js: {found}" for folder in ("room/deep/", "") for found in (".style", "eval(")
    ]
    assert strings_over_lines(tmp_path) == [
        f"{folder}x.js: {line}" for folder in ("room/deep/", "") for line in ("const x = `a", "// b`;")
    ]
    assert lists_with_rules(tmp_path) == ["media.css", "room/deep/media.css", "room/deep/rules.css", "rules.css"]
    names = ("list.css", "media.css", "rules.css", "x.css", "x.js")
    planted = {f"{folder}{name}" for folder in ("", "room/deep/") for name in names}
    assert vendored(tmp_path) == sorted({*planted, "rolecall.js", "vendor/x.js"})


def test_htmx_is_told_not_to_write_styles_into_the_page():
    base = (PROJECT / "templates/base.html").read_text()

    assert '"includeIndicatorCSS": false' in base
