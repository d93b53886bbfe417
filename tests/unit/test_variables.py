"""Policy variables: `${aws:username}` stands for what the request carries, in policies of 2012 alone.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import pytest

from onboarding.policy.conditions import holds
from onboarding.policy.document import Condition, parse_policy
from onboarding.policy.evaluate import Decision, Request, evaluate
from onboarding.policy.keys import SOME
from onboarding.policy.variables import names_in

KEYS = {"aws:username": ("sam",), "aws:principaltag/team": None, "aws:tagkeys": ("a", "b"), "aws:userid": SOME}


def does(operator, wanted, actual, *, has_variables=True):
    keys = {**KEYS, "a:b": (actual,)}
    return holds(Condition(operator, "a:b", (wanted,)), keys, has_variables=has_variables)


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "answer"),
    [
        ("StringEquals", "${aws:username}", "sam", True),
        ("StringEquals", "${aws:username}", "eve", False),
        ("StringEquals", "${AWS:UserName}", "sam", True),
        ("StringEquals", "x-${aws:username}-${aws:username}", "x-sam-sam", True),
        ("StringLike", "${aws:username}-*", "sam-1", True),
        ("ArnLike", "arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/sam", True),
        # A default counts only where the request lacks the key.
        ("StringEquals", "${aws:username, 'nobody'}", "sam", True),
        ("StringEquals", "${aws:PrincipalTag/team, 'none'}", "none", True),
        ("StringEquals", "${aws:PrincipalTag/team,''}", "", True),
        # Without one, what the request lacks "might cause the entire statement to be invalid".
        ("StringEquals", "${aws:PrincipalTag/team}", "", None),
        ("StringLike", "*${aws:PrincipalTag/team}*", "x", None),
        ("StringNotEquals", "${aws:PrincipalTag/team}", "x", None),
        # These three are characters, also where they would be wildcards.
        ("StringLike", "a${*}", "a*", True),
        ("StringLike", "a${*}", "ab", False),
        ("StringLike", "a${?}", "ab", False),
        ("StringEquals", "${$}", "$", True),
        # What nobody knows, and what has several values.
        ("StringEquals", "${aws:unheard}", "sam", None),
        ("StringEquals", "${aws:userid}", "sam", None),
        ("StringEquals", "${aws:TagKeys}", "a", None),
        # What is not closed is plain text.
        ("StringEquals", "${aws:username", "${aws:username", True),
    ],
)
def test_a_variable_stands_for_what_the_request_carries(operator, wanted, actual, answer):
    assert does(operator, wanted, actual) is answer


def test_a_wildcard_in_what_the_request_carries_is_a_character():
    keys = {"aws:username": ("*",), "a:b": ("x",)}

    assert holds(Condition("StringLike", "a:b", ("${aws:username}",)), keys, has_variables=True) is False


@pytest.mark.parametrize(("version", "is_filled"), [("2012-10-17", True), ("2008-10-17", False), (None, False)])
def test_only_the_version_of_2012_has_variables(version, is_filled):
    statement = {
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"StringEquals": {"a:b": "${aws:username}"}},
    }  # fmt: skip
    policy = parse_policy({"Statement": statement} | ({"Version": version} if version else {}))

    def decision(actual):
        return evaluate([policy], Request("s3:GetObject", {**KEYS, "a:b": (actual,)}, resource="x"))

    assert decision("sam") is (Decision.ALLOWED if is_filled else Decision.DENIED)
    assert decision("${aws:username}") is (Decision.DENIED if is_filled else Decision.ALLOWED)


def test_the_names_of_variables_are_said_in_lower_case_and_once():
    assert names_in("${aws:A}-${aws:a,'x'}-${b:C") == {"aws:a"}
    assert names_in("plain") == frozenset()
