"""The templates as the guards read them: their names, their tags, and which of them are named, by what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template, nodes

from tests.guards.source_files import files_in, python_files


@dataclass(frozen=True)
class Templates:
    """Every template in a folder and its sub-folders, read with the environment of the application."""

    folder: Path
    environment: Environment

    @property
    def names(self) -> list[str]:
        return [path.relative_to(self.folder).as_posix() for path in files_in(self.folder, "*.html")]

    @property
    def pages(self) -> list[str]:
        return [name for name in self.names if not name.rpartition("/")[2].startswith("_")]

    @property
    def partials(self) -> list[str]:
        return sorted(set(self.names) - set(self.pages))

    def source(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def parsed(self, name: str) -> nodes.Template:
        return self.environment.parse(self.source(name))

    def compiled(self, name: str) -> Template:
        return self.environment.overlay(loader=FileSystemLoader(self.folder)).get_template(name)

    def tags(self, name: str) -> list[str]:
        """Return every start tag with the Jinja in it, and those that dictionaries make."""
        held = re.sub(r"{#.*?#}", "", self.source(name), flags=re.DOTALL)
        pieces: list[str] = []

        def hold(found: re.Match[str]) -> str:
            pieces.append(found[0])
            return f"\x00{len(pieces) - 1}\x00"

        # A Jinja block can contain a > of its own.
        held = re.sub(r"{{.*?}}|{%.*?%}", hold, held, flags=re.DOTALL)
        found = re.findall(r"<[a-zA-Z][^<>]*>", held)
        written = [re.sub(r"\x00(\d+)\x00", lambda m: pieces[int(m[1])], tag) for tag in found]
        return written + self._made_tags(name)

    def _made_tags(self, name: str) -> list[str]:
        """Return what `{"hx-get": url} | xmlattr` adds to a tag, as a tag of its own: <made hx-get="">."""
        return [
            "<made " + " ".join(f'{a.key.value}="{getattr(a.value, "value", "")}"' for a in made.items) + ">"
            for made in self.parsed(name).find_all(nodes.Dict)
        ]

    def extended_by(self, name: str) -> list[str]:
        return [parent for n in self.parsed(name).find_all(nodes.Extends) for parent in sorted(self.named(n.template))]

    def named_by_templates(self) -> set[str]:
        """Return the templates that other templates extend, include or import, by name or by a pattern."""
        naming = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
        found = (node for name in self.names for node in self.parsed(name).find_all(naming))
        return {name for node in found for name in self.named(node.template)}

    def named(self, expression: nodes.Expr) -> set[str]:
        """A constant is a name; `"console/_" ~ page ~ ".html"` is every file that matches it."""
        if isinstance(expression, nodes.Const):
            return {expression.value}
        if isinstance(expression, nodes.Concat):
            pattern = "".join(re.escape(n.value) if isinstance(n, nodes.Const) else "[a-z_]+" for n in expression.nodes)
            return {name for name in self.names if re.fullmatch(pattern, name)}
        raise AssertionError(f"a guard cannot follow {expression}")

    def named_by_code(self, root: Path, parts: Iterable[str]) -> set[str]:
        """Return the templates that Python names; an f-string stands for every file that matches it."""
        found = set()
        for file in python_files(root, parts):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
                    found.add(node.value)
                if isinstance(node, ast.JoinedStr):
                    pattern = "".join(
                        re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values
                    )
                    found |= {name for name in self.names if re.fullmatch(pattern, name)}
        return found
