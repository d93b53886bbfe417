"""Trust policies that are hard to judge, and who else gets in: data for test_witness.py.

Each row is about one thing that a search for a request must know; where it needs saying, with AWS's page.
"""

from __future__ import annotations

from typing import Any

from tests.builders import EXTERNAL_ID, VENDOR_ACCOUNT
from tests.unit.trust_policies import ID_ONLY, OTHER_ID, ROLE, ROOT, aws, deny, ours, with_arn, with_id

OUR_ACCOUNT = f"arn:aws:iam::{VENDOR_ACCOUNT}"
SESSIONS = "arn:aws:sts::123412341234:assumed-role/deploy"
SAML = "arn:aws:iam::111122223333:saml-provider/corp"


def open_to(**condition: Any) -> dict[str, Any]:
    """A statement that lets in whoever meets the condition and sends our external ID."""
    with_our_id = {**condition, "StringEquals": {**condition.get("StringEquals", {}), **ID_ONLY["StringEquals"]}}
    return ours(Principal=aws("*"), Condition=with_our_id)


def other(principal: dict[str, Any], action: str | list[str] = "sts:AssumeRole", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, "Condition": condition} if condition else statement


def no_id(operator: str, *values: str) -> dict[str, Any]:
    return deny(Condition={operator: {"sts:ExternalId": list(values)}})


def no_caller(operator: str, *arns: str) -> dict[str, Any]:
    return deny(Condition={operator: {"aws:PrincipalArn": list(arns)}})


