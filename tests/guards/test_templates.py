"""Every template compiles, is used, and keeps the rules that a strict content security policy makes."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import nodes

from config import PROJECT
from store.sqlite import SqliteStore
from tests.fakes import HandClock
from tests.web.visitor import an_app

FOLDER = PROJECT / "templates"
FILES = sorted(f.relative_to(FOLDER).as_posix() for f in FOLDER.rglob("*.html"))
PAGES = [name for name in FILES if not name.rpartition("/")[2].startswith("_")]
PARTIALS = sorted(set(FILES) - set(PAGES))
SKELETON = "base.html"
HANDLER_OR_STYLE = re.compile(r"\s(?:on[a-z]+|style)\s*=", re.IGNORECASE)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return an_app(SqliteStore(tmp_path_factory.mktemp("guard") / "r.db"), HandClock()).jinja_env


def source(name):
    return (FOLDER / name).read_text()


def tags(name):
    """Return every start tag, with the Jinja in it; what stands in a Jinja block may hold a > of its own."""
    held = re.sub(r"{#.*?#}", "", source(name), flags=re.DOTALL)
    pieces = []

    def hold(found):
        pieces.append(found[0])
        return f"\x00{len(pieces) - 1}\x00"

    held = re.sub(r"{{.*?}}|{%.*?%}", hold, held, flags=re.DOTALL)
    found = re.findall(r"<[a-zA-Z][^<>]*>", held)
    return [re.sub(r"\x00(\d+)\x00", lambda m: pieces[int(m[1])], tag) for tag in found]


def parsed(environment, name):
    return environment.parse(source(name))


def named_by_templates(environment):
    """Return the templates that other templates extend, include or import, by name or by a pattern."""
    found = set()
    for name in FILES:
        for node in parsed(environment, name).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            found |= names_in(node.template)
    return found


def names_in(expression):
    """A constant is a name; `"console/_" ~ page ~ ".html"` is every file it may come to."""
    if isinstance(expression, nodes.Const):
        return {expression.value}
    if isinstance(expression, nodes.Concat):
        pattern = "".join(re.escape(n.value) if isinstance(n, nodes.Const) else "[a-z_]+" for n in expression.nodes)
        return {name for name in FILES if re.fullmatch(pattern, name)}
    raise AssertionError(f"a guard cannot follow {expression}")


def named_by_code(*folders):
    """Return the templates that Python names; an f-string stands for every file it may come to."""
    found = set()
    for file in (file for folder in folders for file in (PROJECT / folder).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
                found.add(node.value)
            if isinstance(node, ast.JoinedStr):
                pattern = "".join(
                    re.escape(v.value) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values
                )
                found |= {name for name in FILES if re.fullmatch(pattern, name)}
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_template_compiles(environment, name):
    assert environment.get_template(name) is not None


def test_every_template_is_used(environment):
    assert sorted(set(FILES) - named_by_templates(environment) - named_by_code(".", "views", "sandbox")) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_extends_the_skeleton(environment, name):
    seen = [name]
    while parents := [names_in(n.template) for n in parsed(environment, seen[-1]).find_all(nodes.Extends)]:
        seen.append(parents[0].pop())

    assert seen[-1] == SKELETON


@pytest.mark.parametrize("name", PARTIALS)
def test_a_partial_is_no_page_and_extends_nothing(environment, name):
    assert not list(parsed(environment, name).find_all(nodes.Extends))
    assert name not in named_by_code("views")


@pytest.mark.parametrize("name", FILES)
def test_every_macro_that_a_template_calls_exists(environment, name):
    shared = environment.globals["ui"]
    for node in parsed(environment, name).find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "ui":
            assert hasattr(shared, node.attr), f"{name} calls ui.{node.attr}"


@pytest.mark.parametrize("name", FILES)
def test_a_template_has_no_inline_style_or_script(name):
    for tag in tags(name):
        assert not HANDLER_OR_STYLE.search(tag), tag
        assert not re.match(r"<style\b", tag), tag
        assert not re.match(r"<script\b", tag) or " src=" in tag, tag
        assert not re.search(r"\bhx-on|=.js:|javascript:", tag), tag


@pytest.mark.parametrize("name", FILES)
def test_a_template_loads_nothing_but_our_own_assets(name):
    loading = [tag for tag in tags(name) if re.match(r"<(?:script|link|img|iframe|source|object|embed)\b", tag)]

    # A QR code is drawn here, into the page itself.
    ours = r"""(?:src|href)="{{ (?:asset\(|brand_style\(|brand_logo\(|link\.qr_code )"""
    assert [tag for tag in loading if not re.search(ours, tag)] == []


@pytest.mark.parametrize("name", FILES)
def test_a_template_marks_nothing_as_safe_by_hand(name):
    assert re.findall(r"\|\s*safe\b|autoescape", source(name)) == []


def test_every_fragment_that_a_view_names_is_a_block_of_its_page(environment):
    calls = re.findall(r"""fragment\(\s*"([^"]+)",\s*"([^"]+)\"""", (PROJECT / "views/wizard.py").read_text())

    assert len(calls) >= 2
    for template, block in calls:
        found = environment.get_template(template)
        assert block in found.blocks
        assert re.search(rf"""{{% block {block} %}}\s*<[a-z]+ id="{block}\"""", source(template))


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_inherited_from_an_element_above(name):
    """Who asks says where to put the answer and how: htmx 4 made inheritance opt-in."""
    for tag in tags(name):
        if not re.search(r"\bhx-(get|post)=", tag):
            continue
        assert "hx-swap=" in tag
        assert "hx-target=" in tag or 'hx-swap="none"' in tag
