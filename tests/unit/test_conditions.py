"""A condition holds, does not, or hangs on what nobody can know: each operator as AWS documents it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from onboarding.policy import conditions
from onboarding.policy.conditions import KINDS, holds
from onboarding.policy.document import Condition
from onboarding.policy.keys import SOME
from tests.unit.operators import FORMS, NULL, OPERATORS, RULES, UNKNOWN

ANSWERS = {"T": True, "F": False, "?": None}
NEGATED = conditions._NEGATED
ARN = "arn:aws:iam::111122223333:role/a"


def does(operator, wanted, keys, *, has_variables=False):
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return holds(Condition(operator, "A:b", values), keys, has_variables=has_variables)


def requests(match, other):
    """The keys of the six columns of FORMS."""
    present = ({"a:b": (match,)}, {"a:b": (other,)}, {"a:b": (match, other)})
    return (*present, {"a:b": None}, {}, {"a:b": SOME})


def table():
    """Everything that the tables say, as what the code says: name -> (what it does, what it should)."""
    rows = {}
    for operator, wanted, match, other in OPERATORS:
        for form, is_negated, letters in FORMS:
            if is_negated is ("Not" in operator):
                name = form.format(operator)
                for column, (keys, letter) in enumerate(zip(requests(match, other), letters, strict=True)):
                    if letter != "-":
                        rows[name, column] = does(name, wanted, keys), ANSWERS[letter]
    for operator, wanted, actual, answer in RULES:
        rows[operator, wanted, actual] = does(operator, wanted, {"a:b": (actual,)}), answer
    return rows


def wrong():
    """The rows of the table that do not hold."""
    return [row for row, (found, right) in table().items() if found is not right]


def test_every_operator_in_every_form_does_what_aws_says():
    assert wrong() == []
    assert len(table()) > 26 * 6 * 5


def test_the_table_has_every_operator():
    assert {row[0] for row in OPERATORS} == set(KINDS) | set(NEGATED)


@pytest.mark.parametrize(("wanted", "letters"), NULL)
def test_null_asks_whether_the_key_is_there(wanted, letters):
    for keys, letter in zip(({"a:b": ("x",)}, {"a:b": None}, {}), letters, strict=True):
        assert does("Null", wanted, keys) is ANSWERS[letter]
    assert does("Null", wanted, {"a:b": SOME}) is ANSWERS[letters[0]]
    assert does("Null", wanted, {"a:b": ()}) is ANSWERS[letters[1]]


@pytest.mark.parametrize("operator", UNKNOWN)
@pytest.mark.parametrize("keys", [{"a:b": ("x",)}, {"a:b": None}, {}])
def test_what_an_unknown_operator_does_nobody_knows(operator, keys):
    assert does(operator, "x", keys) is None


def test_one_of_several_values_is_enough_and_a_negated_operator_wants_none_of_them():
    assert does("StringEquals", ("x", "y"), {"a:b": ("y",)}) is True
    assert does("StringNotEquals", ("x", "y"), {"a:b": ("y",)}) is False
    assert does("StringNotEquals", ("x", "y"), {"a:b": ("z",)}) is True


def test_a_condition_with_no_value_matches_nothing():
    assert does("StringEquals", (), {"a:b": ("x",)}) is False
    assert does("StringNotEquals", (), {"a:b": ("x",)}) is True


@pytest.mark.parametrize("key", ["aws:PrincipalArn", "AWS:PRINCIPALARN", "aws:principalarn"])
def test_the_letter_case_of_a_key_does_not_count(key):
    asked = Condition("ArnEquals", key, (ARN,))

    assert holds(asked, {"aws:principalarn": (ARN,)}, has_variables=False) is True


# That the table has teeth: without any one rule, or with another's in its place, a row of it is wrong.


@pytest.fixture
def mutated(monkeypatch):
    """`mutated(KINDS, name, kind)` puts another rule there, or takes it out where there is none."""

    def change(rules, name, instead=None):
        if instead is None:
            monkeypatch.delitem(rules, name)
        else:
            monkeypatch.setitem(rules, name, instead)
        conditions._kept_operator.cache_clear()

    conditions._kept_operator.cache_clear()
    yield change
    monkeypatch.undo()
    conditions._kept_operator.cache_clear()


@pytest.mark.parametrize("name", KINDS)
def test_without_an_operator_a_row_is_wrong(mutated, name):
    mutated(KINDS, name)

    assert any(name in str(row[0]) for row in wrong())


@pytest.mark.parametrize("name", NEGATED)
def test_without_a_negation_a_row_is_wrong(mutated, name):
    mutated(NEGATED, name)

    assert any(name in str(row[0]) for row in wrong())


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        (name, flag)
        for name, kind in KINDS.items()
        for flag in ("reads_wildcards", "ignores_case", "is_arn")
        # Text has these rules, and letters count in every ARN.
        if kind.matcher is None and not (kind.is_arn and flag == "ignores_case")
    ],
)
def test_with_another_rule_for_wildcards_or_letter_case_a_row_is_wrong(mutated, name, flag):
    kind = KINDS[name]
    mutated(KINDS, name, replace(kind, **{flag: not getattr(kind, flag)}))

    assert wrong() != []


@pytest.mark.parametrize("family", ["Numeric", "Date"])
def test_with_another_limit_a_row_is_wrong(mutated, family):
    original = {name: kind for name, kind in KINDS.items() if name.startswith(family)}
    assert len(original) == 5

    for one, other in permutations(original, 2):
        mutated(KINDS, one, original[other])
        assert wrong() != [], (one, other)
        mutated(KINDS, one, original[one])
