"""Everything that AWS tells of a role, as the worst account would have it, and an AWS that tells it over HTTP."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, partial
from itertools import islice
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from aws.managed_policies import SNAPSHOT
from onboarding.proof.answer import Answer
from onboarding.proof.self_report import SelfReport, SessionIdentity, StackFacts
from tests.abuse.policies import ALL_POLICIES, LONGEST_POLICY, Sized
from tests.abuse.texts import TEXTS
from tests.aws_stub import Call, Reply
from tests.builders import EXTERNAL_ID, ROLE
from tests.deployed import a_policy, a_self_report, a_stack

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: an output's value.
LONGEST_OUTPUT = 4_096
LONGEST_NAME, LONGEST_ARN, MOST_OUTPUTS, MOST_ATTACHED = 128, 2_048, 200, 20
# An error's text has no limit that AWS tells.
LONGEST_MESSAGE = 64 * 1024


@dataclass(frozen=True)
class Told:
    """What AWS tells. If nothing is said, all of it is as the stack template makes it."""

    trust: object = field(default_factory=lambda: a_self_report(ROLE, EXTERNAL_ID).trust_policy)
    inline: Mapping[str, object] = field(
        default_factory=lambda: {"read-only": a_policy(ROLE, EXTERNAL_ID, a_stack(ROLE))}
    )
    attached: tuple[str, ...] = ()
    boundary: str = ""
    # What AWS's managed policies say, by ARN, as AWS tells the vendor.
    managed: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(
        default_factory=lambda: {"RoleArn": str(ROLE), "TemplateVersion": a_stack(ROLE).template_version}
    )
    stack_name: str = ROLE.name
    stack_id: str = a_stack(ROLE).stack_id
    stack_status: str = "CREATE_COMPLETE"
    account: str = ROLE.account_id
    assumed: str = f"arn:aws:sts::{ROLE.account_id}:assumed-role/{ROLE.name}/rolecall"
    caller: str = assumed
    request_id: str = "0a1b"
    error_code: str = ""
    error_message: str = ""

    def __call__(self, call: Call) -> Reply | None:
        """Answer one call to AWS; None for one that is answered as for any sound role."""
        if call.action == "AssumeRole":
            is_right = call.form.get("ExternalId") == EXTERNAL_ID
            return self._reply("AssumeRole", _assumed(self.assumed)) if is_right else None
        if call.form.get("PolicyArn") in self.managed:
            return self._reply(call.action, _managed(self.managed[call.form["PolicyArn"]]))
        if self.error_code or self.error_message:
            error = f"<Code>{_xml(self.error_code)}</Code><Message>{_xml(self.error_message)}</Message>"
            body = (
                f"<ErrorResponse><Error>{error}</Error><RequestId>{_xml(self.request_id)}</RequestId></ErrorResponse>"
            )
            return Reply(403, body.encode())
        return self._reply(call.action, self._result(call))

    def _reply(self, action: str, result: str) -> Reply:
        metadata = f"<ResponseMetadata><RequestId>{_xml(self.request_id)}</RequestId></ResponseMetadata>"
        body = f"<{action}Response><{action}Result>{result}</{action}Result>{metadata}</{action}Response>"
        return Reply(200, body.encode())

    def _result(self, call: Call) -> str:
        match call.action:
            case "GetCallerIdentity":
                return f"<Account>{_xml(self.account)}</Account><Arn>{_xml(self.caller)}</Arn>"
            case "GetRole":
                bound = f"<PermissionsBoundaryArn>{_xml(self.boundary)}</PermissionsBoundaryArn>"
                trust = f"<AssumeRolePolicyDocument>{_document(self.trust)}</AssumeRolePolicyDocument>"
                return f"<Role>{trust}<PermissionsBoundary>{bound}</PermissionsBoundary></Role>"
            case "ListRolePolicies":
                return f"<PolicyNames>{_members(self.inline)}</PolicyNames>"
            case "GetRolePolicy":
                policy = self.inline.get(call.form["PolicyName"], {})
                return f"<PolicyDocument>{_document(policy)}</PolicyDocument>"
            case "ListAttachedRolePolicies":
                listed = "".join(f"<member><PolicyArn>{_xml(arn)}</PolicyArn></member>" for arn in self.attached)
                return f"<AttachedPolicies>{listed}</AttachedPolicies>"
        outputs = "".join(
            f"<member><OutputKey>{_xml(key)}</OutputKey><OutputValue>{_xml(value)}</OutputValue></member>"
            for key, value in self.outputs.items()
        )
        facts = f"<StackId>{_xml(self.stack_id)}</StackId><StackName>{_xml(self.stack_name)}</StackName>"
        status = f"<StackStatus>{_xml(self.stack_status)}</StackStatus><Outputs>{outputs}</Outputs>"
        return f"<Stacks><member>{facts}{status}</member></Stacks>"


def _assumed(arn: str) -> str:
    keys = "<AccessKeyId>k</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    return f"<AssumedRoleUser><Arn>{_xml(arn)}</Arn></AssumedRoleUser><Credentials>{keys}</Credentials>"


def _managed(text: str) -> str:
    """What both calls about a managed policy answer, in one."""
    version = f"<PolicyVersion><Document>{quote(text)}</Document></PolicyVersion>"
    return f"<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>{version}"


def _document(policy: object) -> str:
    return quote(json.dumps(policy, separators=(",", ":")))


def _members(texts: object) -> str:
    return "".join(f"<member>{_xml(text)}</member>" for text in texts)  # type: ignore[attr-defined]


def _xml(text: str) -> str:
    """Return the text as XML has it, which knows no control characters and no half of a character."""
    return escape("".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff")))


def _stays_readable(policies: Mapping[str, object]) -> Mapping[str, object]:
    """The policies, beside the one that names the stack: otherwise the stack is not asked for."""
    return {"read-only": a_policy(ROLE, EXTERNAL_ID, a_stack(ROLE)), **policies}


# How each thing that AWS tells is made of a text, or of a policy, at a part of the longest that AWS takes.
_TEXTS: dict[str, Callable[[Callable[[int], str], float], Told]] = {
    "policy names": lambda text, part: Told(
        inline=_stays_readable({f"{i}{text(LONGEST_NAME - 3)}": {} for i in range(int(part * 300))})
    ),
    "attached policies": lambda text, part: Told(attached=(text(int(part * LONGEST_ARN)),) * MOST_ATTACHED),
    "boundary": lambda text, part: Told(boundary=text(int(part * LONGEST_ARN))),
    "outputs": lambda text, part: Told(
        outputs={f"{i}{text(200)}": text(int(part * LONGEST_OUTPUT)) for i in range(MOST_OUTPUTS)}
    ),
    "template version": lambda text, part: Told(
        outputs={"RoleArn": str(ROLE), "TemplateVersion": text(int(part * LONGEST_OUTPUT))}
    ),
    "the stack's role": lambda text, part: Told(
        outputs={"RoleArn": text(int(part * LONGEST_OUTPUT)), "TemplateVersion": "1"}
    ),
    "stack": lambda text, part: Told(
        **dict.fromkeys(("stack_name", "stack_id", "stack_status"), text(int(part * LONGEST_ARN)))
    ),
    "account": lambda text, part: Told(account=text(int(part * LONGEST_ARN))),
    "assumed role": lambda text, part: Told(assumed=text(int(part * LONGEST_ARN))),
    "caller": lambda text, part: Told(caller=text(int(part * LONGEST_ARN))),
    "a role's name": lambda text, part: Told(
        **dict.fromkeys(("assumed", "caller"), f"arn:aws:sts::1:assumed-role/{text(int(part * LONGEST_ARN))}/x")
    ),
    "request ID": lambda text, part: Told(request_id=text(int(part * LONGEST_MESSAGE))),
    "error code": lambda text, part: Told(error_code=text(int(part * LONGEST_MESSAGE))),
    "error text": lambda text, part: Told(error_code="AccessDenied", error_message=text(int(part * LONGEST_MESSAGE))),
}
_POLICIES: dict[str, Callable[[Sized, float], Told]] = {
    "trust policy": lambda make, part: Told(trust=make(int(part * LONGEST_POLICY))),
    "inline policy": lambda make, part: Told(inline={"x": make(int(part * LONGEST_POLICY))}),
    # Of those that are sound, one more: the comparison then has something to find.
    "inline policy beside ours": lambda make, part: Told(inline=_stays_readable({"x": make(int(part * 9_000))})),
    "inline policies": lambda make, part: Told(
        inline={f"{i:03}": make(int(part * LONGEST_POLICY / 20)) for i in range(20)}
    ),
}


@cache
def _largest_managed() -> Mapping[str, str]:
    """The largest of AWS's managed policies, as many as a role can have."""
    lines = lzma.decompress(SNAPSHOT.read_bytes()).decode().splitlines()[1:]
    return dict(line.split(" ", 1) for line in sorted(lines, key=len, reverse=True)[:MOST_ATTACHED])


