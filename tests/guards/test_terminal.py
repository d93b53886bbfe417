"""What the commands print goes through one door, which shows what a terminal would obey.

Two doors beside it have a lock of their own: the log (commands/logs.py) and click's own errors (commands/refusals.py);
tests/commands/test_hostile_text.py tries them. So a command can log, or raise ClickException.
"""

from __future__ import annotations

import ast

from config import PROJECT
from tests.guards.source_files import plant, sources

DOOR = "commands/printing.py"
PRINTING = {
    *("print", "pprint", "pp", "echo", "secho", "echo_via_pager", "confirm", "prompt", "write", "writelines"),
    *("print_exc", "print_exception", "print_last", "print_stack", "print_tb"),
}


def printed_beside_the_door(root):
    """Return each call that prints, outside the door."""
    found = [
        f"{path}:{node.lineno}"
        for path, text in sources(root, ["app", "commands", "worker"]).items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _name(node.func) in PRINTING and path != DOOR
    ]
    return sorted(found)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def test_no_command_prints_beside_the_door():
    assert printed_beside_the_door(PROJECT) == []


def test_a_planted_print_is_found(tmp_path):
    plant(tmp_path, "app.py", "import sys\nsys.stderr.write('x')")
    plant(tmp_path, "commands/deep/x.py", "import click\nclick.echo('x')\nprint('x')")
    plant(tmp_path, "worker.py", "from click import secho\nsecho('x')")
    plant(tmp_path, "commands/y.py", "import traceback\ntraceback.print_exc()")

    assert printed_beside_the_door(tmp_path) == [
        "app.py:2",
        "commands/deep/x.py:2",
        "commands/deep/x.py:3",
        "commands/y.py:2",
        "worker.py:2",
    ]
