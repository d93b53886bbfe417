"""However a policy is written, what says the same comes out the same; and nothing anybody sends makes it raise."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.policy.document import PolicyDocument, parse_policy
from onboarding.policy.grammar import refused_by_aws
from onboarding.policy.json_text import Unreadable
from onboarding.policy.patterns import covers_pattern, matches_pattern, patterns_meet
from sandbox.sts.operators import matches_glob

PLAIN = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "One",
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}, "Bool": {"aws:SecureTransport": True}},
    },
}
LISTED = {
    "Statement": [
        {
            "Condition": {"Bool": {"aws:SecureTransport": ["true", "true"]}, "StringEquals": {"sts:ExternalId": ["x"]}},
            "Action": ["sts:AssumeRole"],
            "Principal": {"AWS": ["111122223333", "111122223333"]},
            "Effect": "Allow",
            "Sid": "One",
        }
    ],
    "Version": "2012-10-17",
}


def statement_of(raw):
    policy = parse_policy(raw)
    assert isinstance(policy, PolicyDocument), policy
    return policy.statements[0]


def contents(statement):
    return {name: value for name, value in vars(statement).items() if name not in ("path", "oddities")}


def test_single_values_lists_order_and_repetition_come_out_alike():
    assert contents(statement_of(PLAIN)) == contents(statement_of(LISTED))
    assert statement_of(PLAIN).oddities == ()


@pytest.mark.parametrize(
    "encoded",
    [
        json.dumps(PLAIN),
        json.dumps(PLAIN, indent=4),
        f"\n\ufeff{json.dumps(PLAIN)}\n",
        quote(json.dumps(PLAIN)),
        quote(json.dumps(PLAIN), safe=""),
        json.dumps(json.dumps(PLAIN)),
    ],
    ids=["plain", "indented", "with a mark", "as IAM sends it", "all encoded", "a JSON string"],
)
def test_the_text_a_policy_comes_as_does_not_matter(encoded):
    assert parse_policy(encoded) == parse_policy(PLAIN)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "not_a_policy"),
        (["x"], "not_a_policy"),
        ("", "not_json"),
        ("{", "not_json"),
        ("{}", "no_statement"),
        ({"Statement": ["x"]}, "no_statement"),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow"}}', "key_twice"),
        ({"Statement": {"Effect": "Deny", "effect": "Allow"}}, "key_twice"),
        ({"Statement": {}, "statement": {}}, "key_twice"),
        ({1: 2}, "not_a_policy"),
        ({"Statement": {"Sid": {1, 2}}}, "not_a_policy"),
        ({"Statement": {"Sid": 10**6000}}, "not_a_policy"),
        ('{"Statement": ' + "1" * 5000 + "}", "not_a_policy"),
        ("[" * 60_000, "not_a_policy"),
        ("x" * 70_000, "too_long"),
        ({"Statement": {"Action": ["a"] * 6000}}, "too_long"),
        ({"Statement": {"Action": "a" * 70_000}}, "too_long"),
    ],
)
def test_what_is_no_policy_is_said_to_be_none(raw, code):
    found = parse_policy(raw)

    assert isinstance(found, Unreadable)
    assert found.code == code
    assert found.sentence.endswith(".")


def test_a_policy_that_holds_itself_is_too_deep_and_not_endless():
    endless: dict[str, object] = {}
    endless["Statement"] = endless

    assert isinstance(parse_policy(endless), Unreadable)


def test_a_mistake_is_placed_where_it_stands():
    found = parse_policy('{\n  "Statement": [\n    {"Effect" "Allow"}\n  ]\n}')

    assert isinstance(found, Unreadable)
    assert (found.line, found.column) == (3, 15)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ({"Effect": "allow"}, ("Statement", "Effect")),
        ({}, ("Statement", "Effect")),
        ({"Effect": "Allow", "Action": 5}, ("Statement", "Action")),
        ({"Effect": "Allow", "Conditions": {}}, ("Statement", "Conditions")),
        ({"Effect": "Allow", "Principal": "somebody"}, ("Statement", "Principal")),
        ({"Effect": "Allow", "Principal": {"aws": "*"}}, ("Statement", "Principal", "aws")),
        ({"Effect": "Allow", "Condition": "x"}, ("Statement", "Condition")),
        ({"Effect": "Allow", "Condition": {"StringEquals": None}}, ("Statement", "Condition", "StringEquals")),
        ({"Effect": "Allow", "Action": "a", "NotAction": "b"}, ("Statement", "NotAction")),
    ],
)
def test_what_the_grammar_does_not_have_is_named_with_its_place(statement, place):
    assert place in [odd.path for odd in statement_of({"Statement": statement}).oddities]


def test_an_element_that_is_there_and_empty_is_not_an_absent_one():
    assert statement_of({"Statement": {"Effect": "Allow", "NotAction": []}}).not_actions == ()
    assert statement_of({"Statement": {"Effect": "Allow"}}).not_actions is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.binary(),
        lambda x: st.lists(x) | st.dictionaries(st.text() | st.sampled_from(["Statement", "Effect"]), x),
    )
)
def test_nothing_makes_it_raise(raw):
    assert isinstance(parse_policy(raw), PolicyDocument | Unreadable)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.sampled_from(["*", "Allow", "sts:x", "AROA"]),
    lambda x: (
        st.lists(x, max_size=2)
        | st.dictionaries(st.sampled_from(["AWS", "Service", "Null", "dateequals", "aws:x", ""]), x, max_size=2)
    ),
    max_leaves=6,
)
elements = ["Sid", "sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition", "x"]


@given(st.lists(st.dictionaries(st.sampled_from(elements), anything)), st.booleans())
def test_nothing_in_a_statement_makes_the_grammar_raise(statements, is_trust):
    policy = parse_policy({"statement": statements})

    if isinstance(policy, PolicyDocument):
        assert refused_by_aws(policy, is_trust=is_trust)


globs = st.text("ab*?:", max_size=8)


@given(st.text("ab:*?", max_size=8), globs)
def test_patterns_match_as_the_enforcing_sts_has_it(text, pattern):
    assert matches_pattern(text, pattern) is matches_glob(text, pattern)


@given(globs, globs, st.text("ab:", max_size=6))
def test_a_pattern_covers_or_meets_another_only_if_their_texts_say_so(wide, narrow, text):
    if covers_pattern(wide=wide, narrow=narrow) and matches_pattern(text, narrow):
        assert matches_pattern(text, wide)
    if matches_pattern(text, wide) and matches_pattern(text, narrow):
        assert patterns_meet(wide, narrow)


def test_one_unknown_character_does_not_cover_a_run_of_them():
    assert not covers_pattern(wide="ec2:?", narrow="ec2:*")
    assert covers_pattern(wide="ec2:*", narrow="ec2:?")
    assert covers_pattern(wide="ec2:*", narrow="ec2:Describe*")
    assert not covers_pattern(wide="ec2:Describe*", narrow="ec2:*")


def test_patterns_that_share_no_text_do_not_meet():
    assert not patterns_meet("ab*", "b*")
    assert not patterns_meet("a?", "a")
    assert patterns_meet("a*c", "*bc")


def test_no_pattern_takes_long():
    started = time.process_time()

    assert not matches_pattern("a" * 5_000, "*a" * 500 + "b")
    assert not matches_pattern("sts:assumerole", "*s*" * 200 + "!")
    assert not matches_glob("a" * 5_000, "*a" * 500 + "b")

    assert time.process_time() - started < 5
