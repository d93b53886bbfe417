"""The template's functions give what CloudFormation would give, and what is unknown is an error."""

from __future__ import annotations

from typing import Any

import pytest

from onboarding.stack_template.functions import resolve
from onboarding.stack_template.reading import StackTemplateError

NAMES = {"AWS::Partition": "aws-cn", "ExternalId": "northwind-7kq2m9xd-00ff"}
MAPPINGS = {"Vendor": {"TrustedPrincipal": {"AccountId": "999988887777"}}}


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ({"Ref": "ExternalId"}, "northwind-7kq2m9xd-00ff"),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::1:root"}, "arn:aws-cn:iam::1:root"),
        ({"Fn::Sub": ["${A}/${ExternalId}", {"A": {"Ref": "AWS::Partition"}}]}, "aws-cn/northwind-7kq2m9xd-00ff"),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Partition"}]]}, "a-aws-cn"),
        ({"Fn::Select": ["1", {"Fn::Split": ["-", {"Ref": "ExternalId"}]}]}, "7kq2m9xd"),
        ({"Fn::FindInMap": ["Vendor", "TrustedPrincipal", "AccountId"]}, "999988887777"),
        (
            {"Action": ["s3:List*", {"Ref": "AWS::Partition"}], "Sid": "A"},
            {"Action": ["s3:List*", "aws-cn"], "Sid": "A"},
        ),
    ],
)
def test_a_function_is_resolved_as_cloudformation_does(written: Any, resolved: Any) -> None:
    assert resolve(written, names=NAMES, mappings=MAPPINGS) == resolved


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"Ref": "Nobody"}, "Nobody"),
        ({"Fn::Sub": "${Nobody}"}, "Nobody"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue"),
        ({"Fn::Select": ["7", ["a"]]}, "Fn::Select"),
        ({"Fn::FindInMap": ["Vendor", "Nobody", "AccountId"]}, "Fn::FindInMap"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_that_names_it(written: Any, named: str) -> None:
    with pytest.raises(StackTemplateError, match=named):
        resolve(written, names=NAMES, mappings=MAPPINGS)
