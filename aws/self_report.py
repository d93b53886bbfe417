"""Reads what a role says about itself, in a session that is allowed to read nothing else."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws.answers import outcome_of, raw_code, request_id_of, short_id
from aws.session_clients import Reader
from aws.withholding import limit_named_by
from onboarding.ground.arn import RoleArn
from onboarding.proof.answer import Outcome
from onboarding.proof.self_report import Limit, SelfReport, SessionIdentity, StackFacts

log = logging.getLogger("rolecall.aws")

# A role's inline policies can have 10,240 characters in sum. Ours has one policy; beyond this many we list only names,
# so that a tenant's role cannot cost us more calls.
MOST_POLICIES = 20
# More of anything than AWS has, so that an answer from something else, such as a proxy, costs us little. No limit of
# AWS's own is near: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_LISTED = 200
LONGEST_NAME = 1_024
LONGEST_POLICY = 65_536
_STACK = re.compile(
    r"arn:(?P<partition>[a-z-]+):cloudformation:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12})"
    r":stack/(?P<name>[A-Za-z][A-Za-z0-9-]*)/[0-9a-f-]{36}"
)
# The statement of our template that names the stack (docs/stack-template.md).
_OWN_STACK = ("OwnStack", "Allow")
# However slow AWS answers, reading must end before the worker's lease does.
REPORT_SECONDS = 20.0


def session_policy(role_arn: RoleArn) -> str:
    """Return the session policy that allows a role to read itself and its stack, and nothing else.

    A session policy can only take permissions away: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    stacks = f"arn:{role_arn.partition}:cloudformation:*:{role_arn.account_id}:stack/*"
    own = ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"]
    statements = [
        {"Effect": "Allow", "Action": own, "Resource": str(role_arn)},
        {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": stacks},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def read_role(reader: Reader, role_arn: RoleArn, *, now: Callable[[], float] = time.monotonic) -> SelfReport:
    """Ask each question once. A part that could not be read is None. Raises nothing that AWS or a tenant can cause."""
    asking = _Asking(now)
    name = role_arn.name
    identity = asking.ask("sts:GetCallerIdentity", reader.sts.get_caller_identity, _identity)
    role = asking.ask("iam:GetRole", lambda: reader.iam.get_role(RoleName=name), lambda reply: reply["Role"])
    names = asking.ask(
        "iam:ListRolePolicies",
        lambda: reader.iam.list_role_policies(RoleName=name),
        lambda reply: _names(reply["PolicyNames"]),
    )
    attached = asking.ask(
        "iam:ListAttachedRolePolicies",
        lambda: reader.iam.list_attached_role_policies(RoleName=name),
        lambda reply: _names(p["PolicyArn"] for p in reply["AttachedPolicies"]),
    )
    inline = _inline(asking, reader, name, names)
    return SelfReport(
        identity=identity,
        trust_policy=_decoded(role.get("AssumeRolePolicyDocument")) if role else None,
        inline_policies=inline,
        attached_policies=attached,
        boundary_arn=_short(role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")) if role else "",
        stack=_stack(asking, reader, role_arn, inline),
        outcomes=asking.outcomes,
        request_ids=asking.request_ids,
        raw_codes=asking.raw_codes,
        limits=asking.limits,
    )


class _Asking:
    """Asks, and keeps each question's outcome, request ID, and if it failed AWS's own code and the limit it names."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.request_ids: dict[str, str] = {}
        self.raw_codes: dict[str, str] = {}
        self.limits: dict[str, Limit] = {}
        self._now = now
        self._ends_at = now() + REPORT_SECONDS

    def ask(self, question: str, call: Callable[[], Any], read: Callable[[Any], Any]) -> Any:
        """Return what `read` makes of the answer, or None.

        Once one question has timed out, no other is asked: each would probably take as long.
        """
        if Outcome.TIMED_OUT in self.outcomes.values() or self._now() >= self._ends_at:
            self.outcomes[question] = Outcome.TIMED_OUT
            return None
        try:
            answer = call()
            found = read(answer)
        except (ClientError, BotoCoreError) as error:
            self.outcomes[question] = outcome_of(error)
            self.request_ids[question] = request_id_of(error)
            self.raw_codes[question] = raw_code(error)
            if self.outcomes[question] is Outcome.REFUSED and (limit := limit_named_by(error)):
                self.limits[question] = limit
            return None
        except (ResponseParserError, KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
            # The body is not from AWS, but for example from a proxy.
            log.warning("aws.unreadable_answer question=%s", question)
            self.outcomes[question] = Outcome.SERVICE_ERROR
            self.raw_codes[question] = "UnreadableAnswer"
            return None
        # A question that failed once stays failed.
        self.outcomes.setdefault(question, Outcome.ASSUMED)
        self.request_ids[question] = short_id(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        return found


def _inline(asking: _Asking, reader: Reader, role_name: str, names: Any) -> Mapping[str, object] | None:
    if names is None:
        return None
    found: dict[str, object] = {}
    for policy_name in names[:MOST_POLICIES]:
        ask_one = partial(reader.iam.get_role_policy, RoleName=role_name, PolicyName=policy_name)
        policy = asking.ask("iam:GetRolePolicy", ask_one, lambda reply: _decoded(reply["PolicyDocument"]))
        if policy is None:
            return None
        found[policy_name] = policy
    # None means "could not be read", so that nobody takes an unread policy for a harmless one.
    return {**found, **dict.fromkeys(names[MOST_POLICIES:])}


def _stack(
    asking: _Asking, reader: Reader, role_arn: RoleArn, inline: Mapping[str, object] | None
) -> StackFacts | None:
    """Read the stack that the role's own policy names as its own."""
    own = (role_arn.partition, role_arn.account_id)
    named = (_STACK.fullmatch(text) for text in _own_stacks(inline or {}))
    match = next((found for found in named if found and found.group("partition", "account_id") == own), None)
    # The tenant writes this policy, and a region becomes part of a host name: accept only known regions.
    if match is None or match["region"] not in reader.stack_regions(role_arn.partition):
        return None
    client = reader.cloudformation(match["region"])
    question = "cloudformation:DescribeStacks"
    found = asking.ask(
        question,
        lambda: client.describe_stacks(StackName=match[0]),
        lambda reply: _stack_facts(reply["Stacks"][0], region=match["region"]),
    )
    if found is None and asking.raw_codes.get(question) == "ValidationError":
        # There is no such stack. CloudFormation lists a deleted stack for 90 days.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
        return StackFacts(match[0], match["name"], match["region"], "DELETE_COMPLETE")
    return found if isinstance(found, StackFacts) else None


def _stack_facts(stack: Any, *, region: str) -> StackFacts:
    outputs = {o["OutputKey"]: o["OutputValue"] for o in islice(stack.get("Outputs", ()), MOST_LISTED)}
    return StackFacts(
        stack_id=_short(stack["StackId"]),
        name=_short(stack["StackName"]),
        region=region,
        status=_short(stack["StackStatus"]),
        template_version=_short(outputs.get("TemplateVersion", "")),
        role_arn=_short(outputs.get("RoleArn", "")),
    )


def _identity(answer: Any) -> SessionIdentity | None:
    """Read `arn:aws:sts::111122223333:assumed-role/name/session`."""
    kind, _, rest = str(answer.get("Arn", "")).rpartition(":")[2].partition("/")
    role_name, _, session_name = rest.rpartition("/")
    named = (_short(part) for part in (answer.get("Account", ""), role_name, session_name))
    return SessionIdentity(*named) if kind == "assumed-role" else None


def _names(listed: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_short(name) for name in islice(listed, MOST_LISTED))


def _short(text: Any) -> str:
    return str(text)[:LONGEST_NAME]


def _decoded(document: Any) -> object:
    """Return the policy as values. boto3 decodes most policies, but leaves text that is not JSON as it is."""
    if not isinstance(document, str) or len(document) > LONGEST_POLICY:
        return document
    try:
        return json.loads(unquote(document))
    except (ValueError, RecursionError):
        return document


def _own_stacks(inline: Mapping[str, object]) -> Iterator[str]:
    """Yield the resources of each statement OwnStack. Any other statement can name stacks that others made."""
    for policy in inline.values():
        statements = policy.get("Statement") if isinstance(policy, dict) else None
        for statement in statements if isinstance(statements, list) else [statements]:
            if isinstance(statement, dict) and (statement.get("Sid"), statement.get("Effect")) == _OWN_STACK:
                resources = statement.get("Resource")
                listed = resources if isinstance(resources, list) else [resources]
                yield from (r for r in listed if isinstance(r, str) and len(r) <= LONGEST_NAME)
