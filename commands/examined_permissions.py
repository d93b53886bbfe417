"""What `examine permissions` says: what a role lacks of what the stack template asks for, and what it can do beyond."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from aws.clients import Clients
from aws.managed_policies import AwsManagedPolicies
from commands.examined import Examined, Question
from commands.publish import baked
from config import Config
from onboarding.pasted.access_keys import holds_access_key
from onboarding.permissions.asked import AskedPermissions, AskedStatement
from onboarding.permissions.comparison import DeployedPermissions, PermissionComparison, compare_permissions
from onboarding.policy.effort import TooComplex, at_most
from onboarding.proof.checks import MOST_STEPS
from onboarding.questioning import MOST_MANAGED

# In place of a policy: the one that the stack template makes.
AS_PUBLISHED = "AS-PUBLISHED"
# How many actions a line for people names.
_MOST_LISTED = 10


@dataclass(frozen=True)
class _Given:
    inline: Mapping[str, object]
    attached: tuple[str, ...]
    boundary_arn: str


def examined_permissions(question: Question) -> Examined:
    """Judge what a role can do, with AWS's managed policies read as the worker reads them."""
    raw, role_arn = question.json, question.role_arn
    if holds_access_key(json.dumps(raw, ensure_ascii=False)):
        raise click.ClickException(
            "The file holds an AWS access key, which is not shown here. Take it out, and rotate it if others saw it."
        )
    given = _given(raw)
    if role_arn is None:
        raise click.UsageError("Give --role-arn: the role that has these permissions.")
    publishing = Config.for_publishing(question.settings)
    # The template takes the role's name from the external ID.
    template, external_id = AskedPermissions.parse(baked(publishing)), f"{role_arn.name}-0"
    stack_arn = (
        f"arn:{role_arn.partition}:cloudformation:{publishing.region}:{role_arn.account_id}:stack/{role_arn.name}/0"
    )
    published = _policy_of(template.for_role(role_arn, external_id=external_id, stack_arn=stack_arn))
    managed = AwsManagedPolicies(Clients(region=publishing.region))

    def document(arn: str) -> str | None:
        found = managed.read(arn)
        return found.text if found else None

    deployed = DeployedPermissions(
        {name: published if policy == AS_PUBLISHED else policy for name, policy in given.inline.items()},
        {arn: document(arn) for arn in given.attached},
        given.boundary_arn or None,
        document(given.boundary_arn) if given.boundary_arn else None,
    )
    try:
        with at_most(MOST_STEPS):
            asked = template.for_role(role_arn, external_id=external_id)
            return _examined(compare_permissions(deployed, asked, role_arn=role_arn, now=question.now))
    except TooComplex:
        raise click.ClickException("These policies are too complex to judge.") from None


def _examined(found: PermissionComparison) -> Examined:
    facts = {
        "missing": list(dict.fromkeys(missing.sid for missing in found.missing)),
        "excess": [{"policy": e.policy, "actions": e.actions, "reach": e.reach} for e in found.excess],
        "unknown": [name for name, _ in found.unknown],
    }
    sentences = [
        f"Verdict: {'as agreed' if found.is_exact else 'not as agreed'}",
        *(f"Missing of {missing.sid}: {_listed(missing.actions)}" for missing in found.missing),
        *(f"Beyond what was agreed ({e.reach}), by {e.policy}: {_listed(e.actions)}" for e in found.excess),
        *(f"{name}: {sentence}" for name, sentence in found.unknown),
    ]
    return Examined(facts, sentences, is_fine=found.is_exact)


def _listed(actions: Sequence[str]) -> str:
    more = len(actions) - _MOST_LISTED
    return ", ".join(actions[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _policy_of(asked: Sequence[AskedStatement]) -> dict[str, Any]:
    statements = [
        {"Sid": s.sid, "Effect": "Allow", "Action": list(s.actions), "Resource": list(s.resources)} for s in asked
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _given(raw: object) -> _Given:
    """Return the file's permissions. Raises ClickException."""
    if isinstance(raw, dict):
        inline, attached, boundary = raw.get("inline", {}), raw.get("attached", []), raw.get("boundary") or ""
        are_arns = isinstance(attached, list) and all(isinstance(arn, str) for arn in (*attached, boundary))
        if isinstance(inline, dict) and are_arns and not raw.keys() - {"inline", "attached", "boundary"}:
            if len(attached) <= MOST_MANAGED:
                return _Given(inline, tuple(dict.fromkeys(attached)), boundary)
            raise click.ClickException(f"A role has at most {MOST_MANAGED} managed policies.")
    raise click.ClickException(
        'The file must hold {"inline": {name: policy}, "attached": [ARN], "boundary": ARN or ""}.'
    )
