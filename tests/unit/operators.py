"""What every operator of conditions does, as a table: data for test_conditions.py.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

_ARN = "arn:aws:iam::111122223333:role/a"
_FIRST, _SECOND, _THIRD = "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z", "2030-01-03T00:00:00Z"

# Operator, the policy's value, a value that matches it, one that does not. Of a negated operator: before negation.
OPERATORS = [
    ("StringEquals", "a", "a", "b"),
    ("StringNotEquals", "a", "a", "b"),
    ("StringEqualsIgnoreCase", "a", "A", "b"),
    ("StringNotEqualsIgnoreCase", "a", "A", "b"),
    ("StringLike", "a*", "ab", "ba"),
    ("StringNotLike", "a*", "ab", "ba"),
    ("NumericEquals", "5", "5.0", "6"),
    ("NumericNotEquals", "5", "5.0", "6"),
    ("NumericLessThan", "5", "4", "5"),
    ("NumericLessThanEquals", "5", "5", "6"),
    ("NumericGreaterThan", "5", "6", "5"),
    ("NumericGreaterThanEquals", "5", "5", "4"),
    ("DateEquals", _SECOND, "1893542400", _FIRST),
    ("DateNotEquals", _SECOND, "1893542400", _FIRST),
    ("DateLessThan", _SECOND, _FIRST, _SECOND),
    ("DateLessThanEquals", _SECOND, _SECOND, _THIRD),
    ("DateGreaterThan", _SECOND, _THIRD, _SECOND),
    ("DateGreaterThanEquals", _SECOND, _SECOND, _FIRST),
    ("Bool", "true", "True", "false"),
    ("BinaryEquals", "YQ==", "YQ==", "yq=="),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", "11.0.0.0"),
    ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", "11.0.0.0"),
    ("ArnEquals", "arn:aws:iam::*:role/a", _ARN, f"{_ARN}b"),
    ("ArnNotEquals", "arn:aws:iam::*:role/a", _ARN, f"{_ARN}b"),
    ("ArnLike", "arn:aws:iam::*:role/a", _ARN, f"{_ARN}b"),
    ("ArnNotLike", "arn:aws:iam::*:role/a", _ARN, f"{_ARN}b"),
]

# How an operator can be written, whether it is a negated one, and whether it then holds for: a value that matches; one
# that does not; both at once; no key; a key of which nothing is known; a key that is there with whatever value.
# T holds, F does not, ? nobody knows, - AWS does not say (several values without a quantifier).
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
FORMS = [
    ("{}", False, "TF-F??"),
    ("{}", True, "FT-T??"),
    ("{}IfExists", False, "TF-T??"),
    ("{}IfExists", True, "FT-T??"),
    ("ForAnyValue:{}", False, "TFTF??"),
    ("ForAnyValue:{}", True, "FTTF??"),
    ("ForAnyValue:{}IfExists", False, "TFTT??"),
    ("ForAnyValue:{}IfExists", True, "FTTT??"),
    ("ForAllValues:{}", False, "TFFT??"),
    ("ForAllValues:{}", True, "FTFT??"),
    ("ForAllValues:{}IfExists", False, "TFFT??"),
    ("ForAllValues:{}IfExists", True, "FTFT??"),
]

# Operator, the policy's value, what the request carries, and whether it holds: the rule of each operator alone.
RULES = [
    # Letter case counts in text, and wildcards are wildcards in StringLike alone.
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringEquals", "A", "a", False),
    ("StringEqualsIgnoreCase", "a*", "AB", False),
    ("StringLike", "A*", "ab", False),
    ("StringLike", "a?c", "abc", True),
    ("StringLike", "a?c", "ac", False),
    ("StringLike", "*", "", True),
    ("StringLike", "a*b*c", "a-b:b/c", True),
    ("BinaryEquals", "Y*", "YQ==", False),
    # The six parts of an ARN are compared each by itself; the last may hold colons.
    ("ArnLike", "arn:aws:iam::*:role/a", "arn:aws:iam::1:2:role/a", False),
    # No page says whether fewer parts can stand for all six.
    ("ArnLike", "arn:*", "arn:aws:iam::111122223333:role/a", None),
    ("ArnLike", "*", "arn:aws:iam::111122223333:role/a", None),
    ("ArnLike", "arn:x*", "arn:aws:iam::111122223333:role/a", False),
    ("ArnLike", "arn:aws", "arn:aws:iam::111122223333:role/a", False),
    ("ArnLike", "arn:aws:iam::111122223333:*", "arn:aws:iam::111122223333:role/a:b", True),
    ("ArnLike", "arn:aws:iam::11112222333?:role/?", "arn:aws:iam::111122223333:role/a", True),
    ("ArnEquals", "arn:aws:iam::111122223333:role/?", "arn:aws:iam::111122223333:role/:", True),
    ("ArnEquals", "arn:aws:iam::11112222333?:role/a", "arn:aws:iam::11112222333::role/a", False),
    ("ArnLike", "ARN:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a", False),
    *[("ArnEquals", _ARN.replace(part, "x"), _ARN, False) for part in ("arn", "aws", "iam", "111122223333", "role/a")],
    *[("ArnLike", _ARN.replace(part, "*"), _ARN, True) for part in ("arn", "aws", "iam", "111122223333", "role/a")],
    # Numbers are numbers, however they are written. What is none equals nothing.
    ("NumericEquals", "10", "1e1", True),
    ("NumericEquals", "ten", "ten", False),
    ("NumericLessThan", "5", "nan", False),
    ("NumericLessThan", "10", "9", True),
    ("NumericNotEquals", "5", "five", True),
    # Dates: a day, a year and the seconds since 1970 name the same moment.
    ("DateEquals", "2030-01-01", _FIRST, True),
    ("DateEquals", "2030", _FIRST, True),
    ("DateEquals", "1893456000", _FIRST, True),
    ("DateEquals", "2030-01-01T01:00:00+01:00", _FIRST, True),
    ("DateLessThan", "soon", _FIRST, False),
    # Addresses: one is a range of one, and the two kinds never match each other.
    ("IpAddress", "10.1.2.3", "10.1.2.3", True),
    ("IpAddress", "10.1.2.3", "10.1.2.4", False),
    ("IpAddress", "0.0.0.0/0", "::1", False),
    ("IpAddress", "2001:db8::/32", "2001:db8:ffff::1", True),
    ("IpAddress", "everywhere", "10.1.2.3", False),
    ("NotIpAddress", "10.0.0.0/8", "9.255.255.255", True),
    ("Bool", "FALSE", "false", True),
]

# Below the limit, at it and above it.
LIMITS = [
    ("Equals", (False, True, False)),
    ("LessThan", (True, False, False)),
    ("LessThanEquals", (True, True, False)),
    ("GreaterThan", (False, False, True)),
    ("GreaterThanEquals", (False, True, True)),
]
for _name, _answers in LIMITS:
    RULES += [(f"Numeric{_name}", "5", _at, _is) for _at, _is in zip(("4", "5", "6"), _answers, strict=True)]
    RULES += [(f"Date{_name}", _SECOND, _at, _is) for _at, _is in zip((_FIRST, _SECOND, _THIRD), _answers, strict=True)]

# Null asks whether the key is there: the value, and whether it holds with one, without, and when nobody knows.
NULL = [("true", "FT?"), ("false", "TF?"), ("TRUE", "FT?"), ("False", "TF?")]

# AWS's own letter case alone is known: no page says what another one does.
UNKNOWN = [
    "StringSame",
    "stringequals",
    "ForEachValue:StringEquals",
    "StringEqualsIfexists",
    "NullIfExists",
    "ForAnyValue:Null",
    "",
]
