"""Whoever gets in beside us by a statement of their own makes a policy loose: services, people, callers elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onboarding.trust.judgement import TrustVerdict, judge_trust
from tests.builders import EXTERNAL_ID, NOON
from tests.unit.trust_policies import EXPECTED, ROLE, deny, ours, policy

OTHER = {"AWS": "444455556666"}
POD, ANYWHERE, COGNITO = ({"Service": f"{name}.amazonaws.com"} for name in ("pods.eks", "rolesanywhere", "cognito-idp"))
EC2, LOGS = {"Service": "ec2.amazonaws.com"}, {"Service": "delivery.logs.amazonaws.com"}
SAML = {"Federated": "arn:aws:iam::111122223333:saml-provider/A"}
OIDC = {"Federated": "arn:aws:iam::111122223333:oidc-provider/x.example"}
CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
TAGS = ["sts:AssumeRole", "sts:TagSession"]
ALL = [*TAGS, "sts:SetSourceIdentity"]

# (what it is, principal, action, operator, key, value): who gets in by that is not us.
BESIDE: list[tuple[str, dict[str, str], str | list[str], str, str, str]] = [
    # https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    ("a service by a tag it sends", POD, TAGS, "StringEquals", "aws:RequestTag/kubernetes-namespace", "x"),
    # https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    ("a service by a tag of its caller", ANYWHERE, ALL, "StringEquals", "aws:PrincipalTag/x509Issuer/CN", "Bob"),
    ("a service by a source identity", ANYWHERE, ALL, "StringEquals", "sts:SourceIdentity", "host"),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-smsconfiguration.html
    ("a service with an external ID", COGNITO, "sts:AssumeRole", "StringEquals", "sts:ExternalId", "some-id"),
    ("a service with our external ID", COGNITO, "sts:AssumeRole", "StringEquals", "sts:ExternalId", EXTERNAL_ID),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    # (of the resource, whoever calls; all names of a service)
    ("a service by a tag of the role", EC2, "sts:AssumeRole", "StringEquals", "aws:ResourceTag/a", "b"),
    ("a service by the role's account", EC2, "sts:AssumeRole", "StringEquals", "aws:ResourceAccount", "111122223333"),
    ("a service by a regional name", LOGS, "sts:AssumeRole", "ForAnyValue:StringEquals",
     "aws:PrincipalServiceNamesList", "delivery.logs.us-east-1.amazonaws.com"),
    ("a service by a variable", LOGS, "sts:AssumeRole", "StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
    ("a user with long-lived keys", OTHER, "sts:AssumeRole", "Null", "aws:TokenIssueTime", "true"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules: letters of UTF-8
    ("a tag with an accent", OTHER, "sts:AssumeRole", "StringEquals", "aws:PrincipalTag/team", "\u00c9quipe"),
    ("a name with an umlaut", SAML, "sts:AssumeRoleWithSAML", "StringEquals", "saml:sub", "J\u00f6rg"),
    ("a subject with an umlaut", OIDC, "sts:AssumeRoleWithWebIdentity", "StringLike", "x.example:sub", "m\u00fcn/*"),
    ("a subject as a session's name", OIDC, "sts:AssumeRoleWithWebIdentity", "StringEquals", "sts:RoleSessionName",
     "${x.example:sub}"),
    # No page says that these name nobody.
    ("a pattern of too few parts", {"AWS": "*"}, "sts:AssumeRole", "ArnLike", "aws:PrincipalArn", "*"),
    ("everybody, by a provider", {"AWS": "*"}, "sts:AssumeRoleWithSAML", "Bool", "aws:SecureTransport", "true"),
    ("somebody by a canonical ID", CANONICAL, "sts:AssumeRole", "Bool", "aws:SecureTransport", "true"),
]  # fmt: skip


def beside_us(principal, action, operator, key, value) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": {operator: {key: value}}}


@pytest.mark.parametrize("statement", [beside_us(*row[1:]) for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_a_policy_with_our_statement_and_theirs_is_loose(statement):
    found = judge_trust(policy(ours(), statement), EXPECTED, now=NOON)

    assert (found.verdict, found.lets_us_in) == (TrustVerdict.LOOSE, True)


def test_a_service_whose_roles_take_no_external_id_does_not_get_in_by_ours():
    condition = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}

    found = judge_trust(policy(ours(Principal={"AWS": ROLE, **EC2}, Condition=condition)), EXPECTED, now=NOON)

    assert found.verdict is TrustVerdict.EXACT


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        (NOON - timedelta(days=30), TrustVerdict.EXACT),
        (NOON - timedelta(hours=1), TrustVerdict.DEPENDS),
        (NOON + timedelta(days=1), TrustVerdict.SHUT),
    ],
)
def test_sessions_revoked_long_ago_are_not_ours(before, verdict):
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    revoked = deny(Action="*", Condition={"DateLessThan": {"aws:TokenIssueTime": before.isoformat()}})

    assert judge_trust(policy(ours(), revoked), EXPECTED, now=NOON).verdict is verdict


def test_what_else_somebody_must_meet_is_said():
    statement = beside_us({"AWS": "*"}, "sts:AssumeRole", "StringEquals", "aws:PrincipalOrgID", "o-example")

    found = judge_trust(policy(ours(), statement), EXPECTED, now=NOON)

    assert all("condition on aws:PrincipalOrgID must be met too" in sentence for sentence in found.sentences)


def test_two_hundred_networks_are_no_more_work_than_one_judgement_can_take():
    networks = [f"10.{number}.0.0/16" for number in range(200)]
    some = {"IpAddress": {"aws:SourceIp": networks}}

    found = judge_trust(
        policy(
            beside_us({"AWS": "*"}, "sts:AssumeRole", "IpAddress", "aws:SourceIp", "10.0.0.0/8"), deny(Condition=some)
        ),
        EXPECTED,
        now=NOON,
    )

    assert found.witnesses[0].keys["aws:sourceip"] == ("10.200.0.0",)