def _with_largest_managed(part: float) -> Told:
    policies = dict(islice(_largest_managed().items(), int(part * MOST_ATTACHED)))
    return Told(attached=tuple(policies), managed=policies)


def hostile_roles() -> dict[str, dict[str, Callable[[float], Told]]]:
    """Return what makes each role at any part of its full size, by its entry and shape."""
    of_texts = {
        entry: {shape: partial(_made, make, text) for shape, text in TEXTS.items()} for entry, make in _TEXTS.items()
    }
    of_policies = {
        entry: {shape: partial(_made, make, policy) for shape, policy in ALL_POLICIES.items()}
        for entry, make in _POLICIES.items()
    }
    return {**of_texts, **of_policies, "managed policies": {"AWS’s largest": _with_largest_managed}}


def _made(make: Callable[[Any, float], Told], of: Any, part: float) -> Told:
    return make(of, part)


# Which entries reach each part of what is kept of AWS's answers. A test compares this with the values themselves.
REACHED_BY: dict[str, str] = {
    "Answer.account_id": "assumed role",
    "Answer.role_name": "a role's name",
    "Answer.request_id": "request ID",
    "Answer.raw_code": "error code",
    "SelfReport.identity": "caller",
    "SelfReport.trust_policy": "trust policy",
    "SelfReport.inline_policies": "inline policies",
    "SelfReport.attached_policies": "attached policies",
    "SelfReport.boundary_arn": "boundary",
    "SelfReport.managed": "managed policies",
    "SelfReport.stack": "stack",
    "SelfReport.request_ids": "request ID",
    "SelfReport.raw_codes": "error code",
    "SessionIdentity.account_id": "account",
    "SessionIdentity.role_name": "a role's name",
    "SessionIdentity.session_name": "caller",
    "StackFacts.stack_id": "stack",
    "StackFacts.name": "stack",
    "StackFacts.status": "stack",
    "StackFacts.template_version": "template version",
    "StackFacts.role_arn": "the stack's role",
}
# What we make ourselves of an answer or a question, out of a fixed set.
OF_OUR_OWN = {
    *("Answer.asked", "Answer.outcome", "Answer.hint"),
    *("SelfReport.outcomes", "SelfReport.limits", "StackFacts.region"),
}


def kept_of_aws() -> set[str]:
    """Return the name of everything that is kept of AWS's answers."""
    kinds = (Answer, SelfReport, SessionIdentity, StackFacts)
    return {f"{kind.__name__}.{each.name}" for kind in kinds for each in fields(kind)}
