"""What several statements decide together, about a request of which not everything is known.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import Any

import pytest

from onboarding.policy.document import parse_policy
from onboarding.policy.evaluate import Decision, Request, evaluate

ALLOWED, DENIED, DEPENDS = Decision.ALLOWED, Decision.DENIED, Decision.DEPENDS
OBJECT = "arn:aws:s3:::reports/2030/May.csv"
YES, NO, PERHAPS = ({"Condition": {"StringEquals": {key: "x"}}} for key in ("a:yes", "a:no", "a:perhaps"))
KEYS = {"a:yes": ("x",), "a:no": ("y",)}


def statement(effect: str, **elements: Any) -> dict[str, Any]:
    whole = {"Effect": effect, "Action": "s3:GetObject", "Resource": "*", **elements}
    return {name: value for name, value in whole.items() if value is not None}


def allow(**elements: Any) -> dict[str, Any]:
    return statement("Allow", **elements)


def deny(**elements: Any) -> dict[str, Any]:
    return statement("Deny", **elements)


def decided(*policies: list[dict[str, Any]], action: str = "s3:GetObject", resource: str = OBJECT) -> Decision:
    read = [parse_policy({"Version": "2012-10-17", "Statement": statements}) for statements in policies]
    return evaluate(read, Request(action, KEYS, resource=resource))


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([allow()], ALLOWED),
        ([deny()], DENIED),
        ([allow(), deny()], DENIED),
        ([deny(), allow()], DENIED),
        ([allow(**NO)], DENIED),
        ([allow(**YES)], ALLOWED),
        ([allow(), deny(**NO)], ALLOWED),
        ([allow(), deny(**YES)], DENIED),
        ([allow(**PERHAPS)], DEPENDS),
        ([allow(**PERHAPS), allow()], ALLOWED),
        ([allow(), deny(**PERHAPS)], DEPENDS),
        ([allow(**PERHAPS), deny()], DENIED),
        ([allow(**NO), deny(**PERHAPS)], DENIED),
        ([allow(), deny(**PERHAPS), deny(**YES)], DENIED),
        ([allow(Condition={**NO["Condition"], "StringLike": {"a:perhaps": "*"}})], DENIED),
        ([{**allow(), "Effect": "Perhaps"}], DENIED),
    ],
)
def test_an_explicit_deny_wins_and_nothing_is_allowed_that_no_statement_allows(statements, decision):
    assert decided(statements) is decision
    assert decided(*[[one] for one in statements]) is decision, "in a policy each, it is the same"


@pytest.mark.parametrize(
    ("elements", "action", "is_named"),
    [
        ({}, "S3:getobject", True),
        ({"Action": "S3:GETOBJECT"}, "s3:GetObject", True),
        ({"Action": "s3:get*"}, "s3:GetObject", True),
        ({"Action": "s3:Get?bject"}, "s3:GetObject", True),
        ({"Action": ["s3:PutObject", "*"]}, "s3:GetObject", True),
        ({"Action": "s3:Get"}, "s3:GetObject", False),
        ({"Action": None, "NotAction": "s3:PUT*"}, "s3:GetObject", True),
        ({"Action": None, "NotAction": "s3:GET*"}, "s3:GetObject", False),
        ({"Action": None, "NotAction": ["s3:PutObject", "s3:GetObject"]}, "s3:GetObject", False),
        ({"Action": None}, "s3:GetObject", False),
    ],
)
def test_an_action_is_named_in_any_letter_case_and_by_wildcards(elements, action, is_named):
    assert decided([allow(**elements)], action=action) is (ALLOWED if is_named else DENIED)


@pytest.mark.parametrize(
    ("elements", "is_named"),
    [
        ({"Resource": OBJECT}, True),
        ({"Resource": OBJECT.lower()}, False),
        ({"Resource": "arn:aws:s3:::reports/*"}, True),
        ({"Resource": "arn:aws:s3:::*.csv"}, True),
        ({"Resource": "arn:*.csv"}, True),
        ({"Resource": "arn:aws:s3:::reports"}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::secrets/*"}, True),
        ({"Resource": None, "NotResource": ["arn:aws:s3:::secrets/*", OBJECT]}, False),
    ],
)
def test_a_resource_is_named_letter_by_letter_or_by_wildcards(elements, is_named):
    assert decided([allow(**elements)]) is (ALLOWED if is_named else DENIED)


ROOT, ROLE = "arn:aws:iam::999988887777:root", "arn:aws:iam::999988887777:role/x"
SESSION = "arn:aws:sts::999988887777:assumed-role/x/"


@pytest.mark.parametrize(
    ("principal", "decision"),
    [
        ("*", ALLOWED),
        ({"AWS": "*"}, ALLOWED),
        ({"AWS": "999988887777"}, ALLOWED),
        ({"AWS": ["arn:aws:iam::1:root", ROLE]}, ALLOWED),
        ({"AWS": "arn:aws:iam::999988887777:role/*"}, DENIED),
        ({"AWS": ROLE.upper()}, DENIED),
        ({"Service": ROLE}, DENIED),
        ({"Service": "*"}, DENIED),
        ({"AWS": SESSION + "worker"}, DEPENDS),
        ({"AWS": SESSION.replace("/x/", "/y/") + "worker"}, DENIED),
    ],
)
def test_a_principal_is_exact_and_a_star_alone_is_everybody(principal, decision):
    trust = parse_policy({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}})
    names = frozenset({"*:*", "AWS:*", "AWS:999988887777", f"AWS:{ROOT}", f"AWS:{ROLE}"})

    assert evaluate([trust], Request("sts:AssumeRole", {}, names, f"AWS:{SESSION}")) is decision
