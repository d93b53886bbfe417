"""The condition operators, each with AWS's own rule, by the sandbox's own code for the reason that trust.py gives.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

from sandbox.sts.variables import Wanted, as_glob


@dataclass(frozen=True)
class Operator:
    """One condition operator: how it compares a request's value with a policy's, and whether it negates the answer.

    `matches` raises ValueError when the policy's value is none that the operator can read. `takes_variables`: AWS puts
    policy variables in with string and ARN operators alone.
    """

    matches: Callable[[str, Wanted], bool]
    is_negated: bool = False
    takes_variables: bool = False


def matches_glob(actual: str, pattern: str) -> bool:
    """Match the whole text, case-sensitively. `*` is any run of characters, `?` any one character."""
    # fnmatch goes back to the last `*` alone, so no pattern takes long. AWS knows no `[…]`, so a bracket is one.
    return fnmatchcase(actual, as_glob(pattern))


def _equal(actual: str, wanted: Wanted) -> bool:
    # A `*` is a star here: only the Like and ARN operators know wildcards.
    return actual == wanted.text


def _equal_ignoring_case(actual: str, wanted: Wanted) -> bool:
    return actual.lower() == wanted.text.lower()


def _like(actual: str, wanted: Wanted) -> bool:
    return fnmatchcase(actual, wanted.glob)


def _arn_like(actual: str, wanted: Wanted) -> bool:
    # AWS matches each of an ARN's six colon-separated parts by itself, so one `*` cannot match two of them.
    actual_parts, wanted_parts = actual.split(":", 5), wanted.glob.split(":", 5)
    if len(actual_parts) != 6 or len(wanted_parts) != 6:
        return False
    return all(fnmatchcase(mine, theirs) for mine, theirs in zip(actual_parts, wanted_parts, strict=True))


def _in_network(actual: str, wanted: Wanted) -> bool:
    """Without a length of its prefix, an address stands for itself."""
    network = ip_network(wanted.text, strict=False)
    try:
        return ip_address(actual) in network
    except ValueError:
        return False


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text} is no number") from None


def _moment(text: str) -> Decimal:
    """Return seconds since 1970, of them or of a date of ISO 8601; four digits are a year. Raises ValueError."""
    written = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return _number(text)
    return Decimal((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _ordered(read: Callable[[str], Decimal], compare: Callable[[Decimal, Decimal], bool]) -> Operator:
    def matches(actual: str, wanted: Wanted) -> bool:
        limit = read(wanted.text)
        try:
            return compare(read(actual), limit)
        except ValueError:
            return False

    return Operator(matches)


def _negated(positive: Operator) -> Operator:
    return Operator(positive.matches, is_negated=True, takes_variables=positive.takes_variables)


def _family(name: str, read: Callable[[str], Decimal]) -> dict[str, Operator]:
    equals = _ordered(read, operator.eq)
    return {
        f"{name}Equals": equals,
        f"{name}NotEquals": _negated(equals),
        f"{name}LessThan": _ordered(read, operator.lt),
        f"{name}LessThanEquals": _ordered(read, operator.le),
        f"{name}GreaterThan": _ordered(read, operator.gt),
        f"{name}GreaterThanEquals": _ordered(read, operator.ge),
    }


_EQUALS = Operator(_equal, takes_variables=True)
_IGNORING_CASE = Operator(_equal_ignoring_case, takes_variables=True)
_LIKE = Operator(_like, takes_variables=True)
_ARN = Operator(_arn_like, takes_variables=True)
_IP = Operator(_in_network)

OPERATORS: dict[str, Operator] = {
    "StringEquals": _EQUALS,
    "StringNotEquals": _negated(_EQUALS),
    "StringEqualsIgnoreCase": _IGNORING_CASE,
    "StringNotEqualsIgnoreCase": _negated(_IGNORING_CASE),
    "StringLike": _LIKE,
    "StringNotLike": _negated(_LIKE),
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "ArnNotEquals": _negated(_ARN),
    "ArnNotLike": _negated(_ARN),
    "Bool": Operator(_equal_ignoring_case),
    # A binary key's value is base 64 here, as it stands in a policy.
    "BinaryEquals": Operator(_equal),
    "IpAddress": _IP,
    "NotIpAddress": _negated(_IP),
    **_family("Numeric", _number),
    **_family("Date", _moment),
}
