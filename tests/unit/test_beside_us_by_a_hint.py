"""Whoever gets in by what AWS's pages only hint at makes a policy more than exact.

Pages are of the IAM user guide, reference_policies_condition-keys.html unless another is named.
"""

from __future__ import annotations

import json
import string
import time
from datetime import UTC, datetime

import pytest

from onboarding.ground.arn import parse_role_arn
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from onboarding.trust.judgement import TrustVerdict, judge_trust

US = "arn:aws:iam::999988887777:role/northwind-rolecall"
ID = "northwind-7kq2m9xd-0123456789abcdef0123456789abcdef"
EXPECTED = ExpectedTrust.of(parse_role_arn(US), ID)
EXACT = corrected_policy(EXPECTED)["Statement"][0]
SAML, OIDC = "arn:aws:iam::111122223333:saml-provider/A", "arn:aws:iam::111122223333:oidc-provider/x.example"
WITH_SAML, WITH_WEB = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"
OTHER, OURS, CONFIG = {"AWS": "444455556666"}, {"AWS": US}, {"Service": "config.amazonaws.com"}
ASSUME, TAG = "sts:AssumeRole", "sts:TagSession"


def stated(effect, principal, action, condition=None):
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        **({"Condition": condition} if condition else {}),
    }


def allow(*rest):
    return stated("Allow", *rest)


def deny(*rest):
    return stated("Deny", *rest)


