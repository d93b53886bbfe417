"""The sandbox's STS must judge trust policies as AWS does: every proof of enforcement in the tests rests on it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.trust import evaluate

VENDOR = "999988887777"
ROOT = f"arn:aws:iam::{VENDOR}:root"
ROLE = f"arn:aws:iam::{VENDOR}:role/northwind-rolecall"
SESSION = f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/worker"
RIGHT = "northwind-ab12cd34-" + "0f" * 16
WRONG = "northwind-ab12cd34-" + "1e" * 16

EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": RIGHT}}


def allow(principal: Any = ROOT, *, condition: Any = None, **others: Any) -> dict[str, Any]:
    """One Allow statement; a Principal given as text or list is an AWS one."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": principal} if isinstance(principal, str | list) else principal,
        **others,
    }
    return statement if condition is None else {**statement, "Condition": condition}


def deny(principal: Any = "*", *, condition: Any = None, **others: Any) -> dict[str, Any]:
    return {**allow(principal, condition=condition, **others), "Effect": "Deny"}


def asked(external_id: str | None = RIGHT, **others: Any) -> AssumeRoleRequest:
    """The vendor's worker asks, with the right external ID unless told otherwise."""
    values = {"principal_arn": ROLE, "caller_arn": SESSION, "account_id": VENDOR, "session_name": "worker"}
    return AssumeRoleRequest(**{**values, "external_id": external_id, **others})


def only(operator: str, value: Any, *, key: str = "sts:ExternalId") -> list[dict[str, Any]]:
    return [allow(condition={operator: {key: value}})]


# What Rolecall's own template makes.
OURS = [allow(condition={"StringEquals": {"sts:ExternalId": RIGHT}, "ArnEquals": {"aws:PrincipalArn": ROLE}})]
OTHER_ROLE = {"principal_arn": f"arn:aws:iam::{VENDOR}:role/intern"}
OTHER_ACCOUNT = {"account_id": "123412341234", "principal_arn": "arn:aws:iam::123412341234:role/northwind-rolecall"}
USER_ARN = f"arn:aws:iam::{VENDOR}:user/ann"
NO_CONDITION, BARE_SECOND = [allow()], [allow(condition=EXTERNAL_ID), allow()]

