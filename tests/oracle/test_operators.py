"""Each condition holds for a request in the product exactly when it does in the sandbox's STS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

import pytest

from onboarding.policy import conditions as rules
from onboarding.policy.document import Condition
from sandbox.sts.operators import OPERATORS
from sandbox.sts.trust_conditions import unmet_condition
from tests.oracle.conditions import ARNS, DATES, KEYS, NUMBERS, STRINGS, Key, Made, changed, instance, make_condition
from tests.soak import TIMES

EXAMPLES = 10_000
ODD_KEYS = (
    Key(
        "aws:Text", STRINGS + ARNS, ("a", "A", "a*", "?", "*:*", "arn:aws:iam::1:role/a*", "arn:*:*:*:*:*", "${aws:b}*")
    ),
    Key("aws:Number", NUMBERS, ("1", "1.0", "9", "10", "-1", "1e3")),
    Key("aws:Moment", DATES, ("2030-01-01", "2030-01-01T00:00:00Z", "1893456000", "2030-01-01T01:00:00+01:00")),
    Key("aws:Flag", ("Bool",), ("true", "false", "True")),
    Key("aws:Bytes", ("BinaryEquals",), ("QmluYXJ5", "qmluyxj5", "Qg==")),
    Key(
        "aws:Address", ("IpAddress", "NotIpAddress"), ("10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::/32", "10.1.2.3/32")
    ),
    Key("aws:Several", STRINGS, ("a", "b*", "C", "*"), is_list=True),
)

Asked = tuple[Made, Mapping[str, tuple[str, ...]], bool]


def asked(chance: Random) -> Asked:
    """One condition, the keys of a request, and whether the policy's version knows variables."""
    made = make_condition(chance, chance.choice(ODD_KEYS + KEYS))
    known = {"aws:b": chance.choice(["a", "*", "x:y"]), "aws:principalaccount": "999988887777", "aws:username": "ann"}
    context = {name: (value,) for name, value in known.items() if chance.random() < 0.7}
    count = chance.choice([0, 1, 1, 1, 2, 3] if made.key.is_list else [0, 1, 1, 1])
    drawn = [chance.choice([*made.values, *made.key.values]) for _ in range(count)]
    near = changed if made.key.operators[0] in STRINGS else lambda _, text: text
    values = tuple(near(chance, instance(chance, pattern, known)) for pattern in drawn)
    if made.key.operators[0] == "IpAddress":
        values = tuple(value.partition("/")[0] for value in values)
    if values:
        context[made.key.name.lower()] = values
    return made, context, chance.random() < 0.8


def differences(number: int) -> Iterator[str]:
    """Yield the conditions on which the two differ, of so many."""
    chance = Random(20300517)
    for _ in range(number):
        made, context, variables = asked(chance)
        block: dict[str, object] = {}
        made.put_into(block)
        oracle = unmet_condition(block, context, variables=variables) is None
        every_key = {key.name.lower(): None for key in (*KEYS, *ODD_KEYS)} | {"aws:b": None, **context}
        condition = Condition(made.operator, made.key.name, tuple(sorted(set(made.values))))
        product = rules.holds(condition, every_key, has_variables=variables)
        # What a pattern of too few parts does to an ARN, and a variable without a value, AWS's pages leave open.
        is_arn = "Arn" in made.operator and any("*" in v for v in made.values)
        is_unsaid = product is None and (is_arn or (variables and any("${" in v for v in made.values)))
        if product is not oracle and not is_unsaid:
            yield f"{block} with {context}: STS {oracle}, product {product} (variables: {variables})"


@pytest.fixture
def forgetful() -> Iterator[None]:
    """The product keeps what it has parsed."""
    for kept in (rules._kept_operator, rules._kept_glob):
        kept.cache_clear()
    yield
    for kept in (rules._kept_operator, rules._kept_glob):
        kept.cache_clear()


@pytest.mark.soak
def test_a_condition_holds_exactly_when_it_does_in_the_sandbox() -> None:
    found = differences(EXAMPLES * TIMES)

    assert next(found, None) is None


def test_every_operator_is_known_to_both() -> None:
    assert set(rules.KINDS) | set(rules._NEGATED) == set(OPERATORS)


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_without_an_operators_rule_a_difference_shows(
    name: str, monkeypatch: pytest.MonkeyPatch, forgetful: None
) -> None:
    table = "KINDS" if name in rules.KINDS else "_NEGATED"
    monkeypatch.setattr(rules, table, {k: v for k, v in getattr(rules, table).items() if k != name})

    assert next(differences(EXAMPLES), None)


PARTS = [
    (name, part) for name in sorted({*STRINGS, *ARNS} & set(rules.KINDS)) for part in ("reads_wildcards", "is_arn")
]


@pytest.mark.parametrize(("name", "part"), [*PARTS, *((name, "ignores_case") for name in STRINGS[:3])])
def test_with_another_rule_for_wildcards_case_or_parts_a_difference_shows(
    name: str, part: str, monkeypatch: pytest.MonkeyPatch, forgetful: None
) -> None:
    kind = rules.KINDS[name]
    monkeypatch.setitem(rules.KINDS, name, replace(kind, **{part: not getattr(kind, part)}))  # type: ignore[index]

    assert next(differences(EXAMPLES), None)


@pytest.mark.parametrize("text", ["ForAnyValue", "ForAllValues"])
def test_without_a_quantifier_a_difference_shows(text: str, monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    monkeypatch.setattr(rules, "_QUANTIFIERS", tuple(q for q in rules._QUANTIFIERS if q != text))

    assert next(differences(EXAMPLES), None)


def test_if_arns_ignored_letter_case_a_difference_would_show(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    parted = rules.arn_glob
    monkeypatch.setattr(
        rules, "arn_glob", lambda tokens: (found := parted(tokens)) and rules.Glob(found.tokens, ignores_case=True)
    )

    assert next(differences(EXAMPLES), None)


def test_if_a_negated_operator_failed_without_its_key_a_difference_would_show(
    monkeypatch: pytest.MonkeyPatch, forgetful: None
) -> None:
    monkeypatch.setattr(rules.Operator, "holds_when_absent", property(lambda self: self.if_exists))

    assert next(differences(EXAMPLES), None)
