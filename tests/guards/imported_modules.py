"""Which modules a file imports, wherever in it: at its top, in a function, or under TYPE_CHECKING."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def module_of(path: str) -> str:
    """`onboarding/policy/document.py` is `onboarding.policy.document`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported_modules(path: str, tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield each module that is imported, with the names taken from it, each as `module.name`."""
    package = module_of(path).split(".") if path.endswith("/__init__.py") else module_of(path).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module, [f"{module}.{alias.name}" for alias in node.names]
