"""What a role says of itself, read with a session that may ask just these questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import outcome_of, request_id_of
from aws.readers import Reader
from onboarding.arn import RoleArn
from onboarding.probe import Outcome
from onboarding.reading import Identity, Reading, StackFacts

_STACK = re.compile(
    r"arn:[a-z-]+:cloudformation:(?P<region>[a-z0-9-]+):[0-9]{12}:stack/(?P<name>[A-Za-z][A-Za-z0-9-]*)/[0-9a-f-]{36}"
)
# A role holds as many policies as fit into 10,240 characters; nobody's takes more than a few calls to read.
MOST_POLICIES = 20


def session_policy(role_arn: RoleArn) -> str:
    """Return the session policy under which a role may read itself and its stack, and nothing else.

    A session policy only narrows: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    stacks = f"arn:{role_arn.partition}:cloudformation:*:{role_arn.account_id}:stack/*"
    own = ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"]
    statements = [
        {"Effect": "Allow", "Action": own, "Resource": str(role_arn)},
        {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": stacks},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def read_role(reader: Reader, role_arn: RoleArn) -> Reading:
    """Ask each question once. Raises nothing that AWS or the tenant can cause: a part that failed is None."""
    asking = _Asking()
    name = role_arn.name
    identity = asking.ask("sts:GetCallerIdentity", reader.sts.get_caller_identity)
    role = asking.ask("iam:GetRole", lambda: reader.iam.get_role(RoleName=name))
    names = asking.ask("iam:ListRolePolicies", lambda: reader.iam.list_role_policies(RoleName=name))
    attached = asking.ask("iam:ListAttachedRolePolicies", lambda: reader.iam.list_attached_role_policies(RoleName=name))
    inline = _inline(asking, reader, name, names)
    return Reading(
        identity=_identity(identity),
        trust_policy=_decoded(role["Role"].get("AssumeRolePolicyDocument")) if role else None,
        inline_policies=inline,
        attached_policies=tuple(p["PolicyArn"] for p in attached["AttachedPolicies"]) if attached else None,
        boundary_arn=role["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "") if role else "",
        stack=_stack(asking, reader, inline),
        outcomes=asking.outcomes,
        request_ids=asking.request_ids,
    )


class _Asking:
    """Keeps, of every question, how it went and the request's ID."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.request_ids: dict[str, str] = {}

    def ask(self, question: str, call: Callable[[], Any]) -> Any:
        """Return the answer, or None where there was none. A question asked again keeps its worse outcome."""
        try:
            answer = call()
        except (ClientError, BotoCoreError) as error:
            self.outcomes[question] = outcome_of(error)
            self.request_ids[question] = request_id_of(error)
            return None
        self.outcomes.setdefault(question, Outcome.ASSUMED)
        self.request_ids[question] = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        return answer


def _inline(asking: _Asking, reader: Reader, role_name: str, names: Any) -> Mapping[str, object] | None:
    if names is None:
        return None
    found: dict[str, object] = {}
    for policy_name in names["PolicyNames"][:MOST_POLICIES]:
        ask_one = partial(reader.iam.get_role_policy, RoleName=role_name, PolicyName=policy_name)
        answer = asking.ask("iam:GetRolePolicy", ask_one)
        if answer is None:
            return None
        found[policy_name] = _decoded(answer["PolicyDocument"])
    return found


def _stack(asking: _Asking, reader: Reader, inline: Mapping[str, object] | None) -> StackFacts | None:
    """The role's own policy names its stack, in the statement that lets it read it."""
    match = _STACK.search(json.dumps(inline)) if inline else None
    if match is None:
        return None
    client = reader.cloudformation(match["region"])
    answer = asking.ask("cloudformation:DescribeStacks", lambda: client.describe_stacks(StackName=match[0]))
    if not answer or not answer["Stacks"]:
        return None
    stack = answer["Stacks"][0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
    return StackFacts(
        stack_id=stack["StackId"],
        name=stack["StackName"],
        region=match["region"],
        status=stack["StackStatus"],
        template_version=outputs.get("TemplateVersion", ""),
        role_arn=outputs.get("RoleArn", ""),
    )


def _identity(answer: Any) -> Identity | None:
    """Read `arn:aws:sts::111122223333:assumed-role/name/session`."""
    if not answer:
        return None
    kind, _, rest = str(answer.get("Arn", "")).rpartition(":")[2].partition("/")
    role_name, _, session_name = rest.rpartition("/")
    return Identity(str(answer.get("Account", "")), role_name, session_name) if kind == "assumed-role" else None


def _decoded(document: Any) -> object:
    """boto3 decodes policies into values; one that it could not is text, URL-encoded or not."""
    if not isinstance(document, str):
        return document
    try:
        return json.loads(unquote(document))
    except ValueError:
        return document
