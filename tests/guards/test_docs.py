"""Nothing that an operator can set or type is undocumented, and nothing is documented that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from commands import command_line
from config import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that are typed for it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def groups(group: click.Group) -> Iterator[click.Group]:
    yield group
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from groups(command)


def sections() -> dict[str, str]:
    """The sections of docs/commands.md by the command in their heading."""
    parts = re.split(r"^## `(.+)`$", (DOCS / "commands.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


COMMANDS = dict(leaves(command_line))


def test_every_setting_has_its_row_in_the_documentation_and_no_other_has_one():
    rows = re.findall(r"^\| `ROLECALL_(\w+)` \|", (DOCS / "configuration.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted(s.name for s in SETTINGS)


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.default], ids=lambda s: s.name)
def test_a_documented_default_is_the_real_one(setting):
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")

    assert f"| `ROLECALL_{setting.name}` | `{setting.default}` |" in text


def test_every_command_has_its_section_in_the_documentation_and_no_other_has_one():
    assert sorted(sections()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_section_of_its_command_and_no_other_is(name):
    real = {o for p in COMMANDS[name].params if isinstance(p, click.Option) for o in p.opts}

    assert set(re.findall(r"^- `(--[a-z-]+)", sections()[name], re.MULTILINE)) == real


@pytest.mark.parametrize("name", COMMANDS)
def test_a_documented_default_of_an_option_is_the_real_one(name):
    options = {o: p.default for p in COMMANDS[name].params if isinstance(p, click.Option) for o in p.opts}

    for option, value in re.findall(r"^- `(--[a-z-]+) ([a-z0-9.]+)`", sections()[name], re.MULTILINE):
        if option not in ("--format", "--expires"):
            assert str(options[option]) == value


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name):
    command = COMMANDS[name]

    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option))
    assert "..." not in command.get_short_help_str(limit=120)


def test_every_group_has_help():
    assert all(group.help for group in groups(command_line))


def test_every_test_that_the_threat_model_names_is_there():
    named = set(re.findall(r"`(tests/[\w/.]+)`", (DOCS / "threat-model.md").read_text(encoding="utf-8")))

    assert len(named) >= 10
    assert [name for name in sorted(named) if not (DOCS.parent / name).is_file()] == []


def test_every_message_that_passes_between_the_windows_is_documented_and_no_other_is():
    text = (DOCS / "embedding.md").read_text(encoding="utf-8")
    tables = text.partition("| from the frame | |")[2].partition("## How the session")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE))
    framed = (DOCS.parent / "static/framed.js").read_text(encoding="utf-8")
    parent = (DOCS.parent / "static/rolecall.js").read_text(encoding="utf-8")
    from_the_frame = set(re.findall(r'\btell\("(\w+)"', framed))

    assert documented == from_the_frame | set(re.findall(r'type: "(\w+)"', parent))
    heard = parent.partition("const does = {")[2].partition("\n    };")[0]
    assert set(re.findall(r"^      (\w+)\(.*\) \{$", heard, re.MULTILINE)) == from_the_frame
