"""The Condition block of a policy statement, evaluated by the sandbox's own code for the reason that trust.py gives.

- Every operator and every key under it must hold. Of the values of one key, one is enough.
- A key that the request lacks fails a positive operator, and passes a negated one or one ending `IfExists`.
- `ForAllValues:` asks each of the request's values and is true without any; `ForAnyValue:` asks for one of them.
- `Null` asks whether the request lacks the key. It knows neither `IfExists` nor the two of several values.

Keys match in any letter case. Whether operators do, AWS does not say: here they match exactly.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.sts.operators import OPERATORS, Operator
from sandbox.sts.variables import Wanted, plain, resolve

Context = Mapping[str, tuple[str, ...]]


class UnknownOperator(Exception):
    """This evaluator does not know the operator. The argument is the operator's name."""


def unmet_condition(condition: object, context: Context, *, variables: bool = False) -> str | None:
    """Return what does not hold ("StringEquals sts:ExternalId"), or None when the whole block holds.

    `condition` is the raw Condition of a statement or None, `context` the request's keys in lower case. `variables`:
    the policy's version knows them. Raises UnknownOperator, and ValueError when the block does not have the form of
    a Condition or a value is none that its operator can read.
    """
    if condition is None:
        return None
    for operator, raw_keys in _mapping(condition).items():
        for key, raw_values in _mapping(raw_keys).items():
            if not _holds(operator, context.get(key.lower(), ()), _values(raw_values), context if variables else None):
                return f"{operator} {key}"
    return None


def _holds(name: str, actual: tuple[str, ...], wanted: list[str], variables: Context | None) -> bool:
    if name == "Null":
        return any(value.lower() == str(not actual).lower() for value in wanted)
    quantifier, _, rest = name.rpartition(":")
    operator = OPERATORS.get(rest.removesuffix("IfExists"))
    if operator is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise UnknownOperator(name)
    if not actual:
        return _holds_when_absent(quantifier, operator, if_exists=rest.endswith("IfExists"))
    values = [value for value in (_wanted(text, operator, variables) for text in wanted) if value is not None]
    # Every value is read, also behind one that matches: a malformed one must not hide.
    answers = [True in [operator.matches(one, value) for value in values] for one in actual]
    if quantifier:
        return (all if quantifier == "ForAllValues" else any)(answer is not operator.is_negated for answer in answers)
    return any(answers) is not operator.is_negated


def _wanted(text: str, operator: Operator, variables: Context | None) -> Wanted | None:
    return plain(text) if variables is None or not operator.takes_variables else resolve(text, variables)


def _holds_when_absent(quantifier: str, operator: Operator, *, if_exists: bool) -> bool:
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
