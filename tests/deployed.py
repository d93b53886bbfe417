"""A role as the stack template makes it: what was agreed, and what AWS tells of it once it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from onboarding.ground.arn import RoleArn, parse_role_arn
from onboarding.ground.external_id import ExternalId
from onboarding.permissions.asked import AskedPermissions
from onboarding.proof.agreement import Agreement
from onboarding.proof.answer import Answer, Asked, Outcome
from onboarding.proof.checks import ALWAYS_REQUIRED
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import SelfReport, SessionIdentity, StackFacts
from onboarding.stack_template.template import StackTemplate
from onboarding.trust.expected import corrected_policy
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, ROLE_ARN, a_vendor

QUESTIONS = (
    "sts:GetCallerIdentity",
    "iam:GetRole",
    "iam:ListRolePolicies",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "cloudformation:DescribeStacks",
)


@cache
def _template() -> tuple[AskedPermissions, str]:
    text = (Path(__file__).parent.parent / "cfn" / "role.yaml").read_text(encoding="utf-8")
    return AskedPermissions.parse(text), StackTemplate.parse(text).version


def an_agreement(**values: Any) -> Agreement:
    """What the vendor of the tests agrees with its tenants."""
    vendor = a_vendor()
    asked, version = _template()
    agreement = Agreement(
        trusted_principal=vendor.trusted_principal,
        asked=asked,
        template_version=version,
        template_url=vendor.template_url,
        console_url=vendor.console_url,
        required=ALWAYS_REQUIRED,
    )
    return replace(agreement, **values)


def a_stack(role_arn: RoleArn, **values: Any) -> StackFacts:
    stack_id = (
        f"arn:{role_arn.partition}:cloudformation:us-east-1:{role_arn.account_id}:stack/{role_arn.name}/"
        "0a1b2c3d-0000-1111-2222-333344445555"
    )
    _, version = _template()
    return replace(
        StackFacts(stack_id, role_arn.name, "us-east-1", "CREATE_COMPLETE", version, str(role_arn)), **values
    )


def a_policy(role_arn: RoleArn, external_id: ExternalId, stack: StackFacts) -> dict[str, Any]:
    """The role's inline policy, as the template makes it."""
    asked, _ = _template()
    statements = asked.for_role(role_arn, external_id=external_id, stack_arn=stack.stack_id)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": s.sid, "Effect": "Allow", "Action": list(s.actions), "Resource": list(s.resources)}
            for s in statements
        ],
    }


def a_self_report(role_arn: RoleArn, external_id: ExternalId, **values: Any) -> SelfReport:
    """What such a role says of itself."""
    stack = a_stack(role_arn)
    report = SelfReport(
        identity=SessionIdentity(role_arn.account_id, role_arn.name, "rolecall"),
        trust_policy=corrected_policy(an_agreement().trust(external_id)),
        inline_policies={"read-only": a_policy(role_arn, external_id, stack)},
        attached_policies=(),
        stack=stack,
        outcomes=dict.fromkeys(QUESTIONS, Outcome.ASSUMED),
    )
    return replace(report, **values)


def a_probe(outcomes: Mapping[Asked, Outcome], *, account_id: str = ACCOUNT, role_name: str = "") -> Probe:
    """A probe with these answers, in this order. If not said otherwise, the role that was asked for is who answers."""
    arn: RoleArn = parse_role_arn(ROLE_ARN)
    answers = tuple(
        Answer(asked, outcome, account_id=account_id, role_name=role_name or arn.name)
        if outcome is Outcome.ASSUMED
        else Answer(asked, outcome)
        for asked, outcome in outcomes.items()
    )
    works = outcomes.get(Asked.RIGHT) is Outcome.ASSUMED
    told = a_self_report(arn, EXTERNAL_ID) if outcomes.get(Asked.RIGHT_AGAIN) is Outcome.ASSUMED else None
    return Probe(arn, EXTERNAL_ID if works else None, answers, NOON, NOON, told)
