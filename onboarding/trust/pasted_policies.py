"""What a pasted policy is where it is no role's trust policy as AWS has it: another kind, a source, or masked.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html (the kinds of policies);
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html (Principal is always
the star alone, and Resource is required); orgs_manage_policies_scps_syntax.html beside it (no Principal);
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from onboarding.ground.wording import say
from onboarding.policy.document import PolicyDocument, Statement
from onboarding.policy.effort import spend
from onboarding.policy.json_text import MOST_VALUES, Unreadable

TEMPLATE = Unreadable(
    "template", say("That is a CloudFormation template, not the role: paste what the command printed.")
)
MASKED = Unreadable(
    "masked",
    say(
        "An account ID in it is masked. Paste it as AWS prints it: an account ID is no secret, "
        "and we must see which account it is."
    ),
)
_PERMISSIONS = Unreadable(
    "permissions_policy",
    say(
        "That is a permissions policy: it says what the role may do, not who may use it. "
        "The trust policy is under Trust relationships on the role’s page."
    ),
)
_ONLY_DENIES = Unreadable(
    "service_control_policy",
    say(
        "That only denies, and names nobody: it is a service control policy of an AWS organization, or a permissions "
        "policy. The trust policy is under Trust relationships on the role’s page."
    ),
)
_SERVICE_CONTROL = Unreadable(
    "service_control_policy",
    say("That is a service control policy of an AWS organization, not the role. Paste what get-role prints."),
)
_RESOURCE_CONTROL = Unreadable(
    "resource_control_policy",
    say(
        "That is a resource control policy of an AWS organization, not the role’s trust policy. "
        "Paste what get-role prints."
    ),
)
# By what AWS Organizations calls them.
CONTROL_POLICIES: Mapping[str, Unreadable] = {
    "SERVICE_CONTROL_POLICY": _SERVICE_CONTROL,
    "RESOURCE_CONTROL_POLICY": _RESOURCE_CONTROL,
}
_MASK = re.compile(
    r"(?:arn:[a-z-]{1,20}:(?:iam|sts)::)?[0-9]{0,8}(?:\*{3,16}|#{3,16}|[xX]{3,16}|•{3,16})[0-9]{0,8}(?=:|$)"
)


def is_masked(named: str) -> bool:
    """Whether an account ID, alone or in an ARN, has been made unreadable, as in arn:aws:iam::************:root."""
    return _MASK.match(named) is not None


def no_trust_policy(policy: PolicyDocument | Unreadable, raw: object) -> Unreadable | None:
    """Return what the policy is instead of a role's trust policy; None for one that can be judged, or is unreadable.

    `raw` is what it was read from.
    """
    source = policy.source if isinstance(policy, PolicyDocument) else raw
    if _is_filled_in(source):
        return TEMPLATE
    if isinstance(policy, Unreadable):
        return None
    statements = policy.statements
    names_nobody = not any(s.principals or s.not_principals is not None for s in statements)
    if names_nobody and any(_has_resource(s) for s in statements):
        return _ONLY_DENIES if all(s.effect == "Deny" for s in statements) else _PERMISSIONS
    if statements and all(_is_for_every_resource(s) for s in statements):
        return _RESOURCE_CONTROL
    return MASKED if any(is_masked(one) for s in statements for one in s.principals.get("AWS", ())) else None


def _has_resource(statement: Statement) -> bool:
    return bool(statement.resources) or statement.not_resources is not None


def _is_for_every_resource(statement: Statement) -> bool:
    """Whether it is one of a resource control policy: those that an organization writes itself can only deny."""
    allows_all = statement.actions == ("*",)
    is_for_all = "*" in statement.resources or statement.not_resources is not None
    return set(statement.principals) == {"*"} and is_for_all and (statement.effect == "Deny" or allows_all)


def _is_filled_in(source: object) -> bool:
    """Whether a value in it is left to CloudFormation: {"Ref": …}, {"Fn::Sub": …} and the like."""
    waiting: list[Any] = [source]
    for _ in range(MOST_VALUES):
        if not waiting:
            break
        spend(1)
        node = waiting.pop()
        if isinstance(node, dict):
            if len(node) == 1 and (name := str(next(iter(node)))) and (name == "Ref" or name.startswith("Fn::")):
                return True
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return False
