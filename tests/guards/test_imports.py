"""The import table: arrows point inwards, `views -> onboarding <- aws, store`; the domain touches no outer world."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Part of the program -> the other parts it may import, and the installed packages.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "onboarding": (set(), {"coloraide", "itsdangerous", "yaml"}),
    "views": (
        {"onboarding"},
        {
            *("babel", "brotli", "flask", "flask_babel", "flask_limiter", "flask_wtf", "htmx_flask", "itsdangerous"),
            *("jinja2", "segno", "werkzeug", "wtforms"),
        },
    ),
    "aws": (
        {"onboarding"},
        {"boto3", "botocore", "mypy_boto3_cloudformation", "mypy_boto3_iam", "mypy_boto3_s3", "mypy_boto3_sts"},
    ),
    "store": ({"onboarding"}, {"sqlite_utils"}),
    "settings": (set(), set()),
    "setting_kinds": ({"settings"}, set()),
    "config": ({"onboarding", "setting_kinds", "settings"}, set()),
    "worker": ({"onboarding", "aws", "store", "config"}, set()),
    "commands": ({"onboarding", "aws", "store", "config", "settings", "worker"}, {"click", "flask", "granian"}),
    "app": (
        {"onboarding", "aws", "store", "views", "config", "settings", "worker", "commands"},
        {"flask", "flask_compress", "flask_wtf", "htmx_flask", "jinja2", "werkzeug"},
    ),
    # AWS on one's own machine; it publishes the stack template as an operator would, hence `aws`.
    "sandbox": (
        {"onboarding", "aws", "examples"},
        {"_typeshed", "boto3", "botocore", "flask", "jinja2", "moto", "werkzeug", "yaml"},
    ),
    # What others would write: it knows Rolecall by its HTTP alone.
    "examples": (set(), {"flask"}),
    # What a developer runs to bring the catalogues up to date; the program only reads them.
    "translations": ({"onboarding"}, {"babel", "jinja2"}),
    "bench": ({"onboarding", "aws"}, set()),
}

# What a person starts, and so what may touch the environment: the benchmark points boto3 at its own stub.
ENTRIES = {"app.py", "bench/verification.py", "examples/portal/portal.py"}

# One door: `python app.py sandbox` opens it, and imports the sandbox only then.
DOORS = {"commands/sandbox.py": {"sandbox"}}

# What reaches a clock, an environment, a file, a network, another process or chance that is not `secrets`.
OUTER_WORLD = {
    "asyncio", "concurrent", "ctypes", "fcntl", "glob", "http", "importlib", "io", "logging", "multiprocessing", "os",
    "pathlib", "platform", "random", "sched", "select", "shutil", "signal", "smtplib", "socket", "socketserver",
    "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "zoneinfo",
}  # fmt: skip
OUTER_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCK_CALLS = {"now", "utcnow", "today"}
CLOCKS = {"datetime", "date"}


def violations(path: str, source: str) -> list[str]:
    """Return what one file does that its place in the table forbids. `path` is relative to the project."""
    part = path.split("/")[0].removesuffix(".py")
    parts, packages = TABLE[part]
    tree = ast.parse(source, path)
    found = []
    for module in _imports(tree):
        top = module.split(".")[0]
        if top in TABLE:
            is_allowed = top == part or top in parts or top in DOORS.get(path, ())
        else:
            is_allowed = top in packages or top in sys.stdlib_module_names
        if part == "onboarding" and not OUTER_WORLD.isdisjoint({top, module}):
            is_allowed = False
        if not is_allowed:
            found.append(f"{path} imports {module}")
    if part == "onboarding":
        found += [f"{path} calls {call}" for call in _calls_of_the_outer_world(tree)]
    if path not in ENTRIES and _reads_the_environment(tree):
        found.append(f"{path} reads the environment")
    return found


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            # `from urllib import request` is `import urllib.request` by another way.
            yield from (name for a in node.names if (name := f"{node.module}.{a.name}") in OUTER_WORLD)


def _calls_of_the_outer_world(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in OUTER_CALLS:
                yield name
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if (
                owner in CLOCKS and name in CLOCK_CALLS
            ):
                yield f"{owner}.{name}"


def _reads_the_environment(tree: ast.AST) -> bool:
    names = {"environ", "environb", "getenv"}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in names:
                return True
            case ast.ImportFrom(module="os") if any(alias.name in names for alias in node.names):
                return True
    return False


def _files() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix()
        for part in TABLE
        for path in ([ROOT / f"{part}.py"] if (ROOT / f"{part}.py").exists() else (ROOT / part).glob("**/*.py"))
    )


@pytest.mark.parametrize("path", _files())
def test_every_file_keeps_to_the_table(path):
    assert violations(path, (ROOT / path).read_text()) == []


def test_every_module_at_the_top_has_a_place_in_the_table():
    modules = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert modules - {"tests"} == set(TABLE)


def test_only_the_sandbox_may_import_moto_only_aws_and_the_sandbox_boto3_and_nothing_app():
    assert {part for part, (_, packages) in TABLE.items() if "moto" in packages} == {"sandbox"}
    assert {part for part, (_, packages) in TABLE.items() if "boto3" in packages} == {"aws", "sandbox"}
    assert [part for part, (parts, _) in TABLE.items() if "app" in parts or "sandbox" in parts] == []
    assert {part for part, (parts, _) in TABLE.items() if "store" in parts} == {"worker", "commands", "app"}


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("onboarding/x.py", "import flask", "imports flask"),
        ("onboarding/x.py", "from store.sqlite import SqliteStore", "imports store.sqlite"),
        ("onboarding/x.py", "import os", "imports os"),
        ("onboarding/x.py", "import os.path", "imports os.path"),
        ("onboarding/x.py", "def f():\n    from time import sleep", "imports time"),
        ("onboarding/x.py", "import random", "imports random"),
        ("onboarding/x.py", "import urllib.request", "imports urllib.request"),
        ("onboarding/x.py", "from urllib import request", "imports urllib.request"),
        ("onboarding/x.py", "from datetime import datetime\nat = datetime.now()", "calls datetime.now"),
        ("onboarding/x.py", "import datetime\nat = datetime.datetime.now()", "calls datetime.now"),
        ("onboarding/x.py", "f = dict(default_factory=datetime.utcnow)", "calls datetime.utcnow"),
        ("onboarding/x.py", "from datetime import date\nd = date.today()", "calls date.today"),
        ("onboarding/x.py", "text = open('x').read()", "calls open"),
        ("views/x.py", "import boto3", "imports boto3"),
        ("views/x.py", "from aws.roles import StsRoles", "imports aws.roles"),
        ("views/x.py", "from store.sqlite import SqliteStore", "imports store.sqlite"),
        ("views/x.py", "import app", "imports app"),
        ("store/x.py", "from views import wizard", "imports views"),
        ("store/x.py", "import sqlalchemy", "imports sqlalchemy"),
        ("aws/x.py", "from moto import mock_aws", "imports moto"),
        ("aws/x.py", "from store.sqlite import SqliteStore", "imports store.sqlite"),
        ("commands/x.py", "import boto3", "imports boto3"),
        ("commands/x.py", "from app import create_app", "imports app"),
        ("commands/x.py", "from sandbox.run import run", "imports sandbox.run"),
        ("worker.py", "from sandbox.trust import evaluate", "imports sandbox.trust"),
        ("worker.py", "import os\nname = os.environ['NAME']", "reads the environment"),
        ("config.py", "from os import getenv", "reads the environment"),
        ("views/x.py", "import os\nname = os.getenv('NAME')", "reads the environment"),
    ],
)
def test_a_planted_violation_is_found(path, source, found):
    assert f"{path} {found}" in violations(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("onboarding/x.py", "from urllib.parse import quote\nimport yaml\nfrom onboarding.arn import Refused"),
        ("onboarding/x.py", "from onboarding.ports import Clock\ndef f(clock: Clock):\n    return clock.now()"),
        ("onboarding/x.py", "def f(self):\n    return self.clock.now(), self.store.open(1)"),
        ("app.py", "import os\nenv = os.environ"),
        ("store/x.py", "from sqlite_utils import Database\nimport time"),
    ],
)
def test_what_is_allowed_is_not_complained_of(path, source):
    assert violations(path, source) == []
