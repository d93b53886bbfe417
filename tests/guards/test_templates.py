"""Every template compiles, is used, and keeps the rules that a strict content security policy makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError, nodes

from config import PROJECT
from store.sqlite import SqliteStore
from tests.fakes import HandClock
from tests.guards.source_files import plant, python_files, top_modules
from tests.guards.template_files import Templates
from tests.web.visitor import a_new_app

SKELETON = "base.html"
HANDLER_OR_STYLE = re.compile(r"\s(?:on[a-z]+|style)\s*=", re.IGNORECASE)
# A QR code is drawn here, into the page itself.
OURS = re.compile(r"""(?:src|href)="{{ (?:asset\(|brand_style\(|brand_logo\(|link\.qr_code )""")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return a_new_app(SqliteStore(tmp_path_factory.mktemp("guard") / "r.db"), HandClock()).jinja_env


@pytest.fixture(scope="module")
def templates(environment):
    found = Templates(PROJECT / "templates", environment)
    assert len(found.pages) > 20 and len(found.partials) > 10
    return found


def broken(templates: Templates) -> list[str]:
    found = []
    for name in templates.names:
        try:
            templates.compiled(name)
        except TemplateSyntaxError as error:
            found.append(f"{name}: {error}")
    return found


def unused(templates: Templates, root: Path) -> list[str]:
    by_code = templates.named_by_code(root, [*top_modules(root), "views", "sandbox"])
    return sorted(set(templates.names) - templates.named_by_templates() - by_code)


def outside_the_skeleton(templates: Templates) -> list[str]:
    found = []
    for page in templates.pages:
        seen = [page]
        while parents := templates.extended_by(seen[-1]):
            seen.append(parents[0])
        found += [] if seen[-1] == SKELETON else [page]
    return found


def partials_that_are_pages(templates: Templates, root: Path) -> list[str]:
    by_views = templates.named_by_code(root, ["views"])
    return [name for name in templates.partials if templates.extended_by(name) or name in by_views]


def unknown_macros(templates: Templates) -> list[str]:
    shared = templates.environment.globals["ui"]
    return [
        f"{name} calls ui.{node.attr}"
        for name in templates.names
        for node in templates.parsed(name).find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "ui" and not hasattr(shared, node.attr)
    ]


def tags_that(is_wrong, templates: Templates) -> list[str]:
    return [f"{name}: {tag}" for name in templates.names for tag in templates.tags(name) if is_wrong(tag)]


def is_inline(tag: str) -> bool:
    """Whether the content security policy would stop this style or script."""
    return bool(
        HANDLER_OR_STYLE.search(tag)
        or re.match(r"<style\b", tag)
        or (re.match(r"<script\b", tag) and " src=" not in tag)
        or re.search(r"\bhx-on|=.js:|javascript:", tag)
    )


def loads_from_elsewhere(tag: str) -> bool:
    return bool(re.match(r"<(?:script|link|img|iframe|source|object|embed)\b", tag)) and not OURS.search(tag)


def inherits(tag: str) -> bool:
    """Whether a tag asks without saying where the answer goes and how: htmx 4 made inheritance opt-in."""
    if not re.search(r"\bhx-(get|post)=", tag):
        return False
    return "hx-swap=" not in tag or ("hx-target=" not in tag and 'hx-swap="none"' not in tag)


def asking_tags(templates: Templates, name: str) -> list[str]:
    return [tag for tag in templates.tags(name) if re.search(r"\bhx-(get|post)=", tag)]


def marked_as_safe(templates: Templates) -> list[str]:
    return [name for name in templates.names if re.search(r"\|\s*safe\b|autoescape", templates.source(name))]


def fragments_named_by(root: Path) -> list[tuple[str, str]]:
    """Return the page and the block of every `fragment("page.html", "block")` in the views."""
    calls = re.compile(r"""fragment\(\s*"([^"]+)",\s*"([^"]+)\"""")
    return [call for path in python_files(root, ["views"]) for call in calls.findall(path.read_text(encoding="utf-8"))]


def missing_fragments(templates: Templates, root: Path) -> list[tuple[str, str]]:
    return [
        (page, block)
        for page, block in fragments_named_by(root)
        if not re.search(rf"""{{% block {block} %}}\s*<[a-z]+ id="{block}\"""", templates.source(page))
        or block not in templates.compiled(page).blocks
    ]


