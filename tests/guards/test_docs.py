"""Nothing that an operator can set or type is undocumented, and nothing is documented that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from commands import command_line
from settings import SETTINGS

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


def test_every_documented_default_is_the_real_one():
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    rows = [f"| `ROLECALL_{setting.name}` | `{setting.default}` |" for setting in SETTINGS if setting.default]

    assert [row for row in rows if row not in text] == []


def test_every_command_has_its_section_in_the_documentation_and_no_other_has_one():
    assert sorted(sections()) == sorted(COMMANDS)


def options_that_differ(commands: Mapping[str, click.Command], sections: Mapping[str, str]) -> list[str]:
    """Return the options that a command has and its section lacks, or the other way round."""
    return [
        f"{name} {option}"
        for name, command in commands.items()
        for option in sorted(set(re.findall(r"^- `(--[a-z-]+)", sections[name], re.MULTILINE)) ^ set(options(command)))
    ]


def defaults_that_differ(commands: Mapping[str, click.Command], sections: Mapping[str, str]) -> list[str]:
    return [
        f"{name} {option} {value}"
        for name, command in commands.items()
        for option, value in re.findall(r"^- `(--[a-z-]+) ([a-z0-9.]+)`", sections[name], re.MULTILINE)
        if option not in ("--format", "--expires") and str(options(command)[option].default) != value
    ]


def without_help(commands: Mapping[str, click.Command]) -> list[str]:
    """Return the commands and options without help, and the commands whose help is cut off in a list."""
    found = [n for n, c in commands.items() if not c.help or "..." in c.get_short_help_str(limit=120)]
    return found + [f"{n} {o}" for n, c in commands.items() for o, option in options(c).items() if not option.help]


def options(command: click.Command) -> dict[str, click.Option]:
    return {name: option for option in command.params if isinstance(option, click.Option) for name in option.opts}


def test_every_option_is_in_the_section_of_its_command_and_no_other_is():
    assert options_that_differ(COMMANDS, sections()) == []


def test_every_documented_default_of_an_option_is_the_real_one():
    assert defaults_that_differ(COMMANDS, sections()) == []


def test_every_command_and_option_has_help():
    assert without_help(COMMANDS) == []


def test_planted_options_that_the_documentation_gets_wrong_are_found():
    port = click.Option(["--port"], default=5000, help="Where to listen.")
    commands = {"serve": click.Command("serve", params=[port, click.Option(["--quiet"])], help="Serve.")}
    wrong = {"serve": "- `--port 8000`: where to listen.\n- `--loud`: say more.\n"}

    assert options_that_differ(commands, wrong) == ["serve --loud", "serve --quiet"]
    assert defaults_that_differ(commands, wrong) == ["serve --port 8000"]
    assert without_help(commands) == ["serve --quiet"]
    assert without_help({"long": click.Command("long", help="word " * 60), "none": click.Command("none")}) == [
        "long",
        "none",
    ]


def test_every_group_has_help():
    assert [group.name for group in groups(command_line) if not group.help] == []


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
