"""Templates by their S3 address, the product's own template, and policies as IAM sends them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from onboarding.stack_template.template import bake
from sandbox.aws import VENDOR_ROLE_ARN, SandboxAws
from tests.sandbox_callers import (
    DENIED,
    NAME,
    RIGHT,
    ROLE_ARN,
    TEMPLATE,
    TENANT,
    VENDOR,
    WRONG,
    Tenant,
    Vendor,
    client,
    refusal,
)


def test_the_template_is_found_by_its_s3_address_in_another_account(aws: SandboxAws, tenant: Tenant) -> None:
    publisher = Tenant(aws, VENDOR)
    publisher.s3.create_bucket(Bucket="northwind-templates")
    publisher.s3.put_object(Bucket="northwind-templates", Key="roles/role-1a2b.yaml", Body=TEMPLATE.encode())
    address = "northwind-templates.s3.amazonaws.com/roles/role-1a2b.yaml"

    for url in (
        f"https://{address}",
        f"https://{address}".replace(".s3.", ".s3.us-east-1."),
        "https://s3.amazonaws.com/northwind-templates/roles/role-1a2b.yaml",
    ):
        summary = tenant.cloudformation.get_template_summary(TemplateURL=url)
        assert summary["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
        assert [parameter["ParameterKey"] for parameter in summary["Parameters"]] == ["ExternalId"]
        assert json.loads(summary["Metadata"]) == {"Why": {"Billing": "cost reports"}}
    arguments = {
        "StackName": NAME,
        "TemplateURL": f"https://{address}",
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": RIGHT}],
    }
    tenant.cloudformation.create_stack(**arguments)
    tenant.finish()
    assert tenant.has_role()

    for url, message in (
        (f"https://{address}x", "S3 error: The specified key does not exist."),
        (f"http://{address}", "TemplateURL must be a supported URL."),
        ("https://example.com/role.yaml", "TemplateURL must be a supported URL."),
    ):
        found = refusal(
            lambda url=url: tenant.cloudformation.create_stack(
                **{**arguments, "StackName": "other", "TemplateURL": url}
            )
        )
        assert (found[1], found[2].splitlines()[0]) == ("ValidationError", message)


def test_an_unsigned_fetch_needs_the_bucket_to_be_readable(aws: SandboxAws) -> None:
    publisher = Tenant(aws, VENDOR)
    publisher.s3.create_bucket(Bucket="northwind-closed")
    publisher.s3.put_object(Bucket="northwind-closed", Key="role.yaml", Body=TEMPLATE.encode())
    anybody = boto3.client(
        "s3", endpoint_url=aws.url, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )

    def fetch() -> Any:
        return anybody.get_object(Bucket="northwind-closed", Key="role.yaml")

    assert refusal(fetch)[:2] == (403, "AccessDenied")
    publisher.s3.put_bucket_policy(
        Bucket="northwind-closed",
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::northwind-closed/*",
                    }
                ],
            }
        ),
    )
    assert fetch()["Body"].read() == TEMPLATE.encode()


def test_the_products_own_template_makes_a_role_that_only_the_vendor_can_assume(tenant: Tenant, vendor: Vendor) -> None:
    template = (Path(__file__).parents[2] / "cfn" / "role.yaml").read_text()
    published = bake(template, account_id=VENDOR, principal="role/northwind-rolecall")

    tenant.create(TemplateBody=published)
    stack = tenant.finish()

    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert (outputs["RoleArn"], outputs["RoleName"], outputs["AccountId"]) == (ROLE_ARN, NAME, TENANT)
    assert vendor.assume(RIGHT)
    assert vendor.refusal(WRONG) == vendor.refusal(None) == DENIED


def test_a_template_that_trusts_no_real_account_fails(tenant: Tenant) -> None:
    tenant.create(TemplateBody=TEMPLATE.replace(VENDOR, "000000000000"))
    tenant.finish("ROLLBACK_COMPLETE")

    assert 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:root"' in tenant.reasons()
    assert not tenant.has_role()


def test_policies_of_a_stacks_role_come_as_url_encoded_json(aws: SandboxAws, tenant: Tenant) -> None:
    stack_id = tenant.create()
    tenant.finish()
    sent: list[str] = []
    # botocore decodes policies on arrival, so look at what came over the wire.
    tenant.iam.meta.events.register(
        "before-parse.iam.*", lambda response_dict, **_: sent.append(response_dict["body"].decode())
    )

    tenant.iam.get_role_policy(RoleName=NAME, PolicyName="read")
    tenant.iam.get_role(RoleName=NAME)

    inline, trust = (
        json.loads(unquote(body.split(f"<{tag}>")[1].split("<")[0]))
        for body, tag in zip(sent, ("PolicyDocument", "AssumeRolePolicyDocument"), strict=True)
    )
    assert "%22Version%22" in sent[0] and "%22Version%22" in sent[1]
    assert inline == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "OwnRole", "Effect": "Allow", "Action": ["iam:GetRole"], "Resource": f"arn:*:iam::{TENANT}:*"},
            {"Sid": "Own", "Effect": "Allow", "Action": ["cloudformation:DescribeStacks"], "Resource": stack_id},
        ],
    }
    assert trust["Version"] == "2012-10-17"
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"sts:ExternalId": RIGHT},
        "ArnEquals": {"aws:PrincipalArn": VENDOR_ROLE_ARN},
    }


def test_awss_managed_policies_are_known_once_named_and_count_as_the_roles_own(
    aws: SandboxAws, tenant: Tenant, vendor: Vendor
) -> None:
    tenant.create()
    tenant.finish()
    iam = client("iam", vendor.assume(), aws)
    read_only, reader = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "job-function/Billing"))
    assert refusal(lambda: iam.list_role_policies(RoleName=NAME))[1] == "AccessDenied"

    tenant.iam.attach_role_policy(RoleName=NAME, PolicyArn=read_only)
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["read"]
    found = tenant.iam.get_policy(PolicyArn=read_only)["Policy"]
    version = tenant.iam.get_policy_version(PolicyArn=read_only, VersionId=found["DefaultVersionId"])
    assert "ec2:Describe*" in str(version["PolicyVersion"]["Document"])
    tenant.iam.put_role_permissions_boundary(RoleName=NAME, PermissionsBoundary=reader)
    assert refusal(lambda: iam.list_role_policies(RoleName=NAME))[1] == "AccessDenied"
    tenant.iam.delete_role_permissions_boundary(RoleName=NAME)
    tenant.iam.detach_role_policy(RoleName=NAME, PolicyArn=read_only)

    for other in ("arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::aws:policy/somewhere/ReadOnlyAccess"):
        with pytest.raises(tenant.iam.exceptions.NoSuchEntityException):
            tenant.iam.attach_role_policy(RoleName=NAME, PolicyArn=other)