def test_every_template_compiles(templates):
    assert broken(templates) == []


def test_every_template_is_used(templates):
    assert unused(templates, PROJECT) == []


def test_every_page_extends_the_skeleton(templates):
    assert outside_the_skeleton(templates) == []


def test_no_partial_is_a_page_or_extends_one(templates):
    assert partials_that_are_pages(templates, PROJECT) == []


def test_every_macro_that_a_template_calls_exists(templates):
    assert unknown_macros(templates) == []


def test_no_template_has_an_inline_style_or_script(templates):
    assert tags_that(is_inline, templates) == []


def test_templates_load_only_our_own_assets(templates):
    assert tags_that(loads_from_elsewhere, templates) == []


def test_no_template_marks_anything_as_safe_by_hand(templates):
    assert marked_as_safe(templates) == []


def test_every_fragment_that_a_view_names_is_a_block_of_its_page(templates):
    assert len(fragments_named_by(PROJECT)) >= 2
    assert missing_fragments(templates, PROJECT) == []


def test_nothing_is_inherited_from_an_element_above(templates):
    assert tags_that(inherits, templates) == []
    # The macro of the live panel makes its tag from a dictionary, and so does the stack's page in the sandbox.
    assert asking_tags(templates, "_ui.html") == ['<made hx-get="" hx-trigger="" hx-target="this" hx-swap="outerHTML">']
    sandbox = Templates(PROJECT / "sandbox/templates", templates.environment)
    assert tags_that(inherits, sandbox) == []
    assert len(asking_tags(sandbox, "stack.html")) == 1


def test_planted_templates_are_found_in_sub_folders_too(environment, tmp_path):
    names = ["x.html", "room/deep/x.html"]
    hostile = [
        *('<p onclick="x">', '<p style="x">', "<style>", "<script>", '<a href="javascript:x">', '<a hx-on:click="x">'),
        *('<img src="https://example.com/x.png">', '<a hx-get="x" hx-target="this">', '<a hx-get="x" hx-swap="y">'),
    ]
    for name in names:
        made = """{{ {"hx-get": url, "hx-target": "this"} | xmlattr }}{% set x = {"hx-post": url, "hx-swap": "y"} %}"""
        plant(tmp_path / "templates", name, "\n".join([*hostile, made, "{{ x | safe }}", "{{ ui.no_such_macro() }}"]))
        plant(tmp_path / "templates", name.replace("x.html", "_broken.html"), "{% if %}")
    planted = Templates(tmp_path / "templates", environment)

    assert [line.partition(":")[0] for line in broken(planted)] == ["_broken.html", "room/deep/_broken.html"]
    for name in names:
        (tmp_path / "templates" / name.replace("x.html", "_broken.html")).write_text('{% extends "x.html" %}')
    assert outside_the_skeleton(planted) == sorted(names)
    assert partials_that_are_pages(planted, tmp_path) == ["_broken.html", "room/deep/_broken.html"]
    assert unknown_macros(planted) == [f"{name} calls ui.no_such_macro" for name in sorted(names)]
    assert marked_as_safe(planted) == sorted(names)
    assert tags_that(is_inline, planted) == [f"{name}: {tag}" for name in sorted(names) for tag in hostile[:6]]
    assert tags_that(loads_from_elsewhere, planted) == [
        f"{name}: {tag}" for name in sorted(names) for tag in (hostile[3], hostile[6])
    ]
    inheriting = [*hostile[7:], '<made hx-get="" hx-target="this">', '<made hx-post="" hx-swap="y">']
    assert tags_that(inherits, planted) == [f"{name}: {tag}" for name in sorted(names) for tag in inheriting]


def test_planted_uses_of_templates_are_found_in_sub_folders_too(environment, tmp_path):
    for name in ("room/used.html", "room/_by_view.html", "room/unused.html"):
        plant(tmp_path / "templates", name, '{% block panel %}<p id="other">{% endblock %}')
    plant(tmp_path, "views/room/x.py", 'fragment("room/used.html", "panel")\npage("room/_by_view.html")')
    planted = Templates(tmp_path / "templates", environment)

    assert unused(planted, tmp_path) == ["room/unused.html"]
    assert partials_that_are_pages(planted, tmp_path) == ["room/_by_view.html"]
    assert missing_fragments(planted, tmp_path) == [("room/used.html", "panel")]
