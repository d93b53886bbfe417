"""A vendor with a topic and a queue, and tenants whose stacks report to it, over real HTTP."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from config import PROJECT
from sandbox.aws import SandboxAws
from sandbox.callbacks.delivery import DeliverySettings
from tests.sandbox_callers import VENDOR, Tenant, eventually

NAME = "rolecall-callback-northwind"
REGION = "us-east-1"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{VENDOR}:{NAME}"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{VENDOR}:{NAME}"

VENDORS_SIDE = (PROJECT / "cfn" / "callback.yaml").read_text(encoding="utf-8")

CALLBACK = """
Conditions:
  HasCallback: !Equals [!Ref AWS::Region, us-east-1]
Resources:
  Callback:
    Type: Custom::RolecallCallback
    Condition: HasCallback
    Properties:
      ServiceToken: !Sub "arn:${AWS::Partition}:sns:${AWS::Region}:999988887777:rolecall-callback-northwind"
      ServiceTimeout: 300
      ExternalId: !Ref ExternalId
  Role:
    Type: AWS::IAM::Role
    Properties:
      Tags:
        - Key: callback
          Value: !If [HasCallback, !Ref Callback, none]
"""


def with_callback(template: str, callback: str = CALLBACK) -> str:
    """The template of a role, with a custom resource before the role and a tag that refers to it."""
    conditions, _, rest = callback.partition("Resources:\n")
    custom, _, tags = rest.partition("  Role:\n    Type: AWS::IAM::Role\n    Properties:\n")
    head, _, tail = template.partition("Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n")
    return f"{head}{conditions}Resources:\n{custom}  Role:\n    Type: AWS::IAM::Role\n    Properties:\n{tags}{tail}"


class CallbackVendor:
    """The vendor's receiver at work, by hand."""

    def __init__(self, aws: SandboxAws, *, region: str = REGION) -> None:
        self.aws = aws
        credentials = {name.lower(): value for name, value in aws.vendor_credentials().items()}
        session = boto3.Session(region_name=region, **credentials)
        patience = Config(retries={"total_max_attempts": 1}, read_timeout=30)
        self.cloudformation, self.sqs, self.sns, self.cloudwatch = (
            session.client(service, endpoint_url=aws.url, config=patience)
            for service in ("cloudformation", "sqs", "sns", "cloudwatch")
        )

    def install(self) -> None:
        prefix = {"ParameterKey": "Prefix", "ParameterValue": "northwind"}
        self.cloudformation.create_stack(StackName=NAME, TemplateBody=VENDORS_SIDE, Parameters=[prefix])
        eventually(lambda: self.status() == "CREATE_COMPLETE")

    def status(self) -> str:
        return str(self.cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])

    def receive(self, *, seconds: int = 10) -> list[dict[str, Any]]:
        """The next events of the queue, taken out of it."""
        url = self.sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
        found = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=seconds, MaxNumberOfMessages=10)
        for message in found.get("Messages", []):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def event(self) -> dict[str, Any]:
        """The one next event."""
        (event,) = self.receive()
        return event

    def answer(self, event: dict[str, Any], **changes: Any) -> int:
        """Answer the event with SUCCESS, and with these changes; None leaves a field out."""
        answer = {
            "Status": "SUCCESS",
            "PhysicalResourceId": event.get("PhysicalResourceId", "rolecall-ours"),
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
            **changes,
        }
        body = json.dumps({name: value for name, value in answer.items() if value is not None}).encode()
        return self.put(event["ResponseURL"], body)[0]

    def delete_stacks(self, tenant: Tenant) -> None:
        """Delete the tenant's stacks, answer what they ask, and leave an empty queue."""
        self.aws.delivery.settings = DeliverySettings()
        for stack in tenant.cloudformation.describe_stacks()["Stacks"]:
            tenant.cloudformation.delete_stack(StackName=stack["StackName"])

        def answered() -> bool:
            for event in self.receive(seconds=0):
                self.answer(event)
            return not tenant.cloudformation.describe_stacks()["Stacks"]

        eventually(answered)
        while self.receive(seconds=0):
            pass

    def put(self, url: str, body: bytes, *, method: str = "PUT", **headers: str) -> tuple[int, str]:
        """Send the body to the ResponseURL, by way of the sandbox."""
        there, gateway = urlsplit(url), urlsplit(self.aws.url)
        connection = http.client.HTTPConnection(gateway.hostname or "", gateway.port, timeout=5)
        connection.request(
            method,
            f"{there.path}?{there.query}",
            body=body,
            headers={"Host": there.netloc, "Content-Type": "", **{k.replace("_", "-"): v for k, v in headers.items()}},
        )
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
