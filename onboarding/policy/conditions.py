"""Conditions: does one hold for a request? Yes, no, or nobody can know beforehand.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from onboarding.policy.document import Condition
from onboarding.policy.effort import spend
from onboarding.policy.globs import LONGEST_KEPT, Glob, Wild, arn_glob
from onboarding.policy.keys import SOME, Keys
from onboarding.policy.values import instant, network, number
from onboarding.policy.variables import Missing, filled

_MAKING = 3
_COMPARING = 15

# Whether an actual value is what the policy's value asks for.
Matcher = Callable[[str], bool]


def either(answers: Iterable[bool | None]) -> bool | None:
    """Return whether any of them is so; None where that hangs on what nobody knows."""
    found: bool | None = False
    for answer in answers:
        if answer:
            return True
        found = None if answer is None else found
    return found


def every(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all of them are so; None where that hangs on what nobody knows."""
    found: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        found = None if answer is None else found
    return found


def negated(answer: bool | None) -> bool | None:
    """Return the opposite; of what nobody knows, there is none."""
    return None if answer is None else not answer


@dataclass(frozen=True)
class Kind:
    """How one family of operators compares. Text is compared by a Glob, all else by a Matcher of the policy's value."""

    matcher: Callable[[str], Matcher] | None = None
    reads_wildcards: bool = False
    ignores_case: bool = False
    is_arn: bool = False


def _by(read: Callable[[str], float | None], holds_for: Callable[[float, float], bool]) -> Kind:
    def matcher(wanted: str) -> Matcher:
        limit = read(wanted)

        def matches(actual: str) -> bool:
            value = read(actual)
            return value is not None and limit is not None and holds_for(value, limit)

        return matches

    return Kind(matcher)


def _in_range(wanted: str) -> Matcher:
    within = network(wanted)

    def matches(actual: str) -> bool:
        address = network(actual)
        if within is None or address is None or within.version != address.version:
            return False
        return int(within.network_address) <= int(address.network_address) and int(address.broadcast_address) <= int(
            within.broadcast_address
        )

    return matches


def _same_truth(wanted: str) -> Matcher:
    return lambda actual: actual.lower() == wanted.lower()


_LIMITS: Mapping[str, Callable[[float, float], bool]] = {
    "Equals": compare.eq,
    "LessThan": compare.lt,
    "LessThanEquals": compare.le,
    "GreaterThan": compare.gt,
    "GreaterThanEquals": compare.ge,
}
_ARN = Kind(reads_wildcards=True, is_arn=True)

# Each with its own rule for wildcards: `*` in StringEquals is a star, and in an ARN it stays within its part.
KINDS: Mapping[str, Kind] = {
    "StringEquals": Kind(),
    "StringEqualsIgnoreCase": Kind(ignores_case=True),
    "StringLike": Kind(reads_wildcards=True),
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "BinaryEquals": Kind(),
    "Bool": Kind(_same_truth),
    "IpAddress": Kind(_in_range),
    **{f"Numeric{name}": _by(number, limit) for name, limit in _LIMITS.items()},
    **{f"Date{name}": _by(instant, limit) for name, limit in _LIMITS.items()},
}
_NEGATED: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
# ForAllValues:StringNotEqualsIgnoreCaseIfExists has 46 characters.
_LONGEST_OPERATOR = 64
_QUANTIFIERS = ("", "ForAnyValue", "ForAllValues")


@dataclass(frozen=True)
class Operator:
    """An operator in its parts: `ForAnyValue:StringNotLikeIfExists` is StringLike, negated, of any value, if it exists.

    `kind` is None for Null and for what we do not know: operators are known in AWS's own letter case alone, since no
    page says what another one does.
    """

    base: str
    kind: Kind | None
    is_negated: bool = False
    quantifier: str = ""
    if_exists: bool = False

    @property
    def is_null(self) -> bool:
        """Whether it asks if the key is there at all. It takes neither a quantifier nor IfExists."""
        return self.base == "Null" and not self.quantifier and not self.if_exists

    @property
    def is_known(self) -> bool:
        """Whether we can tell what it does."""
        return self.kind is not None or self.is_null

    @property
    def holds_when_absent(self) -> bool:
        """Whether a request without the key passes.

        A negated operator and one ending IfExists do; ForAllValues does too, and ForAnyValue does not.
        """
        if self.quantifier:
            return self.quantifier == "ForAllValues" or self.if_exists
        return self.if_exists or self.is_negated


