"""What a role reports of itself, in a session that is allowed to ask only that. Facts, no judgement.

Policies are as AWS sent them, parsed no further than JSON: a tenant might have edited them into anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onboarding.proof.answer import Outcome


class Limit(StrEnum):
    """What can take away rights that a role's own policies give."""

    BOUNDARY = "boundary"
    SERVICE_CONTROL = "service_control"
    RESOURCE_CONTROL = "resource_control"


@dataclass(frozen=True)
class SessionIdentity:
    """Who AWS says the session is (GetCallerIdentity)."""

    account_id: str
    role_name: str
    session_name: str


@dataclass(frozen=True)
class StackFacts:
    """The stack that made the role, as DescribeStacks tells it. `template_version` is its output, or empty."""

    stack_id: str
    name: str
    region: str
    status: str
    template_version: str = ""
    role_arn: str = ""


@dataclass(frozen=True)
class ManagedDocument:
    """What one of AWS's managed policies says, as JSON. `published_on` is the day (2030-12-31) of our own copy of what
    AWS had published, or empty if AWS has just told.
    """

    text: str
    published_on: str = ""


@dataclass(frozen=True)
class SelfReport:
    """What the role reported. A part is None where AWS did not tell; `outcomes` says of each question how it went.

    The questions are the API actions: `sts:GetCallerIdentity`, `iam:GetRole`, `iam:ListRolePolicies`,
    `iam:GetRolePolicy`, `iam:ListAttachedRolePolicies`, `cloudformation:DescribeStacks`. One that was not worth
    asking, since another had failed, is not in `outcomes`. `raw_codes` are AWS's own words for those that failed,
    `limits` what AWS named as the reason for which it denied them, if it named one of these.

    `managed` has the attached policies and the boundary by ARN, None for one that we cannot see. The role cannot read
    them: they were read in the vendor's account (`onboarding.ports.ManagedPolicies`).
    """

    identity: SessionIdentity | None = None
    trust_policy: object | None = None
    inline_policies: Mapping[str, object] | None = None
    attached_policies: tuple[str, ...] | None = None
    boundary_arn: str = ""
    managed: Mapping[str, ManagedDocument | None] = field(default_factory=dict)
    stack: StackFacts | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    request_ids: Mapping[str, str] = field(default_factory=dict)
    raw_codes: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)

    def was_refused(self, *questions: str) -> bool:
        """Whether AWS denied any of these questions."""
        return any(self.outcomes.get(q) is Outcome.REFUSED for q in questions)

    def is_unclear(self, *questions: str) -> bool:
        """Whether any of these questions got no answer that tells anything about the role."""
        return any((o := self.outcomes.get(q)) is not None and o.is_unclear for q in questions)