# Texts that hold one of all printable characters of ASCII.
ASCII = ["*${*}*", "*${?}*", *(f"*{chr(i)}*" for i in range(32, 127) if chr(i) not in "*?")]
BESIDE = {
    # #condition-keys-principalisawsservice: anonymous requests do not include the key;
    # AssumeRoleWithSAML and AssumeRoleWithWebIdentity are not signed (STS API reference of both).
    "saml behind a Deny of who is no service": [
        allow({"Federated": SAML}, WITH_SAML),
        deny(
            {"AWS": "*"},
            "sts:*",
            {"Bool": {"aws:PrincipalIsAWSService": "false"}, "StringNotEqualsIfExists": {"aws:PrincipalArn": US}},
        ),
    ],
    "oidc behind a Deny of who is no service": [
        allow({"Federated": OIDC}, WITH_WEB),
        deny(
            {"AWS": "*"},
            "sts:*",
            {"Bool": {"aws:PrincipalIsAWSService": "false"}, "ArnNotEquals": {"aws:PrincipalArn": US}},
        ),
    ],
    "oidc without the key of services": [
        allow({"Federated": OIDC}, WITH_WEB, {"Null": {"aws:PrincipalIsAWSService": "true"}})
    ],
    # #condition-keys-principalaccount: in all requests; of anonymous ones it is `anonymous`
    "oidc by its account": [
        allow({"Federated": OIDC}, WITH_WEB, {"StringEquals": {"aws:PrincipalAccount": "anonymous"}})
    ],
    "saml behind a Deny of who has no account": [
        allow({"Federated": SAML}, WITH_SAML),
        deny({"AWS": "*"}, "sts:AssumeRoleWithSAML", {"Null": {"aws:PrincipalAccount": "true"}}),
    ],
    # #condition-keys-principaltype (all requests), reference_policies_variables.html#principaltable (`Anonymous`)
    "oidc by its type": [allow({"Federated": OIDC}, WITH_WEB, {"StringEquals": {"aws:PrincipalType": "Anonymous"}})],
    # the same two keys of a service: in all requests
    "a service behind a Deny of who has no account": [
        allow(CONFIG, ASSUME),
        deny(CONFIG, ASSUME, {"Null": {"aws:PrincipalAccount": "true"}}),
    ],
    "a service behind a Deny of who has no type": [
        allow(CONFIG, ASSUME),
        deny(CONFIG, ASSUME, {"Null": {"aws:PrincipalType": "true"}}),
    ],
    # #condition-keys-federatedprovider: with AssumeRoleWithWebIdentity only
    "saml without a federated provider": [
        allow({"Federated": SAML}, WITH_SAML, {"Null": {"aws:FederatedProvider": "true"}})
    ],
    "saml behind a Deny of every federated provider": [
        allow({"Federated": SAML}, WITH_SAML),
        deny({"Federated": SAML}, WITH_SAML, {"StringLike": {"aws:FederatedProvider": "*"}}),
    ],
    # a session's tags that are passed on: chosen before what is asked of aws:TagKeys without a quantifier
    "a transitive tag of another name": [
        allow(
            OURS,
            TAG,
            {"StringNotEqualsIgnoreCase": {"aws:TagKeys": "another"}, "Null": {"sts:TransitiveTagKeys": "false"}},
        )
    ],
    "a transitive tag of another pattern": [
        allow(OURS, TAG, {"StringNotLike": {"aws:TagKeys": ["a*", "A*"]}, "Null": {"sts:TransitiveTagKeys": "false"}})
    ],
    "a transitive tag that a Deny leaves": [
        allow(OURS, TAG, {"Null": {"sts:TransitiveTagKeys": "false"}}),
        deny(OURS, TAG, {"StringLike": {"aws:TagKeys": ["a*", "A*"]}}),
    ],
    # no character of ASCII is left, and others are possible (id_tags.html#id_tags_rules; a provider's subject is free)
    "a subject in no letter of ASCII": [
        allow(
            {"Federated": OIDC},
            WITH_WEB,
            {"Null": {"x.example:sub": "false"}, "StringNotLike": {"x.example:sub": ["", *ASCII]}},
        )
    ],
    "a tag in no letter of ASCII": [
        allow(
            OTHER, ASSUME, {"StringLike": {"aws:PrincipalTag/x": "?"}, "StringNotLike": {"aws:PrincipalTag/x": ASCII}}
        )
    ],
    # a number that is a date too: reference_policies_elements_condition_operators.html#Conditions_Date (epoch)
    "a tag as a number and a date": [
        allow(
            OTHER,
            ASSUME,
            {
                "NumericGreaterThan": {"aws:PrincipalTag/x": "5"},
                "DateGreaterThan": {"aws:PrincipalTag/x": "2030-01-01T00:00:00Z"},
            },
        )
    ],
    # IAM APIReference API_CreateRole.html, Path: any of ! to ~, so also a star
    "a path with a star in it": [
        allow(OTHER, ASSUME, {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/team-*/deploy"}})
    ],
    # ForAllValues on this key in AWS's own examples: it has several values
    "two context providers": [
        allow(
            OTHER,
            [ASSUME, "sts:SetContext"],
            {
                "ForAnyValue:ArnEquals": {"sts:RequestContextProviders": "arn:aws:iam::aws:contextProvider/A"},
                "ForAnyValue:ArnNotEquals": {"sts:RequestContextProviders": "arn:aws:iam::aws:contextProvider/A"},
            },
        )
    ],
}


@pytest.mark.parametrize("name", BESIDE)
def test_whoever_gets_in_beside_us_makes_a_policy_not_exact(name):
    policy = {"Version": "2012-10-17", "Statement": [EXACT, *BESIDE[name]]}
    verdict = judge_trust(policy, EXPECTED, now=datetime.now(UTC)).verdict
    assert verdict in (TrustVerdict.LOOSE, TrustVerdict.TOO_COMPLEX)


def test_a_variable_that_our_role_lacks_may_void_the_deny_that_asks_for_the_id():
    # reference_policies_variables.html: "might cause the entire statement to be invalid", and #principaltable: a role
    # has no aws:username, "any attempt to match it fails and causes the statement to be invalid".
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            allow(OURS, ASSUME),
            deny(OURS, ASSUME, {"StringNotEquals": {"sts:ExternalId": [ID, "${aws:username}"]}}),
        ],
    }
    assert judge_trust(policy, EXPECTED, now=datetime.now(UTC)).verdict is not TrustVerdict.EXACT


def test_many_variables_and_services_are_judged_in_a_moment():
    names = string.ascii_lowercase
    condition = {"StringEquals": {f"a:{a}{b}": f"${{b:{a}{b}}}" for a in names[:12] for b in names}}
    services = [f"{a}{b}.a" for a in names[:2] for b in names[:20]]
    policy = {
        "Version": "2012-10-17",
        "Statement": [EXACT, allow({"AWS": "*", "Service": services}, "sts:*", condition)],
    }
    assert len(json.dumps(policy, separators=(",", ":"))) <= 8_192
    before = time.process_time()
    judge_trust(policy, EXPECTED, now=datetime.now(UTC))
    assert time.process_time() - before < 0.5
