"""docs/checks.md has the table of checks that the code has: the same names in the same order, as required."""

from __future__ import annotations

import re
from pathlib import Path

from bench.verification import CALLS
from onboarding.proof.checks import CHECKS
from onboarding.schedule import LOST_AFTER_ROUNDS

TEXT = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_check_has_its_row_with_its_question_and_whether_it_must_pass_and_no_other_has_one():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (required|shown) \|", TEXT, re.MULTILINE)

    assert rows == [(n, c.question, "required" if c.is_required else "shown") for n, c in CHECKS.items()]


def test_every_row_says_what_fails_it_and_what_then():
    rows = [line for line in TEXT.splitlines() if re.match(r"\| `\w+` \| .*\?", line)]

    assert len(rows) == len(CHECKS)
    assert [row for row in rows if len([cell for cell in row.strip("|").split("|") if cell.strip()]) != 5] == []


def test_every_call_to_aws_is_listed_with_its_reason_and_as_the_benchmark_lists_it():
    rows = re.findall(r"^\| \d+ \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)

    assert [call.replace("`", "") for call, _ in rows] == [call for call, _ in CALLS]
    assert [call for call, reason in rows if not reason.strip()] == []


def test_the_rounds_of_silence_that_are_told_are_the_real_ones():
    words = {2: "two", 3: "three", 4: "four", 5: "five"}

    assert f"{words[LOST_AFTER_ROUNDS]} rounds in a row" in TEXT
