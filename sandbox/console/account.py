"""The stand-in console's calls to AWS, in one account and region, over the same endpoint as everybody's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from moto.cloudformation.exceptions import ValidationError

from sandbox.aws import SandboxAws
from sandbox.cloudformation.stack_faults import FAULT_TAG
from sandbox.cloudformation.template_rules import check_parameters, parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping

# The sandbox answers in milliseconds. If it does not, it has died, and a person is waiting.
_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: its name, its label and description in the template, and its default."""

    name: str
    label: str
    description: str
    default: str
    is_secret: bool


@dataclass(frozen=True)
class TemplateSummary:
    """What the create pages show of a template. `capability` is empty when it needs none."""

    description: str
    group: str
    parameters: tuple[Parameter, ...]
    capability: str


@dataclass(frozen=True)
class StackEvent:
    """One line of the Events tab; `at` is UTC."""

    at: str
    logical_id: str
    status: str
    reason: str


@dataclass(frozen=True)
class ResourceLine:
    """One line of the Resources tab."""

    logical_id: str
    physical_id: str
    type: str
    status: str


@dataclass(frozen=True)
class Role:
    """What the role's page shows. The documents are JSON, indented."""

    name: str
    arn: str
    session_hours: int
    trust_policy: str
    policies: Mapping[str, str]


class ConsoleAccount:
    """One account in one region. Every method raises botocore's ClientError with AWS's own words."""

    def __init__(self, aws: SandboxAws, *, account_id: str, region: str) -> None:
        self._aws = aws
        self.account_id = account_id
        self.region = region

    @cached_property
    def _session(self) -> boto3.Session:
        credentials = self._aws.account_credentials(self.account_id)
        return boto3.Session(
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
            region_name=self.region,
        )

    @cached_property
    def _cloudformation(self) -> Any:
        return self._session.client("cloudformation", endpoint_url=self._aws.url, config=_PATIENCE)

    @cached_property
    def _iam(self) -> Any:
        return self._session.client("iam", endpoint_url=self._aws.url, config=_PATIENCE)

    def summarize(self, template_url: str) -> TemplateSummary:
        """Return what the template at the URL declares, with the labels of AWS::CloudFormation::Interface."""
        found = self._cloudformation.get_template_summary(TemplateURL=template_url)
        interface = json.loads(found.get("Metadata") or "{}").get("AWS::CloudFormation::Interface", {})
        labels = interface.get("ParameterLabels", {})
        groups = interface.get("ParameterGroups", [])
        return TemplateSummary(
            description=found.get("Description", ""),
            group=groups[0].get("Label", {}).get("default", "") if groups else "",
            parameters=tuple(_parameter(p, labels) for p in found["Parameters"]),
            capability=next(iter(found.get("Capabilities", [])), ""),
        )

    def refusal_of(self, parameters: Mapping[str, str], *, template_url: str) -> str:
        """Return why CloudFormation would refuse the parameters, or an empty text.

        GetTemplateSummary does not tell patterns, so fetch the template itself, unsigned as anybody can.
        """
        where = urlsplit(template_url)
        request = Request(f"{self._aws.url}{where.path}", headers={"Host": where.netloc})  # noqa: S310
        try:
            with urlopen(request, timeout=5) as answer:  # noqa: S310
                check_parameters(parse_template(answer.read().decode()), parameters)
        except HTTPError:
            return ""  # Not public. CloudFormation checks the parameters itself when it creates the stack.
        except ValidationError as error:
            return str(error.message)
        return ""

    def create_stack(
        self,
        *,
        name: str,
        template_url: str,
        parameters: Mapping[str, str],
        capabilities: list[str],
        fault: str,
        tags: Mapping[str, str],
    ) -> str:
        """Create the stack and return its ID. `fault` is one of stack_faults.StackFault, or empty."""
        tagged = {**tags, **({FAULT_TAG: fault} if fault else {})}
        made = self._cloudformation.create_stack(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=capabilities,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Tags=[{"Key": key, "Value": value} for key, value in tagged.items()],
        )
        return str(made["StackId"])

    def delete_stack(self, stack_id: str) -> None:
        """Begin to delete the stack."""
        self._cloudformation.delete_stack(StackName=stack_id)

    def stacks(self) -> list[dict[str, Any]]:
        """Return the stacks as DescribeStacks does, newest first."""
        found: list[dict[str, Any]] = self._cloudformation.describe_stacks()["Stacks"]
        return sorted(found, key=lambda stack: str(stack["CreationTime"]), reverse=True)

    def stack(self, name_or_id: str) -> dict[str, Any]:
        """Return one stack as DescribeStacks does. By its ID, it can be a deleted one."""
        found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=name_or_id)["Stacks"][0]
        return found

    def events(self, stack_id: str) -> list[StackEvent]:
        """Return the stack's events so far, newest first."""
        found = self._cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        return [
            StackEvent(
                at=f"{event['Timestamp']:%Y-%m-%d %H:%M:%S}",
                logical_id=event["LogicalResourceId"],
                status=event["ResourceStatus"],
                reason=event.get("ResourceStatusReason") or "",
            )
            for event in found
        ]

    def resources(self, stack_id: str) -> list[ResourceLine]:
        """Return the resources of the stack so far."""
        found = self._cloudformation.describe_stack_resources(StackName=stack_id)["StackResources"]
        return [
            ResourceLine(
                logical_id=resource["LogicalResourceId"],
                physical_id=resource.get("PhysicalResourceId") or "",
                type=resource["ResourceType"],
                status=resource["ResourceStatus"],
            )
            for resource in found
        ]

    def template(self, stack_id: str) -> str:
        """Return the stack's template as it was given."""
        found = self._cloudformation.get_template(StackName=stack_id)["TemplateBody"]
        return found if isinstance(found, str) else json.dumps(found, indent=2)

    def role(self, name: str) -> Role:
        """Return one role with its trust policy and its inline policies."""
        found = self._iam.get_role(RoleName=name)["Role"]
        names = self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        documents = {n: self._iam.get_role_policy(RoleName=name, PolicyName=n)["PolicyDocument"] for n in names}
        return Role(
            name=found["RoleName"],
            arn=found["Arn"],
            session_hours=found.get("MaxSessionDuration", 3600) // 3600,
            trust_policy=json.dumps(found["AssumeRolePolicyDocument"], indent=2),
            policies={n: json.dumps(document, indent=2) for n, document in documents.items()},
        )


def _parameter(declared: Mapping[str, Any], labels: Mapping[str, Any]) -> Parameter:
    name = declared["ParameterKey"]
    return Parameter(
        name=name,
        label=labels.get(name, {}).get("default", name),
        description=declared.get("Description") or "",
        default=declared.get("DefaultValue") or "",
        is_secret=bool(declared.get("NoEcho")),
    )
