"""Why a stack failed, read from what people copy out of AWS: real sentences, with where each was seen."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import PROJECT
from onboarding.diagnosis.of_the_stack import OF_THE_STACK
from onboarding.diagnosis.stack_finding import Hand, Press
from onboarding.pasted import stack_line
from onboarding.pasted.stack_line import LONGEST_PASTE, read_stack_line

CASES = [json.loads(line) for line in (PROJECT / "tests/cases/stack_lines.jsonl").read_text("utf-8").splitlines()]
USER = "arn:aws:sts::111122223333:assumed-role/Engineer/ana"


def read(text, partition="aws"):
    return read_stack_line(text, partition=partition)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_sentence_of_aws_is_known_for_what_it_is(case):
    expected = case["expected"]
    found = read(case["text"], expected.get("partition", "aws"))

    assert found.code == expected["code"]
    who = OF_THE_STACK[found.code].who
    assert who == expected.get("who", who)
    assert str(found.stack_id or "") == expected.get("stack_id", "")
    assert found.quoted == expected.get("quoted", "")


def test_at_least_forty_real_sentences_stand_behind_it_each_with_its_source():
    real = {case["text"] for case in CASES if case["source"].startswith("https://")}

    assert len(real) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_every_finding_has_words_and_is_found_in_some_case():
    found = {case["expected"]["code"] for case in CASES}

    assert found == OF_THE_STACK.keys()
    for finding in OF_THE_STACK.values():
        assert finding.happened, finding.code
        assert finding.remedy, finding.code
        assert finding.operator, finding.code


def test_what_is_the_vendors_fault_asks_nothing_of_the_tenant_but_to_tell_us_or_to_go_round_it():
    for finding in OF_THE_STACK.values():
        if finding.who is Hand.VENDOR:
            assert finding.press in (Press.NONE, Press.PLAIN), finding.code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("with an explicit deny in a service control policy", "roles_forbidden"),
        ("with an explicit deny in a resource control policy", "roles_forbidden"),
        ("with an explicit deny in an identity-based policy", "boundary_demanded"),
        ("with an explicit deny in a permissions boundary", "boundary_demanded"),
        ("with an explicit deny in a session policy", "boundary_demanded"),
        ("because no identity-based policy allows the iam:CreateRole action", "no_right_to_roles"),
        ("because no session policy allows the iam:CreateRole action", "no_right_to_roles"),
        ("because no permissions boundary allows the iam:CreateRole action", "boundary_demanded"),
        ("because no service control policy allows the iam:CreateRole action", "roles_forbidden"),
    ],
)
def test_whose_policy_refuses_a_role_decides_who_must_act(words, code):
    assert read(f"User: {USER} is not authorized to perform: iam:CreateRole on resource: x {words}").code == code


def test_curly_quotation_marks_and_characters_without_width_hide_no_sentence():
    assert read("Stack [north\u200bwind-7kq2m9xd] al\u00adready exists").code == "name_taken"
    assert read("1 validation error detected: Value ’x’ at ’stackName’ failed to satisfy constraint").code == (
        "name_malformed"
    )


def test_nothing_secret_comes_back_in_what_we_quote():
    returned = "Received response status [FAILED] from custom resource. Message returned: "
    found = read(f"{returned}AKIAIOSFODNN7EXAMPLE \x1b[31m\u202e{'x' * 900} (RequestId: 1)")

    assert found.code == "refused_by_us"
    assert "AKIAIOSFODNN7EXAMPLE" not in found.quoted
    assert found.quoted.isprintable()
    assert len(found.quoted) <= 500


def test_only_so_much_is_read():
    assert read("x" * LONGEST_PASTE + "Stack [a] already exists").code == "unknown"


@given(st.text(max_size=400))
def test_any_text_gets_an_answer_that_has_words(text):
    assert read(text).code in OF_THE_STACK


def test_no_code_is_written_that_has_no_words():
    assert {code for _, code in stack_line._KNOWN} <= OF_THE_STACK.keys()