def parse_operator(text: str) -> Operator:
    """Return an operator's parts, whatever the text is."""
    return _kept_operator(text) if len(text) <= _LONGEST_OPERATOR else Operator("", None)


@lru_cache(maxsize=512)
def _kept_operator(text: str) -> Operator:
    if text == "Null":
        return Operator("Null", None)
    quantifier, _, rest = text.rpartition(":")
    name = rest.removesuffix("IfExists")
    base = _NEGATED.get(name, name)
    kind = KINDS.get(base) if quantifier in _QUANTIFIERS else None
    return Operator(base, kind, name in _NEGATED, quantifier, rest.endswith("IfExists"))


def glob_of(value: str, kind: Kind, keys: Keys | None) -> Glob | Missing | None:
    """Return the pattern that a value of a textual operator is, or None for what matches nothing (no ARN)."""
    if keys is not None and "${" in value:
        return _glob_of(value, kind, keys)
    return _kept_glob(value, kind) if len(value) <= LONGEST_KEPT else _glob_kept_awhile(value, kind)


def _glob_of(value: str, kind: Kind, keys: Keys | None) -> Glob | Missing | None:
    spend(_MAKING * len(value))
    tokens = filled(value, keys, reads_wildcards=kind.reads_wildcards)
    if isinstance(tokens, Missing):
        return tokens
    if not kind.is_arn:
        return Glob(tokens, ignores_case=kind.ignores_case)
    # No page says whether a `*` alone can stand for all of an ARN.
    return arn_glob(tokens) or (Missing.UNKNOWN if Wild.RUN in tokens else None)


@lru_cache(maxsize=32)
def _glob_kept_awhile(value: str, kind: Kind) -> Glob | Missing | None:
    return _glob_of(value, kind, None)


@lru_cache(maxsize=1024)
def _kept_glob(value: str, kind: Kind) -> Glob | Missing | None:
    return _glob_of(value, kind, None)


def holds(condition: Condition, keys: Keys, *, has_variables: bool) -> bool | None:
    """Return whether the condition holds for a request with these keys; None where that cannot be known.

    `has_variables` says whether the policy's version fills in `${…}`. Never raises, but for TooComplex.
    """
    operator = parse_operator(condition.operator)
    if not operator.is_known or condition.name not in keys:
        return None
    values = keys[condition.name]
    if operator.is_null:
        return str(not values).lower() in (value.lower() for value in condition.values)
    if not values:
        return operator.holds_when_absent
    if values is SOME:
        matched_some = _matches_some(condition, operator, keys if has_variables else None)
        return negated(matched_some) if operator.is_negated else matched_some
    matched = (
        either(matches(wanted, value, operator, keys if has_variables else None) for wanted in condition.values)
        for value in values
    )
    if operator.is_negated:
        apart = (negated(answer) for answer in matched)
        return either(apart) if operator.quantifier == "ForAnyValue" else every(apart)
    return every(matched) if operator.quantifier == "ForAllValues" else either(matched)


def _matches_some(condition: Condition, operator: Operator, keys: Keys | None) -> bool | None:
    """Return whether a value that nobody knows is one of those asked for: some patterns match all, some nothing."""
    assert operator.kind is not None
    if operator.kind.matcher is not None:
        return None
    patterns = [glob_of(wanted, operator.kind, keys) for wanted in condition.values]
    if any(isinstance(p, Glob) and p.literal is None and p.accepts_for_ever(p.start) for p in patterns):
        return True
    return None if any(isinstance(p, Glob | Missing) for p in patterns) else False


def matches(wanted: str, actual: str, operator: Operator, keys: Keys | None) -> bool | None:
    """Return whether one actual value is what one of the policy's asks for, before any negation.

    A variable that the request lacks "might cause the entire statement to be invalid": so AWS's page on variables.
    """
    assert operator.kind is not None
    if operator.kind.matcher is not None:
        spend(_COMPARING)
        return operator.kind.matcher(wanted)(actual)
    pattern = glob_of(wanted, operator.kind, keys)
    if isinstance(pattern, Missing):
        # An ARN's pattern of too few parts may match what it would as text; a variable's value, anything.
        tokens = filled(wanted, keys, reads_wildcards=True) if operator.kind.is_arn else pattern
        return None if isinstance(tokens, Missing) or Glob(tokens).matches(actual) else False
    return isinstance(pattern, Glob) and pattern.matches(actual)