# (what it is, the statements, one of those who get in)
SOMEBODY: list[tuple[str, list[dict[str, Any]], str]] = [
    # A Deny narrows what an Allow lets in, and what is left is searched, not guessed.
    ("an ID that a Deny leaves open", [with_id("StringLike", "northwind-*"), no_id("StringNotLike", "*z", EXTERNAL_ID)],
     "our role, northwind-z, by 1"),
    ("an ID between two Denies", [with_id("StringLike", "n*"), no_id("StringNotLike", "*z*", EXTERNAL_ID),
                                  no_id("StringLike", "*a*", "*b*", "*c*", "nz*")],
     "our role, nyz, by 1"),
    ("an ID of one length", [with_id("StringLike", "???"), no_id("StringLike", "a*", "*b", "?c?")],
     "our role, xxx, by 1"),
    ("two Denies and a caller", [ours(Condition=ID_ONLY), no_caller("ArnLike", f"{OUR_ACCOUNT}:role/a*"),
                                 no_caller("ArnNotLike", f"{OUR_ACCOUNT}:role/*", ROLE)],
     f"{VENDOR_ACCOUNT}:role/b, our ID, by 1"),
    ("a Deny that misses users", [ours(Condition=ID_ONLY), no_caller("ArnLike", f"{OUR_ACCOUNT}:role/a*",
                                                                    f"{OUR_ACCOUNT}:role/*/*")],
     f"{VENDOR_ACCOUNT}:user/another, our ID, by 1"),
    ("a Deny of the other IDs of others", [ours(Condition=None), no_id("StringNotEquals", EXTERNAL_ID)],
     f"{VENDOR_ACCOUNT}:role/another, our ID, by 1"),
    ("a Deny of IDs in a request without one", [with_arn("ArnEquals", ROLE),
                                               ours(Condition=None), no_id("StringLike", "*")],
     f"{VENDOR_ACCOUNT}:role/another, no ID, by 2"),
    # Callers
    ("an account by a pattern", [open_to(StringLike={"aws:PrincipalAccount": "1234*"})],
     "123400000000:role/b, our ID, by 1"),
    ("accounts but one", [open_to(StringNotEquals={"aws:PrincipalAccount": "444455556666"})],
     f"{VENDOR_ACCOUNT}:role/another, our ID, by 1"),
    ("users alone, by their name", [open_to(StringLike={"aws:username": "admin-*"})],
     "000000000000:user/admin-, our ID, by 1"),
    # A path is no part of a user's name.
    ("a user whose path is like a name that is kept out", [
        ours(), other(aws("arn:aws:iam::123412341234:user/bots/eve"), StringNotLike={"aws:username": "b*"})],
     "123412341234:user/bots/eve, no ID, by 2"),
    ("users alone, by their type", [open_to(StringEquals={"aws:PrincipalType": "User"})],
     "444455556666:user/another, our ID, by 1"),
    ("an organisation", [open_to(StringEquals={"aws:PrincipalOrgID": "o-abc123"})],
     "444455556666:role/another, our ID, by 1"),
    ("an organisation's unit", [open_to(**{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc123/r-1/*"}})],
     "444455556666:role/another, our ID, by 1"),
    ("a session of another role", [ours(), other(aws("arn:aws:sts::123412341234:assumed-role/deploy/ci"))],
     "123412341234:role/deploy, no ID, by 2"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html (a role's session)
    ("a session that no Deny names, of two", [ours(), other(aws(f"{SESSIONS}/a", f"{SESSIONS}/b")),
                                             deny(Principal=aws(f"{SESSIONS}/a"), Condition=None)],
     "123412341234:role/deploy, no ID, by 2"),
    ("any session but the one that a Deny names", [
        ours(), other(aws("arn:aws:iam::123412341234:role/deploy", f"{SESSIONS}/a")),
        deny(Principal=aws(f"{SESSIONS}/a"), Condition=None)],
     "123412341234:role/deploy, no ID, by 2"),
    ("a role of a session, by its path", [open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"})],
     "444455556666:role/team/another, our ID, by 1"),
    ("a path in an account that is not named whole", [open_to(ArnLike={
        "aws:PrincipalArn": "arn:aws:iam::12345678901?:role/team/*"})],
     "123456789011:role/team/another, our ID, by 1"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (aws:FederatedProvider)
    ("a session that a sign-in began", [open_to(StringEquals={"aws:FederatedProvider": "accounts.google.com"})],
     "444455556666:role/another, our ID, by 1"),
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (what a path can hold)
    ("a role whose path is odd", [ours(), other(aws("arn:aws:iam::123412341234:role/we!rd/x"))],
     "123412341234:role/we!rd/x, no ID, by 2"),
    ("roles whose path is odd", [ours(), open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::123412341234:role/a:b/*"})],
     "123412341234:role/a:b/another, our ID, by 2"),
    # Conditions of other kinds
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html (a tag's value can be empty, and in any language)
    ("a tag in another language", [open_to(StringEquals={"aws:PrincipalTag/team": "équipe"})],
     "444455556666:role/another, our ID, by 1"),
    ("a tag in another language, by a pattern", [open_to(StringLike={"aws:PrincipalTag/team": "é?*é"})],
     "444455556666:role/another, our ID, by 1"),
    ("a tag without a value", [open_to(StringEquals={"aws:PrincipalTag/team": ""})],
     "444455556666:role/another, our ID, by 1"),
    ("a long text", [open_to(StringEquals={"aws:UserAgent": "x" * 1_500})], "444455556666:role/another, our ID, by 1"),
    ("a number below a very large one", [open_to(NumericLessThan={"aws:PrincipalTag/x": "99999999999999999999"})],
     "444455556666:role/another, our ID, by 1"),
    ("a network", [open_to(IpAddress={"aws:SourceIp": "203.0.113.0/24"})], "444455556666:role/another, our ID, by 1"),
    ("all but two networks", [open_to(NotIpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/2"]})],
     "444455556666:role/another, our ID, by 1"),
    # By way of a VPC's endpoint, a request has no such address, and a negated operator then holds.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    ("no network at all", [open_to(NotIpAddress={"aws:SourceIp": ["0.0.0.0/0", "::/0"]})],
     "444455556666:role/another, our ID, by 1"),
    ("a network as text", [open_to(StringLike={"aws:SourceIp": "52.*"})], "444455556666:role/another, our ID, by 1"),
    ("a year as text", [open_to(StringLike={"aws:CurrentTime": "2031-*"})], "444455556666:role/another, our ID, by 1"),
    ("a number between two", [open_to(NumericGreaterThan={"aws:PrincipalTag/level": "3"},
                                     NumericLessThan={"aws:PrincipalTag/level": "4"})],
     "444455556666:role/another, our ID, by 1"),
    ("a very small number", [open_to(NumericGreaterThan={"aws:PrincipalTag/x": "0.0000001"},
                                    NumericLessThan={"aws:PrincipalTag/x": "0.0000002"})],
     "444455556666:role/another, our ID, by 1"),
    ("a second factor", [open_to(Bool={"aws:MultiFactorAuthPresent": "true"})],
     "444455556666:user/another, our ID, by 1"),
    ("a key that has to be absent", [open_to(Null={"aws:SourceVpc": "true"})],
     "444455556666:role/another, our ID, by 1"),
    # Variables
    ("a variable in an ARN", [open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x-*"})],
     "444455556666:role/x-another, our ID, by 1"),
    ("a name as a session's", [open_to(StringLike={"sts:RoleSessionName": "${aws:username}-*"})],
     "444455556666:user/another, our ID, by 1"),
    ("an ID by a tag", [ours(Condition={"StringEquals": {"sts:ExternalId": "${aws:PrincipalTag/id}"}})],
     f"{VENDOR_ACCOUNT}:role/another, another, by 1"),
    ("an ID by a default", [ours(Condition={"StringEquals": {"sts:ExternalId": "${aws:PrincipalTag/id, 'xy'}"}})],
     f"{VENDOR_ACCOUNT}:role/another, xy, by 1"),
    # Services and sign-in providers
    ("a service", [ours(), other({"Service": "ec2.amazonaws.com"})], "ec2.amazonaws.com, no ID, by 2"),
    ("a service for an account", [ours(), other({"Service": "ec2.amazonaws.com"},
                                               StringEquals={"aws:SourceAccount": "111122223333"})],
     "ec2.amazonaws.com, no ID, by 2"),
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SmsConfigurationType.html
    ("a service with an external ID", [ours(), other({"Service": "cognito-idp.amazonaws.com"},
                                                    StringEquals={"sts:ExternalId": OTHER_ID})],
     "cognito-idp.amazonaws.com, another ID, by 2"),
    ("several values of a provider's key", [ours(), other(
        {"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity",
        **{"ForAnyValue:StringEquals": {"cognito-identity.amazonaws.com:amr": "authenticated"},
           "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "graph.facebook.com*"}})],
     "cognito-identity.amazonaws.com, no ID, by 2"),
    ("a SAML provider", [ours(), other({"Federated": SAML}, "sts:AssumeRoleWithSAML",
                                      StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})],
     "111122223333:saml-provider/corp, no ID, by 2"),
    ("an OpenID provider", [ours(), other({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity",
                                         StringEquals={"accounts.google.com:aud": "x"})],
     "accounts.google.com, no ID, by 2"),
    # Tags and a source identity: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    ("any tag", [ours(), other(aws(ROOT), "sts:TagSession")], "our role +TagSession, our ID, by 2"),
    ("one tag", [ours(), other(aws(ROLE), "sts:TagSession", StringEquals={"aws:RequestTag/team": "x"})],
     "our role +TagSession, our ID, by 2"),
    ("some tags", [ours(), other(aws(ROLE), "sts:TagSession",
                                **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}})],
     "our role +TagSession, our ID, by 2"),
    ("tags, but not one", [ours(Action="sts:*"), deny(Action="sts:SetSourceIdentity"),
                          deny(Action="sts:TagSession", Condition={
                              "ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}})],
     "our role +TagSession, our ID, by 1"),
    ("a source identity", [ours(Action=["sts:AssumeRole", "sts:SetSourceIdentity"], Condition={
        **ID_ONLY, "ArnEquals": {"aws:PrincipalArn": ROLE}, "StringLikeIfExists": {"sts:SourceIdentity": "a*"}})],
     "our role +SetSourceIdentity, our ID, by 1"),
]  # fmt: skip

# (what it is, the statements): nobody but us gets in.
NOBODY: list[tuple[str, list[dict[str, Any]]]] = [
    ("a pattern that a Deny closes", [with_id("StringLike", "northwind-*"), no_id("StringNotEquals", EXTERNAL_ID)]),
    ("two Denies that leave nothing", [with_id("StringLike", "northwind-*"), no_id("StringNotLike", "*z", EXTERNAL_ID),
                                       no_id("StringLike", "*z")]),
    ("everybody, but for a Deny", [open_to(), no_caller("ArnNotEquals", ROLE)]),
    ("everybody, but for two Denies", [ours(Principal=aws("*"), Condition=None), no_caller("ArnNotEquals", ROLE),
                                       no_id("StringNotEquals", EXTERNAL_ID)]),
    ("a star as a character", [ours(), open_to(StringEquals={"aws:PrincipalArn": f"{OUR_ACCOUNT}:role/*"})]),
    ("a star as a character, by a variable", [ours(), with_arn("ArnEquals", f"{OUR_ACCOUNT}:role/${{*}}")]),
    ("an account and a role of another", [ours(), open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::1111*:role/*"},
                                                         StringEquals={"aws:PrincipalAccount": "444455556666"})]),
    ("a role as a user", [ours(), open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
                                         StringEquals={"aws:PrincipalType": "User"})]),
    ("a name that a role has none", [ours(), open_to(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
                                                    StringLike={"aws:username": "*"})]),
    ("a user by a path like a name", [ours(), other(aws("arn:aws:iam::123412341234:user/bots/eve"),
                                                   StringLike={"aws:username": "b*"})]),
    ("an account that is none", [ours(), open_to(StringLike={"aws:PrincipalAccount": "12345"})]),
    ("another part of AWS", [ours(), open_to(ArnLike={"aws:PrincipalArn": "arn:aws-cn:iam::*:role/*"})]),
    ("no TLS", [ours(), open_to(Bool={"aws:SecureTransport": "false"})]),
    ("by way of a service", [ours(), open_to(Bool={"aws:ViaAWSService": "true"})]),
    ("no number between", [ours(), open_to(NumericGreaterThan={"aws:PrincipalTag/level": "4"},
                                          NumericLessThan={"aws:PrincipalTag/level": "4"})]),
    ("no network left", [ours(), open_to(NotIpAddress={"aws:SourceIp": ["0.0.0.0/0", "::/0"]},
                                        Null={"aws:SourceIp": "false"})]),
    ("no time left", [ours(), open_to(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})]),
    ("one network in another", [ours(), open_to(IpAddress={"aws:SourceIp": "10.0.0.0/8"},
                                               NotIpAddress={"aws:SourceIp": "10.0.0.0/7"})]),
    ("text and its opposite", [ours(), open_to(StringLike={"aws:UserAgent": "aws-cli*"},
                                              StringNotLike={"aws:UserAgent": "aws*"})]),
    ("an ID too short", [ours(), with_id("StringLike", "?")]),
    ("an ID with a blank", [ours(), with_id("StringLike", "* *")]),
    ("our role in other letter case", [ours(Condition={
        **ID_ONLY, "StringEqualsIgnoreCase": {"aws:PrincipalArn": ROLE}})]),
    ("a service that would need our ARN", [ours(Principal={"AWS": ROOT, "Service": "ec2.amazonaws.com"})]),
    ("a provider without its action", [ours(), other({"Federated": SAML}, "sts:AssumeRole")]),
    ("an action without its provider", [ours(), other({"AWS": ROOT}, "sts:AssumeRoleWithSAML")]),
    ("tags that need what cannot be", [ours(), other(aws(ROLE), "sts:TagSession", Null={"aws:TagKeys": "false"},
                                                    StringEquals={"sts:ExternalId": OTHER_ID})]),
    ("one session, which a Deny names", [ours(), other(aws(f"{SESSIONS}/a")),
                                        deny(Principal=aws(f"{SESSIONS}/a"), Condition=None)]),
    ("tags of somebody else's", [ours(), other(aws("arn:aws:iam::123412341234:role/x"), "sts:TagSession")]),
    ("tags that a Deny takes away", [ours(Action="sts:*"), deny(Action=["sts:TagSession", "sts:SetSourceIdentity"])]),
    ("many Denies with two ways out each, and one with none", [ours(Principal=aws("*"), Condition={
        **ID_ONLY, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}), *(
        deny(Condition={"StringNotEquals": {f"aws:PrincipalTag/{side}{n}": "x" for side in "ab"}})
        for n in range(14)), no_caller("ArnLike", "arn:aws:iam::*:*")]),
    ("a variable that is only ever ours", [ours(Condition={
        **ID_ONLY, "ArnEquals": {"aws:PrincipalArn": ROLE},
        "StringNotEquals": {"aws:userid": "${aws:username, 'x'}"}})]),
]  # fmt: skip


def _scattered(count: int, stars: int) -> list[str]:
    letters = "bcdefghijklmnopqrstuvwxyz"
    return ["*" + "*".join(letters[(n * 7 + i * (n + 3)) % 25] for i in range(stars)) + "*" for n in range(count)]


# (what it is, the statements): more work than one judgement can take.
HARD: list[tuple[str, list[dict[str, Any]]]] = [
    ("an ID that avoids many patterns in every order", [with_id("StringLike", "*a" + "?" * 24 + "a*"), *(
        no_id("StringNotLike", pattern) for pattern in _scattered(20, 8)),
        no_id("StringLike", "*bc*", "*" + "?" * 900)]),
    ("many Denies with two ways out each, and one without", [ours(Principal=aws("*"), Condition=ID_ONLY), *(
        deny(Condition={"StringNotEquals": {f"aws:PrincipalTag/{side}{n}": "x" for side in "ab"}})
        for n in range(14)), deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"},
                                             "StringLike": {"aws:PrincipalArn": "arn:*"}})]),
    ("a name that fits only with a path in it", [ours(), open_to(ArnLike={
        "aws:PrincipalArn": f"arn:aws:iam::12345678901?:role/{'a' * 40}*{'b' * 60}"})]),
    ("a number as text", [ours(), open_to(StringLike={"aws:PrincipalTag/x": "1*7"},
                                         NumericGreaterThan={"aws:PrincipalTag/x": "500"})]),
    ("a network, but for some of it", [ours(), open_to(
        IpAddress={"aws:SourceIp": "10.0.0.0/28"},
        StringNotEquals={"aws:SourceIp": [f"10.0.0.{n}" for n in (*range(8), 15)]})]),
    ("an account as a number", [ours(), open_to(NumericEquals={"aws:PrincipalAccount": VENDOR_ACCOUNT})]),
    ("more callers than a variable is tried for", [
        ours(),
        open_to(StringEquals={"sts:RoleSessionName": "${aws:username}"},
                ArnLike={"aws:PrincipalArn": [f"arn:aws:iam::*:user/x{n}" for n in range(14)]}),
        no_caller("ArnLike", *(f"arn:aws:iam::*:user/x{n}" for n in range(13)))]),
]  # fmt: skip
