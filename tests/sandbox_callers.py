"""Who calls the sandbox's AWS in these tests: a tenant's administrator, the vendor's worker, the tests themselves."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws import SandboxAws

TENANT, OTHER_TENANT, VENDOR = "111122223333", "444455556666", "999988887777"
NAME = "northwind-ab12cd34"
RIGHT, WRONG = f"{NAME}-{'0f' * 16}", f"{NAME}-{'1e' * 16}"
ROLE_ARN = f"arn:aws:iam::{TENANT}:role/{NAME}"
STACK_SECONDS = 0.3

TEMPLATE = """
AWSTemplateFormatVersion: 2012-10-17
Description: A role that asks for its external ID.
Metadata: {Why: {Billing: "cost reports"}}
Parameters:
  ExternalId:
    Type: String
    MinLength: 20
    AllowedPattern: "[a-z][a-z0-9]{1,19}-[a-z0-9]{8}-[0-9a-f]{32}"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Join
        - "-"
        - - !Select [0, !Split ["-", !Ref ExternalId]]
          - !Select [1, !Split ["-", !Ref ExternalId]]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::999988887777:root"}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {sts:ExternalId: !Ref ExternalId}
              ArnEquals: {aws:PrincipalArn: !Sub "arn:${AWS::Partition}:iam::999988887777:role/northwind-rolecall"}
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - {Sid: OwnRole, Effect: Allow, Action: ["iam:GetRole"], Resource: !Sub "arn:*:iam::${AWS::AccountId}:*"}
              - {Sid: Own, Effect: Allow, Action: ["cloudformation:DescribeStacks"], Resource: !Sub "${AWS::StackId}"}
Outputs:
  RoleArn: {Value: !GetAtt Role.Arn}
"""


def client(service: str, credentials: dict[str, str], aws: SandboxAws, **others: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        config=Config(retries={"total_max_attempts": 1}, **others),
    )


def eventually(is_so: Callable[[], Any], *, seconds: float = 5.0) -> Any:
    """Ask until the answer is true; fail when it never is."""
    until = time.monotonic() + seconds
    while not (answer := is_so()):
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.02)
    return answer


class Tenant:
    """An administrator of the tenant's account at work."""

    def __init__(self, aws: SandboxAws, account_id: str = TENANT) -> None:
        self.credentials = aws.account_credentials(account_id)
        self.cloudformation = client("cloudformation", self.credentials, aws)
        self.iam = client("iam", self.credentials, aws)
        self.s3 = client("s3", self.credentials, aws)

    def create(self, external_id: str = RIGHT, *, fault: str | None = None, **others: Any) -> str:
        arguments = {
            "StackName": NAME,
            "TemplateBody": TEMPLATE,
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": external_id}],
            "Tags": [{"Key": "rolecall:sandbox-fault", "Value": fault}] if fault else [],
            **others,
        }
        return str(self.cloudformation.create_stack(**arguments)["StackId"])

    def stack(self, name: str = NAME) -> dict[str, Any]:
        return dict(self.cloudformation.describe_stacks(StackName=name)["Stacks"][0])

    def finish(self, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
        eventually(lambda: not self.stack()["StackStatus"].endswith("IN_PROGRESS"))
        assert self.stack()["StackStatus"] == status
        return self.stack()

    def events(self, name: str = NAME) -> list[tuple[str, str]]:
        listed = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(listed)]

    def reasons(self) -> str:
        listed = self.cloudformation.describe_stack_events(StackName=NAME)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in listed)

    def has_role(self) -> bool:
        return any(role["RoleName"] == NAME for role in self.iam.list_roles()["Roles"])


class Vendor:
    """The vendor's worker at work."""

    def __init__(self, aws: SandboxAws, **others: Any) -> None:
        self.aws = aws
        self.sts = client("sts", aws.vendor_credentials(), aws, **others)

    def assume(self, external_id: str | None = RIGHT, **others: Any) -> dict[str, str]:
        given = {} if external_id is None else {"ExternalId": external_id}
        arguments = {"RoleArn": ROLE_ARN, "RoleSessionName": "worker", **given, **others}
        found = self.sts.assume_role(**arguments)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"],
        }

    def refusal(self, external_id: str | None = RIGHT, **others: Any) -> tuple[int, str, str]:
        return refusal(lambda: self.assume(external_id, **others))


def refusal(call: Callable[[], Any]) -> tuple[int, str, str]:
    """Return status, code and message of the error that the call must end in."""
    with pytest.raises(ClientError) as caught:
        call()
    response: Any = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def control(aws: SandboxAws, path: str, *, method: str = "GET", body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{aws.url}/sandbox/{path}", method=method, data=None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


DENIED = (
    403,
    "AccessDenied",
    f"User: arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/rolecall is not "
    f"authorized to perform: sts:AssumeRole on resource: {ROLE_ARN}",
)
