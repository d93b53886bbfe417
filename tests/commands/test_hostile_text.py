"""What tenants and AWS write reaches the operator's terminal and log as text: it moves no cursor and forges no line."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from commands.logs import PlainLines
from commands.printing import print_facts, print_json, print_line, print_rows, print_table
from commands.refusals import PlainGroup
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.status import Status
from onboarding.ports import NotFound
from tests.builders import EXTERNAL_ID, a_connection, a_tenant, a_verification, an_event
from tests.commands.operator import Operator, settings_in

# Each moves the cursor, rings, hides, turns the text around, or begins a line, on some terminal.
HOSTILE = "".join(
    map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), 0x2060])
) + "".join(map(chr, [*range(0x2066, 0x206A), 0xFEFF, 0xFFF9, 0xE0001]))
FORGED = f"a\x1b[2K\x1b[1A\r\n2030-01-01T00:00:00Z INFO forged{HOSTILE}"


def is_plain(text: str, *, lines: int | None = None) -> bool:
    """Whether nothing in the text does anything but the ends of its lines, of which there are so many."""
    assert "forged" in text
    seen = text.removesuffix("\n").split("\n")
    return all(line.isprintable() for line in seen) and lines in (None, len(seen))


@pytest.fixture
def run(tmp_path):
    return Operator(settings_in(tmp_path))


@pytest.fixture
def hostile(store):
    """A connection of a tenant with hostile names, and all that AWS and the tenant could have written about it."""
    tenant = store.add_tenant(a_tenant(FORGED, name=FORGED), an_event(connection_id=None))
    connection = a_connection(Status.WAITING, tenant_id=tenant.id, pinned_external_id=EXTERNAL_ID)
    store.add_connection(connection, an_event(connection_id=connection.id, tenant_id=tenant.id))
    store.issue(EXTERNAL_ID, connection.id, at=connection.created_at, event=an_event(connection_id=connection.id))
    found = CheckResult(
        "permissions_as_agreed", Verdict.FAILED, FORGED, FORGED, evidence=(FORGED,), raw_codes=(FORGED,)
    )
    event = an_event("connection.rejected", connection_id=connection.id, detail={FORGED: FORGED})
    proved = a_connection(Status.CONNECTED, tenant_id=tenant.id, finding_code=FORGED, pinned_external_id=EXTERNAL_ID)
    store.commit(connection, proved, event, a_verification(FORGED, results=(found,)))
    return connection


@pytest.mark.parametrize(
    "command",
    [
        ("connections", "show", "connection-1"),
        ("connections", "show", "connection-1", "--json"),
        ("connections", "list"),
        ("connections", "list", "--json"),
        ("connections", "list", "--tenant", FORGED.replace("\0", "")),
        ("connections", "export", "--format", "json"),
        ("tenants", "list"),
        ("tenants", "list", "--json"),
        ("tenants", "brand", "forged\x1b"),
        ("invites", "revoke", "forged\x1b[2K"),
        ("keys", "revoke", "forged\u202e"),
        ("connections", "show", "forged\x9b"),
    ],
    ids=" ".join,
)
def test_no_command_prints_what_a_terminal_obeys(run, hostile, command):
    works = {"list", "export", "connection-1"}.intersection(command)
    result = run(*command, code=0 if works else 1)

    assert all(line.isprintable() for line in result.output.split("\n"))
    assert not any(line.startswith("2030-01-01T00:00:00Z INFO") for line in result.output.split("\n"))


def test_what_is_printed_as_json_is_the_same_text_again(run, hostile):
    facts = json.loads(run("connections", "show", "connection-1", "--json").stdout)

    assert facts["tenant"] == facts["tenant_name"] == facts["finding"] == FORGED


def test_an_exported_configuration_has_no_line_that_a_tenant_wrote(run, hostile):
    exported = run("connections", "export", "--format", "aws-config").stdout

    assert len(exported.splitlines()) == 5


@pytest.mark.parametrize("text", [FORGED, "forged\ud800"])
def test_each_way_to_print_keeps_to_its_lines(capsys, text):
    print_line(text)
    assert is_plain(capsys.readouterr().out, lines=1)
    print_line(text, err=True)
    assert is_plain(capsys.readouterr().err, lines=1)
    print_facts([(text, text), ("name", text)])
    assert is_plain(capsys.readouterr().out, lines=2)
    print_table(("A",), [(text,)], empty="")
    assert is_plain(capsys.readouterr().out, lines=2)
    print_table(("A",), [], empty=text)
    assert is_plain(capsys.readouterr().out, lines=1)
    print_rows(("A",), [{text: (text, text)}], as_json=True, empty="")
    assert is_plain(capsys.readouterr().out, lines=8)
    print_json({"forged": text})
    assert is_plain(printed := capsys.readouterr().out, lines=3)
    assert json.loads(printed) == {"forged": text}


def test_an_error_is_one_line(capsys):
    group = PlainGroup("rolecall")

    @group.command()
    def fails() -> None:
        raise NotFound(FORGED)

    with pytest.raises(SystemExit):
        group.main(["fails"], prog_name="rolecall")
    assert is_plain(capsys.readouterr().err, lines=1)


@pytest.mark.parametrize(
    "command",
    [
        (f"--{FORGED}",),
        (FORGED,),
        ("tenants", FORGED),
        ("tenants", "list", f"--{FORGED}"),
        ("tenants", "list", FORGED),
        ("serve", "--port", FORGED),
        ("connections", "export", "--format", FORGED),
        ("invite", "--tenant", "acme", "--expires", FORGED),
    ],
)
def test_what_is_wrong_about_a_command_is_told_without_what_a_terminal_obeys(run, command):
    result = run(*command, code=2)

    *usage, error = result.stderr.removesuffix("\n").split("\n")
    assert error.startswith("Error: ")
    assert is_plain(error, lines=1)
    assert all(line.isprintable() for line in usage)


def test_help_keeps_its_lines(run):
    assert "\n  list " in run("tenants", code=2).stderr


def test_a_log_line_is_one_line_and_a_traceback_has_its_bar():
    try:
        raise ValueError(FORGED)
    except ValueError:
        caught = sys.exc_info()
    record = logging.LogRecord("rolecall", logging.INFO, "", 0, "x.y why=%s", (FORGED + "\ud800",), caught)
    record.stack_info = FORGED

    first, *others = PlainLines().format(record).split("\n")

    assert first.isprintable() and "forged" in first
    assert others
    assert all(line.startswith("  | ") and line.isprintable() for line in others)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("code='AKIAIOSFODNN7EXAMPLE' status=0", "code='AKIA****************' status=0"),
        (r"\nASIAIOSFODNN7EXAMPLE", r"\nASIA****************"),
        ("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AKIA**************** " + "*" * 40),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.", f"aws_secret_access_key={'*' * 40}."),
        ("token=IQoJb3JpZ2luX2VjEJr/+a==; x", "token=****************; x"),
        ("AROAIOSFODNN7EXAMPLE", "AROAIOSFODNN7EXAMPLE"),
        (
            "secretsmanager da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "secretsmanager da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
    ],
)
def test_an_access_key_is_masked_in_the_terminal_and_in_the_log(written, seen, capsys):
    record = logging.LogRecord("rolecall.aws", logging.WARNING, "", 0, "%s", (written,), None)
    print_line(written)
    print_json({"x": [written, 7]})

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == seen
    assert json.loads("\n".join(printed[1:])) == {"x": [seen, 7]}
    assert PlainLines().format(record).endswith(seen)