# (what it is, the statements, the request, is it allowed)
SHAPES: list[tuple[str, Any, AssumeRoleRequest, bool]] = [
    # Rolecall's own trust policy
    ("ours, right external ID", OURS, asked(), True),
    ("ours, wrong external ID", OURS, asked(WRONG), False),
    ("ours, no external ID", OURS, asked(None), False),
    ("ours, external ID in other letter case", OURS, asked(RIGHT.upper()), False),
    ("ours, another role of the vendor", OURS, asked(**OTHER_ROLE), False),
    ("ours, a role of that name elsewhere", OURS, asked(**OTHER_ACCOUNT), False),
    # Trust that does not enforce the external ID: what Rolecall has to catch
    ("no condition, no external ID", NO_CONDITION, asked(None), True),
    ("no condition ignores a given external ID", NO_CONDITION, asked(WRONG), True),
    ("a bare second statement, no external ID", BARE_SECOND, asked(None), True),
    ("IfExists, no external ID", only("StringEqualsIfExists", RIGHT), asked(None), True),
    ("IfExists, wrong external ID", only("StringEqualsIfExists", RIGHT), asked(WRONG), False),
    ("IfExists, right external ID", only("StringEqualsIfExists", RIGHT), asked(), True),
    ("StringLike *, wrong external ID", only("StringLike", "*"), asked(WRONG), True),
    ("StringLike *, no external ID", only("StringLike", "*"), asked(None), False),
    ("StringLike with our handle, wrong hex", only("StringLike", "northwind-ab12cd34-*"), asked(WRONG), True),
    ("StringLike with another handle", only("StringLike", "northwind-zz99zz99-*"), asked(), False),
    ("StringLike with ?", only("StringLike", "northwind-????????-" + "?" * 32), asked(), True),
    ("StringLike is case-sensitive", only("StringLike", "NORTHWIND-*"), asked(), False),
    ("ignoring case, other case", only("StringEqualsIgnoreCase", RIGHT), asked(RIGHT.upper()), True),
    ("ignoring case, wrong external ID", only("StringEqualsIgnoreCase", RIGHT), asked(WRONG), False),
    # Negated operators
    ("not equals another, absent", only("StringNotEquals", WRONG), asked(None), True),
    ("not equals the very one", only("StringNotEquals", RIGHT), asked(), False),
    ("not equals any of two, one is it", only("StringNotEquals", [RIGHT, WRONG]), asked(), False),
    ("not like *", only("StringNotLike", "northwind-*"), asked(), False),
    ("not ArnEquals our role", only("ArnNotEquals", ROLE, key="aws:PrincipalArn"), asked(), False),
    ("not ArnLike another role", only("ArnNotLike", f"{ROLE}-x", key="aws:PrincipalArn"), asked(), True),
    # Lists, and-ing, keys
    ("one of two values suffices", only("StringEquals", [WRONG, RIGHT]), asked(), True),
    (
        "all keys must hold",
        [allow(condition={"StringEquals": {"sts:ExternalId": RIGHT, "aws:PrincipalAccount": "123412341234"}})],
        asked(),
        False,
    ),
    (
        "all operators must hold",
        [allow(condition={**EXTERNAL_ID, "StringLike": {"aws:PrincipalArn": "*:role/intern"}})],
        asked(),
        False,
    ),
    ("keys are case-insensitive", only("StringEquals", RIGHT, key="STS:externalid"), asked(), True),
    ("an unknown key is absent", only("StringEquals", "x", key="aws:SourceAccount"), asked(), False),
    ("the session's name is a key", only("StringLike", "work*", key="sts:RoleSessionName"), asked(), True),
    ("the principal's account is a key", only("StringEquals", VENDOR, key="aws:PrincipalAccount"), asked(), True),
    # ARN operators, Null, Bool, quantifiers
    (
        "ArnLike with a star in the name",
        only("ArnLike", f"arn:aws:iam::{VENDOR}:role/north*", key="aws:PrincipalArn"),
        asked(),
        True,
    ),
    ("ArnLike: a star does not span colons", only("ArnLike", "arn:*:role/*", key="aws:PrincipalArn"), asked(), False),
    ("StringLike: a star spans colons", only("StringLike", "arn:*:role/*", key="aws:PrincipalArn"), asked(), True),
    ("Null true, no external ID", only("Null", "true"), asked(None), True),
    ("Null true, with external ID", only("Null", True), asked(), False),
    ("Null false, any external ID", only("Null", "false"), asked(WRONG), True),
    ("Null false, no external ID", only("Null", "false"), asked(None), False),
    ("Bool of an absent key", only("Bool", "true", key="aws:MultiFactorAuthPresent"), asked(), False),
    ("BoolIfExists of an absent key", only("BoolIfExists", True, key="aws:MultiFactorAuthPresent"), asked(), True),
    ("ForAnyValue, right", only("ForAnyValue:StringEquals", [RIGHT, WRONG]), asked(), True),
    ("ForAnyValue, absent", only("ForAnyValue:StringEquals", RIGHT), asked(None), False),
    ("ForAllValues, absent, lets in", only("ForAllValues:StringEquals", RIGHT), asked(None), True),
    ("ForAllValues, wrong", only("ForAllValues:StringEquals", RIGHT), asked(WRONG), False),
    ("an unknown operator grants nothing", only("StringMostlyEquals", RIGHT), asked(), False),
    ("an unknown quantifier grants nothing", only("ForMostValues:StringEquals", RIGHT), asked(), False),
    ("a condition of the wrong shape grants nothing", [allow(condition={"StringEquals": RIGHT})], asked(), False),
    # Principals
    ("the account by its ID", [allow(VENDOR)], asked(), True),
    ("another account's root", [allow("arn:aws:iam::123412341234:root")], asked(), False),
    ("the role itself", [allow(ROLE)], asked(), True),
    ("a list with the role in it", [allow(["123412341234", ROLE])], asked(), True),
    ("the session itself", [allow(SESSION)], asked(), True),
    ("another session", [allow(SESSION + "-x")], asked(), False),
    ("a user", [allow(USER_ARN)], asked(principal_arn=USER_ARN, caller_arn=USER_ARN), True),
    ("no wildcard inside an ARN", [allow(f"arn:aws:iam::{VENDOR}:role/*")], asked(), False),
    ("the ID of a role that is gone", [allow("AROAEXAMPLEEXAMPLEEX")], asked(), False),
    ("AWS: *", [allow("*")], asked(**OTHER_ACCOUNT), True),
    ("Principal: *", [{**allow(), "Principal": "*"}], asked(**OTHER_ACCOUNT), True),
    ("a service only", [allow({"Service": "ec2.amazonaws.com"})], asked(), False),
    ("a service and us", [allow({"Service": "ec2.amazonaws.com", "AWS": ROOT})], asked(), True),
    ("Federated: * is not everybody", [allow({"Federated": "*"})], asked(), False),
    ("no principal at all", [{"Effect": "Allow", "Action": "sts:AssumeRole"}], asked(), False),
    (
        "Allow with NotPrincipal trusts nobody",
        [{"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "123412341234"}}],
        asked(),
        False,
    ),
    # Actions
    ("sts:*", [allow(Action="sts:*")], asked(), True),
    ("*", [allow(Action="*")], asked(), True),
    ("a list with it, in other case", [allow(Action=["sts:TagSession", "STS:assumerole"])], asked(), True),
    ("another action", [allow(Action="sts:AssumeRoleWithSAML")], asked(), False),
    ("NotAction with it", [{k: v for k, v in allow(NotAction="sts:*").items() if k != "Action"}], asked(), False),
    (
        "NotAction without it",
        [{k: v for k, v in allow(NotAction="sts:TagSession").items() if k != "Action"}],
        asked(),
        True,
    ),
    # Deny
    ("a Deny wins over an Allow", [*NO_CONDITION, deny()], asked(), False),
    ("the order does not matter", [deny(), *NO_CONDITION], asked(), False),
    (
        "a Deny of those without external ID, none",
        [*NO_CONDITION, deny(condition={"Null": {"sts:ExternalId": "true"}})],
        asked(None),
        False,
    ),
    (
        "a Deny of those without external ID, some",
        [*NO_CONDITION, deny(condition={"Null": {"sts:ExternalId": "true"}})],
        asked(WRONG),
        True,
    ),
    (
        "a Deny of all other external IDs, wrong",
        [*NO_CONDITION, deny(condition={"StringNotEquals": {"sts:ExternalId": RIGHT}})],
        asked(WRONG),
        False,
    ),
    (
        "a Deny of all other external IDs, right",
        [*NO_CONDITION, deny(condition={"StringNotEquals": {"sts:ExternalId": RIGHT}})],
        asked(),
        True,
    ),
    (
        "a Deny of all but us",
        [*NO_CONDITION, {"Effect": "Deny", "Action": "sts:*", "NotPrincipal": {"AWS": [ROLE, ROOT]}}],
        asked(),
        True,
    ),
    (
        "a Deny of all but others",
        [*NO_CONDITION, {"Effect": "Deny", "Action": "sts:*", "NotPrincipal": {"AWS": "123412341234"}}],
        asked(),
        False,
    ),
    ("a Deny of somebody else", [*NO_CONDITION, deny("123412341234")], asked(), True),
    ("a Deny that is not understood denies", [*NO_CONDITION, deny(condition={"Strange": {"a": "b"}})], asked(), False),
    ("only a Deny", [deny("123412341234")], asked(), False),
]


@pytest.mark.parametrize(
    ("statements", "request_made", "is_allowed"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES]
)
def test_the_trust_policy_decides(statements: Any, request_made: AssumeRoleRequest, is_allowed: bool) -> None:
    decision = evaluate({"Version": "2012-10-17", "Statement": statements}, request_made)

    assert decision.allowed is is_allowed, decision.reason
    assert decision.reason


@pytest.mark.parametrize("policy", [None, [], "x", {}, {"Statement": None}, {"Statement": []}, {"Statement": ["x"]}])
def test_a_malformed_policy_trusts_nobody(policy: Any) -> None:
    assert not evaluate(policy, asked()).allowed


def test_a_single_statement_needs_no_list() -> None:
    assert evaluate({"Statement": OURS[0]}, asked()).allowed
    assert not evaluate({"Statement": OURS[0]}, asked(WRONG)).allowed


def test_the_reason_names_what_is_not_met() -> None:
    assert evaluate({"Statement": OURS}, asked(WRONG)).reason == "statement 1: StringEquals sts:ExternalId is not met"
