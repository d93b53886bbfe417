"""What a condition in a trust policy asks for: does it hold for us, and whom else does it let through?

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onboarding.policy.document import Condition
from onboarding.policy.patterns import has_wildcard, matches_pattern
from onboarding.trust.differences import how_it_differs

EXTERNAL_ID = "sts:externalid"
PRINCIPAL_ARN = "aws:principalarn"
PRINCIPAL_ACCOUNT = "aws:principalaccount"
PRINCIPAL_TYPE = "aws:principaltype"


@dataclass(frozen=True)
class Operator:
    """A condition operator in its parts: `ForAnyValue:StringLikeIfExists` is (StringLike, ForAnyValue, if_exists)."""

    base: str
    quantifier: str
    if_exists: bool

    @classmethod
    def parse(cls, text: str) -> Operator:
        """Return the operator's parts. Operators are compared letter case and all: we know them in no other way."""
        quantifier, _, rest = text.rpartition(":")
        return cls(rest.removesuffix("IfExists"), quantifier, rest.endswith("IfExists"))

    @property
    def is_known(self) -> bool:
        """Whether we can tell what it does."""
        if self.base == "Null":
            return not self.quantifier and not self.if_exists
        return self.base in _MATCHERS and self.quantifier in ("", "ForAnyValue", "ForAllValues")

    @property
    def is_negated(self) -> bool:
        """Whether it lets through all but the values named."""
        return "Not" in self.base

    @property
    def holds_when_absent(self) -> bool:
        """Whether a request without the key passes: that is what makes a condition optional."""
        if self.quantifier:
            return self.quantifier == "ForAllValues" or self.if_exists
        return self.if_exists or self.is_negated

    @property
    def reads_wildcards(self) -> bool:
        """Whether `*` and `?` in its values stand for more than themselves."""
        return self.base.endswith("Like") or self.base.startswith("Arn")

    @property
    def ignores_case(self) -> bool:
        """Whether it takes capital and small letters for the same."""
        return self.base in ("StringEqualsIgnoreCase", "Bool")


def holds(condition: Condition, known: Mapping[str, str]) -> bool | None:
    """Return whether the condition holds for a request with these keys (in lower case); None where we cannot tell.

    A key that is not among them may be in the request or not: None. So is a value with a policy variable in it.
    """
    operator = Operator.parse(condition.operator)
    actual = known.get(condition.name)
    if not operator.is_known or actual is None or any("${" in value for value in condition.values):
        return None
    if operator.base == "Null":
        return any(value.lower() == "false" for value in condition.values)
    if operator.quantifier and operator.is_negated:
        return None
    matches = _MATCHERS[operator.base]
    return any(matches(actual, value) for value in condition.values) is not operator.is_negated


def pins(condition: Condition, *, value: str) -> bool:
    """Whether the condition lets through that one value of its key, and nothing else whatever a request holds."""
    operator = Operator.parse(condition.operator)
    return (
        operator.base in _EXACT
        and operator.is_known
        and not operator.holds_when_absent
        and condition.values == (value,)
        and not has_wildcard(value)
    )


def principal_arn_codes(condition: Condition, wanted: str) -> list[tuple[str, str]]:
    """Return what is wrong with a condition on aws:PrincipalArn, each with the value it is about."""
    operator = Operator.parse(condition.operator)
    if not operator.is_known:
        return [("condition_unclear", "")]
    if pins(condition, value=wanted):
        return [] if condition.operator == "ArnEquals" else [("principal_arn_form", condition.operator)]
    if operator.is_negated or operator.holds_when_absent or operator.base in ("Null", "Bool") or operator.ignores_case:
        return [("principal_arn_loose", condition.operator)]
    if not condition.values:
        return [("condition_unmet", condition.operator)]
    codes = []
    for value in condition.values:
        if has_wildcard(value):
            codes.append(("principal_arn_loose", value))
        elif value != wanted:
            codes.append(("principal_misspelt" if how_it_differs(value, wanted) else "principal_other", value))
    return codes


def external_id_code(condition: Condition, wanted: str) -> str:
    """Return what is wrong with a condition on the external ID, or an empty string."""
    operator, values = Operator.parse(condition.operator), condition.values
    rules = (
        (not operator.is_known, "condition_unclear"),
        (operator.base == "Null" and any(v.lower() == "true" for v in values), "external_id_optional"),
        (operator.base == "Null" and any(v.lower() == "false" for v in values), "external_id_any"),
        (operator.base == "Null", "external_id_none_wanted"),
        (operator.is_negated, "external_id_excludes"),
        (operator.holds_when_absent, "external_id_optional"),
        (not values, "external_id_none_wanted"),
        (any("${" in v or (operator.reads_wildcards and has_wildcard(v)) for v in values), "external_id_wildcard"),
        (operator.ignores_case and wanted.casefold() in map(str.casefold, values), "external_id_ignores_case"),
        (wanted in values and len(values) > 1, "external_id_several"),
        (wanted in values and condition.operator != "StringEquals", "external_id_form"),
        (wanted not in values, "external_id_other"),
    )
    return next((code for is_so, code in rules if is_so), "")


def _is_equal(actual: str, wanted: str) -> bool:
    return actual == wanted


def _is_equal_but_for_case(actual: str, wanted: str) -> bool:
    return actual.casefold() == wanted.casefold()


def _is_like_arn(actual: str, wanted: str) -> bool:
    # Each of an ARN's six parts is matched by itself, so that a `*` never spans two of them.
    mine, theirs = actual.split(":", 5), wanted.split(":", 5)
    return len(mine) == len(theirs) == 6 and all(map(matches_pattern, mine, theirs))


_MATCHERS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _is_equal,
    "StringNotEquals": _is_equal,
    "StringEqualsIgnoreCase": _is_equal_but_for_case,
    "StringNotEqualsIgnoreCase": _is_equal_but_for_case,
    "StringLike": matches_pattern,
    "StringNotLike": matches_pattern,
    "ArnEquals": _is_like_arn,
    "ArnLike": _is_like_arn,
    "ArnNotEquals": _is_like_arn,
    "ArnNotLike": _is_like_arn,
    "Bool": _is_equal_but_for_case,
}
_EXACT = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
