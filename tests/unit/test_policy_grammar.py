"""What AWS would refuse to store is said with its place; what it takes, or might take, is left alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from onboarding.policy.document import PolicyDocument, parse_policy
from onboarding.policy.grammar import MOST_ODDITIES, refused_by_aws

TRUST = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
OTHER = {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
ARN = "arn:aws:iam::111122223333"


def refused(*statements, is_trust=True, **elements):
    policy = parse_policy({"Version": "2012-10-17", "Statement": list(statements), **elements})
    assert isinstance(policy, PolicyDocument), policy
    return refused_by_aws(policy, is_trust=is_trust)


def without(statement, element):
    return {name: value for name, value in statement.items() if name != element}


def where(condition):
    return {**TRUST, "Condition": condition}


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        (without(TRUST, "Effect"), ("Effect",)),
        (without(TRUST, "Action"), ()),
        (without(TRUST, "Principal"), ()),
        ({**TRUST, "Effect": "allow"}, ("Effect",)),
        ({**TRUST, "NotAction": "sts:TagSession"}, ("NotAction",)),
        ({**TRUST, "Resource": "*"}, ("Resource",)),
        ({**TRUST, "NotResource": []}, ("NotResource",)),
        ({**TRUST, "Conditions": {}}, ("Conditions",)),
        ({**without(TRUST, "Principal"), "NotPrincipal": {"AWS": "111122223333"}}, ("NotPrincipal",)),
        ({**TRUST, "Sid": "two words"}, ("Sid",)),
        ({**TRUST, "Sid": "snake_case"}, ("Sid",)),
        ({**TRUST, "Sid": "Ä"}, ("Sid",)),
        ({**TRUST, "Sid": 5}, ("Sid",)),
        ({**TRUST, "Action": "AssumeRole"}, ("Action",)),
        ({**TRUST, "Action": ["sts:AssumeRole", "sts:"]}, ("Action",)),
        ({**TRUST, "Action": "s3:GetObject"}, ("Action",)),
        ({**TRUST, "Action": ""}, ("Action",)),
        ({**TRUST, "Principal": {}}, ()),
        ({**TRUST, "Principal": {"AWS": ""}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": f"{ARN}:role/a "}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": "*"}, ("Principal",)),
        ({**TRUST, "Principal": "111122223333"}, ("Principal",)),
        ({**TRUST, "Principal": {"Aws": "111122223333"}}, ("Principal", "Aws")),
        ({**TRUST, "Principal": {"AWS": f"{ARN}:role/*"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": f"{ARN}:role/a?"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/a/*"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/a"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": "11112222333"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": f"{ARN}:group/a"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"AWS": "ec2.amazonaws.com"}}, ("Principal", "AWS")),
        ({**TRUST, "Principal": {"Service": "*"}}, ("Principal", "Service")),
        ({**TRUST, "Principal": {"Service": "ec2"}}, ("Principal", "Service")),
        ({**TRUST, "Principal": {"Federated": "arn:aws:iam::1:saml-provider/a"}}, ("Principal", "Federated")),
        (where({"StringMatches": {"sts:ExternalId": "x"}}), ("Condition", "StringMatches")),
        (where({"NullIfExists": {"sts:ExternalId": "true"}}), ("Condition", "NullIfExists")),
        (where({"StringEquals": {"ExternalId": "x"}}), ("Condition", "StringEquals", "ExternalId")),
        (where({"Bool": {"aws:SecureTransport": "yes"}}), ("Condition", "Bool", "aws:SecureTransport")),
        (where({"Null": {"sts:ExternalId": ["true", "0"]}}), ("Condition", "Null", "sts:ExternalId")),
        (where({"DateLessThan": {"aws:CurrentTime": "2030-13-01"}}), ("Condition", "DateLessThan", "aws:CurrentTime")),
        (where({"DateEquals": {"aws:CurrentTime": "soon"}}), ("Condition", "DateEquals", "aws:CurrentTime")),
        (where({"NumericEquals": {"sts:x": "ten"}}), ("Condition", "NumericEquals", "sts:x")),
        (where({"NotIpAddress": {"aws:SourceIp": "1.2.3"}}), ("Condition", "NotIpAddress", "aws:SourceIp")),
        (where({"StringEquals": {"sts:ExternalId": None}}), ("Condition", "StringEquals", "sts:ExternalId")),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_what_aws_would_refuse_in_a_trust_policy_is_named_with_its_place(statement, place):
    assert [odd.path for odd in refused(statement)] == [("Statement", 0, *place)]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        (without(OTHER, "Resource"), ()),
        ({**OTHER, "Principal": "*"}, ("Principal",)),
        ({**OTHER, "NotPrincipal": {"AWS": "*"}}, ("NotPrincipal",)),
        ({**OTHER, "Resource": "my-bucket"}, ("Resource",)),
    ],
)
def test_what_aws_would_refuse_in_a_permissions_policy_is_named_with_its_place(statement, place):
    assert [odd.path for odd in refused(statement, is_trust=False)] == [("Statement", 0, *place)]


@pytest.mark.parametrize(
    "statement",
    [
        {**TRUST, "Sid": ""},
        {**TRUST, "Action": "*"},
        {**TRUST, "Action": ["sts:*", "STS:assumerole", "*:*"]},
        {**without(TRUST, "Action"), "NotAction": "s3:*"},
        *(
            {**TRUST, "Principal": {"AWS": name}}
            for name in (
                *("*", [], "arn:aws-us-gov:iam::111122223333:root", f"{ARN}:role/a/b", f"{ARN}:user/a@b"),
                *("AROAEXAMPLEEXAMPLEEX", "arn:aws:sts::111122223333:assumed-role/a/b"),
                "arn:aws:sts::111122223333:federated-user/a",
            )
        ),
        {
            **TRUST,
            "Principal": {"Service": ["ec2.amazonaws.com", "logs.eu-west-1.amazonaws.com", "ec2.amazonaws.com.cn"]},
        },
        {**TRUST, "Principal": {"Federated": ["accounts.google.com", f"{ARN}:oidc-provider/token.example.com/a"]}},
        where({}),
        where({"stringequals": {"sts:ExternalId": "x"}}),
        where({"FORALLVALUES:StringLikeIfExists": {"sts:ExternalId": "x"}}),
        where({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["a"]}}),
        where({"Bool": {"aws:SecureTransport": [True, "FALSE"]}, "Null": {"sts:ExternalId": False}}),
        where({"DateLessThan": {"aws:CurrentTime": ["2030-01-31T12:00:00Z", "2030", "2030-01-31", "1900000000", 5]}}),
        where({"NumericLessThan": {"aws:MultiFactorAuthAge": [3600, "-1.5"]}}),
        where({"IpAddress": {"aws:SourceIp": ["203.0.113.7", "203.0.113.1/24", "2001:db8::/32"]}}),
    ],
    ids=json.dumps,
)
def test_what_aws_takes_or_might_take_is_left_alone(statement):
    assert refused(statement) == ()


def test_a_sid_can_stand_only_once_but_an_empty_one_often():
    assert [odd.path for odd in refused({**TRUST, "Sid": "A"}, TRUST, {**TRUST, "Sid": "A"})] == [
        ("Statement", 0, "Sid"),
        ("Statement", 2, "Sid"),
    ]
    assert refused({**TRUST, "Sid": ""}, {**TRUST, "Sid": ""}, {**TRUST, "Sid": "a"}, {**TRUST, "Sid": "A"}) == ()


def test_a_policy_from_which_statements_were_taken_out_is_held_to_the_grammar_by_those_that_are_left():
    policy = parse_policy(
        {"Version": "2012-10-17", "Statement": [{**TRUST, "Sid": "a b"}, TRUST, without(TRUST, "Action")]}
    )
    assert isinstance(policy, PolicyDocument)

    assert refused_by_aws(replace(policy, statements=policy.statements[1:2]), is_trust=True) == ()
    [odd] = refused_by_aws(replace(policy, statements=policy.statements[2:]), is_trust=True)
    assert odd.path == ("Statement", 2)


def test_the_policy_around_the_statements_is_held_to_the_grammar_too():
    assert [odd.path for odd in refused()] == [("Statement",)]
    assert [odd.path for odd in refused(TRUST, Version="2012-10-18")] == [("Version",)]
    assert [odd.path for odd in refused(TRUST, Version="")] == [("Version",)]
    assert [odd.path for odd in refused(TRUST, Description="x")] == [("Description",)]
    assert refused(TRUST, Version="2008-10-17", Id="x") == ()


def test_no_policy_that_aws_manages_itself_is_refused():
    managed = [parse_policy(known["Document"]) for known in json.loads(aws_managed_policies_data).values()]
    read = [policy for policy in managed if isinstance(policy, PolicyDocument)]

    assert len(read) > 1_000
    assert [odd for policy in read for odd in refused_by_aws(policy, is_trust=False)] == []


def test_a_policy_with_nothing_right_in_it_is_refused_for_as_much_as_anybody_reads():
    found = refused({**TRUST, "Principal": {"AWS": [f"nobody-{number}" for number in range(1_000)]}})

    assert len(found) == MOST_ODDITIES
