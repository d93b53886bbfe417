"""The Condition block of a policy statement, evaluated by the sandbox's own code for the reason that trust.py gives.

- Every operator and every key under it must hold. Of the values of one key, one is enough.
- A key that the request lacks fails a positive operator, and passes a negated one or one ending `IfExists`.
- `ForAllValues:` is true of a key that the request lacks, `ForAnyValue:` is false.
- `Null` asks whether the request lacks the key.

Keys match in any letter case, operators exactly. Policy variables (`${aws:username}`) are plain text here.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

Matcher = Callable[[str, str], bool]


class UnknownOperator(Exception):
    """This evaluator does not know the operator. The argument is the operator's name."""


def unmet_condition(condition: object, context: Mapping[str, str]) -> str | None:
    """Return what does not hold ("StringEquals sts:ExternalId"), or None when the whole block holds.

    `condition` is the raw Condition of a statement or None, `context` the request's keys in lower case.
    Raises UnknownOperator, and ValueError when the block does not have the form of a Condition.
    """
    if condition is None:
        return None
    for operator, raw_keys in _mapping(condition).items():
        for key, raw_values in _mapping(raw_keys).items():
            if not _holds(operator, actual=context.get(key.lower()), wanted=_values(raw_values)):
                return f"{operator} {key}"
    return None


def matches_glob(actual: str, pattern: str) -> bool:
    """Match the whole text, case-sensitively. `*` is any run of characters, `?` any one character."""
    # fnmatch goes back to the last `*` alone, so no pattern takes long. AWS knows no `[…]`, so a bracket is one.
    return fnmatchcase(actual, pattern.replace("[", "[[]"))


@dataclass(frozen=True)
class _Operator:
    """One condition operator: how it compares a value, and whether it negates the answer."""

    matches: Matcher
    is_negated: bool = False


def _equal(actual: str, wanted: str) -> bool:
    return actual == wanted


def _equal_ignoring_case(actual: str, wanted: str) -> bool:
    return actual.casefold() == wanted.casefold()


def _arn_like(actual: str, wanted: str) -> bool:
    # AWS matches each of an ARN's six colon-separated parts by itself, so one `*` cannot match two of them.
    actual_parts, wanted_parts = actual.split(":", 5), wanted.split(":", 5)
    if len(actual_parts) != 6 or len(wanted_parts) != 6:
        return False
    return all(matches_glob(mine, theirs) for mine, theirs in zip(actual_parts, wanted_parts, strict=True))


OPERATORS: dict[str, _Operator] = {
    "StringEquals": _Operator(_equal),
    "StringNotEquals": _Operator(_equal, is_negated=True),
    "StringEqualsIgnoreCase": _Operator(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": _Operator(_equal_ignoring_case, is_negated=True),
    "StringLike": _Operator(matches_glob),
    "StringNotLike": _Operator(matches_glob, is_negated=True),
    "ArnEquals": _Operator(_arn_like),
    "ArnLike": _Operator(_arn_like),
    "ArnNotEquals": _Operator(_arn_like, is_negated=True),
    "ArnNotLike": _Operator(_arn_like, is_negated=True),
    "Bool": _Operator(_equal_ignoring_case),
}


def _holds(name: str, *, actual: str | None, wanted: list[str]) -> bool:
    if name == "Null":
        return any(value.lower() == str(actual is None).lower() for value in wanted)
    quantifier, _, rest = name.rpartition(":")
    operator = OPERATORS.get(rest.removesuffix("IfExists"))
    if operator is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise UnknownOperator(name)
    if actual is None:
        return _holds_when_absent(quantifier, operator, if_exists=rest.endswith("IfExists"))
    # Every key of an AssumeRole request has one value, so both quantifiers mean the same here.
    return any(operator.matches(actual, value) for value in wanted) is not operator.is_negated


def _holds_when_absent(quantifier: str, operator: _Operator, *, if_exists: bool) -> bool:
    if quantifier:
        return quantifier == "ForAllValues" or if_exists
    return operator.is_negated or if_exists


def _mapping(raw: object) -> Mapping[str, object]:
    if not isinstance(raw, dict):
        raise ValueError("a Condition is a map of operators to maps of keys")
    return raw


def _values(raw: object) -> list[str]:
    listed = raw if isinstance(raw, list) else [raw]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in listed]
