"""Every word about a failed stack is asked of the catalogue, but for what our own answer said, which AWS shows too."""

# ruff: noqa: F811 (a fixture is asked for by its name)

from __future__ import annotations

import json

from config import PROJECT
from onboarding.diagnosis.of_the_stack import OF_THE_STACK
from tests.web.test_every_word import app, foreigner, left_out  # noqa: F401 (fixtures)
from tests.web.visitor import document

_CASES = map(json.loads, (PROJECT / "tests/cases/stack_lines.jsonl").read_text("utf-8").splitlines())
# One of each finding: the others are read in tests/unit/test_stack_lines.py.
CASES = {case["expected"]["code"]: case for case in _CASES if "partition" not in case["expected"]}


def test_whatever_is_pasted_of_a_failed_stack(foreigner, story, tenant, left_out):
    path = f"/connect/{story.waiting(tenant).id}/trouble"

    shown = {code: foreigner.post(path, {"pasted": case["text"]}) for code, case in CASES.items()}

    said = {code: left_out(answer, CASES[code]["expected"].get("quoted", "")) for code, answer in shown.items()}
    assert {code: words for code, words in said.items() if words} == {}
    found = {code: next(document(a).iterfind(".//section[@data-code]")).get("data-code") for code, a in shown.items()}
    assert found == {code: code for code in OF_THE_STACK}
