"""Each rule of AWS's that the sandbox's STS knows, by an example, with the page that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.sts.operators import OPERATORS
from sandbox.sts.replay import replay
from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.resource_control import ONLY_THE_ORGANIZATION, ORGANIZATION_ID
from sandbox.sts.trust import evaluate, why_denied
from tests.sandbox.test_trust import RIGHT, ROLE, ROOT, USER_ARN, VENDOR, allow, asked, deny, only

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
OPERATOR = GUIDE + "reference_policies_elements_condition_operators.html"
SETS = GUIDE + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
KEY = GUIDE + "reference_policies_condition-keys.html"
VARIABLE = GUIDE + "reference_policies_variables.html"
TAG = GUIDE + "id_session-tags.html"
WHO = GUIDE + "reference_policies_elements_principal.html"

NOON = datetime(2030, 5, 17, 12, tzinfo=UTC)
AT_NOON = asked(at=NOON)
MEMBER = asked(organization_id=ORGANIZATION_ID)
ANN = asked(principal_arn=USER_ARN, caller_arn=USER_ARN)
TAGGED = asked(tags={"Team": "a", "Cost": "7"}, transitive_tag_keys=("Team",))
NAMED = asked(source_identity="ann")
TAGGING = ["sts:AssumeRole", "sts:TagSession"]


def odd(*values: str, key: str = "aws:odd") -> AssumeRoleRequest:
    """We ask, and the request has a key of these values that AWS does not have."""
    return asked(keys={**asked().context, key: values})


def service(name: str = "ec2.amazonaws.com", **keys: tuple[str, ...]) -> AssumeRoleRequest:
    return AssumeRoleRequest(principal_arn=name, caller_arn=name, account_id="", kind="service", keys=keys)


def sso(action: str, **keys: tuple[str, ...]) -> AssumeRoleRequest:
    provider = OKTA["Federated"]
    return AssumeRoleRequest(
        principal_arn=provider,
        caller_arn=provider,
        account_id="111122223333",
        kind="federated",
        named_actions=(action,),
        keys=keys,
    )


def when(operator: str, key: str, value: Any) -> list[dict[str, Any]]:
    return [allow(Action="sts:*", condition={operator: {key: value}})]


OKTA = {"Federated": "arn:aws:iam::111122223333:saml-provider/okta"}
ARN, NOW = "aws:PrincipalArn", "aws:CurrentTime"
ACCOUNT_VARIABLE = "arn:aws:iam::${aws:PrincipalAccount}:role/northwind-rolecall"

# (the page, what it says, the statements, the request, is it allowed)
RULES: list[tuple[str, str, Any, AssumeRoleRequest, bool]] = [
    (OPERATOR, "StringEquals takes a star as a star", only("StringEquals", "*"), asked(), False),
    (OPERATOR, "not equal, ignoring case", only("StringNotEqualsIgnoreCase", RIGHT.upper()), asked(), False),
    (OPERATOR, "not like", only("StringNotLike", "northwind-*"), asked("other"), True),
    (OPERATOR, "numbers are compared as numbers", when("NumericEquals", "aws:odd", "7.0"), odd("7"), True),
    (OPERATOR, "a number that is not equal", when("NumericNotEquals", "aws:odd", 7), odd("8"), True),
    (OPERATOR, "less is not equal", when("NumericLessThan", "aws:odd", 7), odd("7"), False),
    (OPERATOR, "less or equal", when("NumericLessThanEquals", "aws:odd", 7), odd("7"), True),
    (OPERATOR, "greater, and not by letters", when("NumericGreaterThan", "aws:odd", "9"), odd("10"), True),
    (OPERATOR, "greater or equal", when("NumericGreaterThanEquals", "aws:odd", "9"), odd("8"), False),
    (OPERATOR, "what is no number matches none", when("NumericLessThan", "aws:odd", "9"), odd("x"), False),
    (OPERATOR, "before", when("DateLessThan", NOW, "2030-05-17T12:00:01Z"), AT_NOON, True),
    (OPERATOR, "not before", when("DateLessThan", NOW, "2030-05-17T12:00:00Z"), AT_NOON, False),
    (OPERATOR, "at or before", when("DateLessThanEquals", NOW, "2030-05-17T12:00:00Z"), AT_NOON, True),
    (OPERATOR, "in another zone", when("DateEquals", NOW, "2030-05-17T14:00:00+02:00"), AT_NOON, True),
    (OPERATOR, "another time", when("DateNotEquals", NOW, "2030-05-17"), AT_NOON, True),
    (OPERATOR, "after a day", when("DateGreaterThan", NOW, "2030-05-17"), AT_NOON, True),
    (OPERATOR, "not yet", when("DateGreaterThanEquals", NOW, "2030-05-18"), AT_NOON, False),
    (OPERATOR, "in seconds since 1970", when("DateLessThan", NOW, "1905249600"), AT_NOON, False),
    (KEY, "the time in seconds", when("NumericLessThan", "aws:EpochTime", "2000000000"), AT_NOON, True),
    (KEY, "the time in seconds as a date", when("DateLessThan", "aws:EpochTime", "2031-01-01"), AT_NOON, True),
    (OPERATOR, "Bool in any letter case", when("Bool", "aws:SecureTransport", "True"), asked(), True),
    (KEY, "a call to AWS is encrypted", when("Bool", "aws:SecureTransport", False), asked(), False),
    (KEY, "no service passes it on", when("Bool", "aws:ViaAWSService", "false"), asked(), True),
    (KEY, "no second factor with keys", when("Bool", "aws:MultiFactorAuthPresent", "false"), asked(), False),
    (KEY, "a second factor", when("Bool", "aws:MultiFactorAuthPresent", "true"), asked(has_mfa=True), True),
    (KEY, "none in a session", when("Bool", "aws:MultiFactorAuthPresent", True), asked(has_mfa=False), False),
    (KEY, "a role's type", when("StringEquals", "aws:PrincipalType", "AssumedRole"), asked(), True),
    (KEY, "a user's name", when("StringEquals", "aws:username", "ann"), ANN, True),
    (KEY, "a role has no user name", when("StringLike", "aws:username", "*"), asked(), False),
    (KEY, "no organisation known", when("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION_ID), asked(), True),
    (KEY, "the organisation", when("StringEquals", "aws:PrincipalOrgID", ORGANIZATION_ID), MEMBER, True),
    (OPERATOR, "bytes in base 64", when("BinaryEquals", "aws:odd", "QmluYXJ5"), odd("QmluYXJ5"), True),
    (OPERATOR, "other bytes", when("BinaryEquals", "aws:odd", "QmluYXJ5"), odd("qmluyxj5"), False),
    (OPERATOR, "an address in a range", when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), asked(), True),
    (OPERATOR, "an address alone", when("IpAddress", "aws:SourceIp", "203.0.113.8"), asked(), False),
    (OPERATOR, "an address outside", when("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24"]), asked(), False),
    (OPERATOR, "of IPv6", when("IpAddress", "aws:SourceIp", "2001:db8::/32"), asked(source_ip="2001:db8::7"), True),
    (OPERATOR, "a range that is none grants nothing", when("IpAddress", "aws:SourceIp", "x"), asked(), False),
    (OPERATOR, "each part of an ARN by itself", when("ArnLike", ARN, "arn:aws:iam:*:role/*"), asked(), False),
    (OPERATOR, "ArnEquals takes stars too", when("ArnEquals", ARN, "arn:*:iam::*:role/north*"), asked(), True),
    (OPERATOR, "an ARN in other letter case", when("ArnLike", ARN, ROLE.upper()), asked(), False),
    (OPERATOR, "a negated operator holds without the key", when("ArnNotLike", "aws:SourceArn", "arn:*"), asked(), True),
    (OPERATOR, "dates too", when("DateNotEquals", "aws:TokenIssueTime", "2030-01-01"), asked(), True),
    (OPERATOR, "addresses too", when("NotIpAddress", "aws:VpcSourceIp", "10.0.0.0/8"), asked(), True),
    (OPERATOR, "Null knows no IfExists", when("NullIfExists", "aws:odd", "true"), asked(), False),
    (SETS, "all of the values", when("ForAllValues:StringEquals", "aws:TagKeys", ["Team", "Cost"]), TAGGED, True),
    (SETS, "not all of them", when("ForAllValues:StringEquals", "aws:TagKeys", ["Team"]), TAGGED, False),
    (SETS, "any of them", when("ForAnyValue:StringEquals", "aws:TagKeys", ["Team"]), TAGGED, True),
    (SETS, "none of them", when("ForAnyValue:StringEquals", "aws:TagKeys", ["x"]), TAGGED, False),
    (SETS, "one is not it", when("ForAnyValue:StringNotEquals", "aws:TagKeys", "Team"), TAGGED, True),
    (SETS, "all are not it", when("ForAllValues:StringNotEquals", "aws:TagKeys", "Team"), TAGGED, False),
    (SETS, "all of none", when("ForAllValues:StringEquals", "aws:TagKeys", "Team"), asked(), True),
    (SETS, "any of none", when("ForAnyValue:StringNotEquals", "aws:TagKeys", "Team"), asked(), False),
    (SETS, "any of none, if it exists", when("ForAnyValue:StringLikeIfExists", "aws:TagKeys", "T*"), asked(), True),
    (VARIABLE, "in an ARN", when("ArnEquals", ARN, ACCOUNT_VARIABLE), asked(), True),
    (VARIABLE, "the user's own name", when("StringEquals", "sts:RoleSessionName", "${aws:username}"),
     asked(principal_arn=USER_ARN, caller_arn=USER_ARN, session_name="ann"), True),
    (VARIABLE, "without a value nothing matches", only("StringLike", "${aws:username}*"), asked(), False),
    (VARIABLE, "a default", when("StringEquals", "sts:ExternalId", "${aws:username, 'none'}"), asked("none"), True),
    (VARIABLE, "a star as itself", when("StringLike", "sts:ExternalId", "north${*}"), asked(), False),
    (VARIABLE, "a star in a value is no wildcard", when("StringLike", "aws:odd", "${aws:even}"),
     asked(keys={"aws:odd": ("xyz",), "aws:even": ("x*",)}), False),
    (VARIABLE, "a dollar as itself", when("StringEquals", "aws:odd", "${$}{x}"), odd("${x}"), True),
    (VARIABLE, "not in numbers", when("NumericEquals", "aws:odd", "${aws:PrincipalAccount}"), odd(VENDOR), False),
    (TAG, "session tags need an action of their own", [allow()], TAGGED, False),
    (TAG, "which can be allowed", [allow(Action=TAGGING)], TAGGED, True),
    (TAG, "in another statement", [allow(), allow(Action="sts:TagSession")], TAGGED, True),
    (TAG, "a denied one refuses all", [allow(Action="sts:*"), deny(Action="sts:TagSession")], TAGGED, False),
    (TAG, "a tag's value", when("StringEquals", "aws:RequestTag/team", "a"), TAGGED, True),
    (TAG, "tags that are passed on", when("Null", "sts:TransitiveTagKeys", "true"), TAGGED, False),
    (TAG, "a source identity needs its action", [allow(Action=TAGGING)], NAMED, False),
    (TAG, "which can be allowed too", when("StringLike", "sts:SourceIdentity", "a*"), NAMED, True),
    (WHO, "another partition's root", [allow(ROOT.replace("arn:aws:", "arn:aws-us-gov:"))], asked(), False),
    (WHO, "a root user assumes no role", [allow()], asked(principal_arn=ROOT, caller_arn=ROOT), False),
    (WHO, "a service by its name", [allow({"Service": "ec2.amazonaws.com"})], service(), True),
    (WHO, "another service", [allow({"Service": "ecs.amazonaws.com"})], service(), False),
    (WHO, "a service is not AWS's everybody", [allow("*")], service(), False),
    (WHO, "but denied with everybody", [allow({"Service": "ec2.amazonaws.com"}), deny()], service(), False),
    (WHO, "an identity provider", [allow(OKTA, Action="sts:AssumeRoleWithSAML")],
     sso("sts:AssumeRoleWithSAML"), True),
    (WHO, "by its own action alone", [allow(OKTA)],
     sso("sts:AssumeRoleWithSAML"), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "request_made", "is_allowed"), [rule[2:] for rule in RULES], ids=[rule[1] for rule in RULES]
)
def test_the_rule_holds(statements: Any, request_made: AssumeRoleRequest, is_allowed: bool) -> None:
    decision = evaluate({"Version": "2012-10-17", "Statement": statements}, request_made)

    assert decision.allowed is is_allowed, decision.reason


def test_there_is_an_example_of_every_operator() -> None:
    named = {
        operator.rpartition(":")[2].removesuffix("IfExists")
        for _, _, statements, _, _ in RULES
        for statement in statements
        for operator in statement.get("Condition", {})
    }

    assert set(OPERATORS) - named <= {"StringNotEquals", "StringEqualsIgnoreCase", "ArnNotEquals"}, "see test_trust.py"


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_older_policies_know_no_variables(version: Mapping[str, str]) -> None:
    policy = {**version, "Statement": when("StringEquals", "sts:ExternalId", "${aws:PrincipalAccount}")}

    assert not evaluate(policy, asked(VENDOR)).allowed
    assert evaluate(policy, asked("${aws:PrincipalAccount}")).allowed


def test_a_resource_control_policy_refuses_outsiders_and_no_member_or_service() -> None:
    assert "resource control policy" in (why_denied(ONLY_THE_ORGANIZATION, asked()) or "")
    assert why_denied(ONLY_THE_ORGANIZATION, asked(organization_id="o-another")) is not None
    assert why_denied(ONLY_THE_ORGANIZATION, MEMBER) is None
    assert why_denied(ONLY_THE_ORGANIZATION, service(**{"aws:principalisawsservice": ("true",)})) is None


KEYS = {"aws:principalarn": (ROLE,), "aws:principalaccount": (VENDOR,), "sts:externalid": (RIGHT,)}
TAGGING_TOO = ("sts:AssumeRole", "sts:TagSession")
SESSION_ONLY = f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/night"


def replayed(statements: Any, **others: Any) -> Any:
    told = {"kind": "role", "arn": ROLE, "account_id": VENDOR, "actions": ("sts:AssumeRole",), "keys": KEYS, **others}
    return replay({"Version": "2012-10-17", "Statement": statements}, **told)


def test_a_request_is_replayed_by_its_keys_and_by_a_session_that_the_policy_names() -> None:
    assert replayed([allow()]).allowed
    assert replayed([allow(SESSION_ONLY)]).allowed
    assert not replayed([allow(SESSION_ONLY.replace("northwind-rolecall", "intern"))]).allowed
    assert not replayed(only("StringEquals", "other")).allowed
    assert replayed(when("ForAnyValue:StringLike", "aws:TagKeys", "*"), actions=TAGGING_TOO).allowed, (
        "no tag, no tagging"
    )


@pytest.mark.parametrize(
    "told",
    [
        {"arn": ROLE.replace("rolecall", "*")},
        {"account_id": "123412341234"},
        {"kind": "user"},
        {"kind": "ghost"},
        {"keys": {**KEYS, "aws:principalarn": (USER_ARN,)}},
        {"keys": {**KEYS, "aws:securetransport": ("false",)}},
        {"keys": {**KEYS, "sts:externalid": ("x",)}},
        {"keys": {**KEYS, "sts:externalid": ("has blanks",)}},
        {"keys": {**KEYS, "sts:sourceidentity": ("ann",)}},
        {"keys": {**KEYS, "aws:tagkeys": ("a",)}},
        {"actions": TAGGING_TOO, "keys": {**KEYS, "aws:tagkeys": ("a",), "aws:requesttag/team": ("b",)}},
        {"actions": TAGGING_TOO, "keys": {**KEYS, "aws:tagkeys": ("a",), "sts:transitivetagkeys": ("b",)}},
        {"keys": {**KEYS, "aws:sourceip": ("10.1",)}},
        {"keys": {**KEYS, "aws:multifactorauthpresent": ("true",)}},
        {"keys": {**KEYS, "aws:currenttime": ("2030-01-01T00:00:00Z",), "aws:epochtime": ("7",)}},
        {"actions": ()},
    ],
    ids=str,
)
def test_a_request_that_aws_cannot_have_gets_in_nowhere(told: dict[str, Any]) -> None:
    decision = replayed([allow("*", Action="*")], **told)

    assert not decision.allowed
    assert decision.reason.startswith("there is no such request")
