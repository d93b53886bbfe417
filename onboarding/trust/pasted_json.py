"""Finding the trust policy in JSON that holds a role in one of its known forms, or saying what the JSON is instead.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html, API_ListRoles.html,
API_GetAccountAuthorizationDetails.html; Terraform's state names the policy `assume_role_policy`:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.ground.wording import Text, say
from onboarding.policy.document import PolicyDocument
from onboarding.policy.effort import spend
from onboarding.policy.json_text import Unreadable, read_json
from onboarding.trust.pasted_policies import CONTROL_POLICIES, MASKED, TEMPLATE, is_masked, no_trust_policy
from onboarding.trust.reading import parse_trust_policy


@dataclass(frozen=True)
class PastedRole:
    """What the paste holds: the trust policy, and the role's ARN and name where they were pasted too, else empty texts.

    `understood_as` says what it was: get-role, list-roles, role, policy, or terraform-state.
    """

    policy: PolicyDocument
    role_arn: str
    understood_as: str
    role_name: str = ""

    @property
    def all_text(self) -> str:
        """All that was read, as JSON writes it: what shows some of it shows nothing else."""
        return json.dumps([self.policy.source, self.role_arn, self.role_name], ensure_ascii=False)


_POLICY_NAMES = frozenset({"assumerolepolicydocument", "assumerolepolicy"})
_STATEMENT = Unreadable("one_statement", say("That is one statement of a policy. Paste the whole policy, from { to }."))
_LIST = Unreadable(
    "statement_list", say("Those are the statements without the policy around them. Paste the whole policy.")
)
_WHICH = Unreadable(
    "which_role", say("There is not exactly one role in it. Paste what get-role printed for your role.")
)
_NOTHING = Unreadable("no_policy", say("There is no AssumeRolePolicyDocument and no Statement in it."))
# More than any text that we read holds: what is no text could hold itself.
_MOST_NODES = 60_000
# A name at the top of a document that is something else, and what to say of it.
_KNOWN_BY: Mapping[str, tuple[str, Text]] = {
    "TemplateBody": (
        "template",
        say("That is a stack’s template, not the role: paste what the command printed."),
    ),
    "AttachedPolicies": (
        "list_of_policies",
        say("That is the list of the role’s permissions policies. Paste what get-role prints."),
    ),
    "PolicyNames": (
        "list_of_policies",
        say("That is the list of the role’s permissions policies. Paste what get-role prints."),
    ),
    "UserId": ("identity", say("That says who you are in AWS, not whom the role trusts. Paste what get-role prints.")),
    "Policy": (
        "list_of_policies",
        say("That is about a permissions policy. Paste what get-role prints."),
    ),
    "Stacks": ("stack", say("That is a stack, not the role. Paste what get-role prints.")),
}


def role_in(document: Any, role_arn: str | None) -> PastedRole | Unreadable:
    """Return the role in a JSON document, or what the document is instead. Never raises.

    `role_arn` picks the role where there are several.
    """
    top = document if isinstance(document, dict) else {}
    if "Statement" in top:
        return _judged(top, understood_as="policy")
    if known := _statements(document) or (TEMPLATE if _is_template(top) else None):
        return known
    holders = _holders(document)
    if len(holders) > 1:
        holders = [one for one in holders if role_arn and _text(one, "Arn", "arn") == role_arn]
    elif not holders and isinstance(document, dict) and "Roles" not in top:
        return _else(top)
    return _held(document, holders[0]) if len(holders) == 1 else _WHICH


def _held(document: Any, holder: Mapping[str, Any]) -> PastedRole | Unreadable:
    arn = _text(holder, "Arn", "arn")
    # Terraform's state calls a role's name just that.
    name = _text(holder, "RoleName", "roleName", "role_name", *(["name"] if "assume_role_policy" in holder else []))
    return _judged(_policy(holder), arn, name, understood_as=_form(document, holder))


def _is_template(top: Mapping[str, Any]) -> bool:
    """Whether it is a CloudFormation template, or a resource cut out of one."""
    parts = [top, *(part for part in top.values() if isinstance(part, dict))]
    return "Resources" in top or any(str(part.get("Type", "")).startswith("AWS::") for part in parts)


def _statements(document: Any) -> Unreadable | None:
    """Say that these are statements alone, if they are."""
    if isinstance(document, list):
        return _LIST if document and all(_is_statement(one) for one in document) else None
    return _STATEMENT if _is_statement(document) else None


def _is_statement(value: Any) -> bool:
    return isinstance(value, dict) and "Effect" in value


def _holders(document: Any) -> list[dict[str, Any]]:
    """Return every object that has a trust policy, in the order in which they stand."""
    found: list[dict[str, Any]] = []
    waiting = [document]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        spend(1)
        node = waiting.pop()
        if isinstance(node, dict) and _policy_name(node):
            found.append(node)
        elif isinstance(node, dict | list):
            waiting += reversed(node if isinstance(node, list) else list(node.values()))
    return found


def _policy_name(node: Mapping[Any, Any]) -> str:
    return next((name for name in node if str(name).lower().replace("_", "") in _POLICY_NAMES), "")


def _policy(holder: Mapping[str, Any]) -> Any:
    """Return its policy; a text whose blanks a form wrote as + is read too."""
    policy = holder[_policy_name(holder)]
    if isinstance(policy, str) and policy[:3].lower() == "%7b" and "+" in policy:
        policy = policy.replace("+", " ") if isinstance(read_json(policy), Unreadable) else policy
    return policy


def _text(holder: Mapping[str, Any], *names: str) -> str:
    """Return the first text that it has under one of the names, or an empty one."""
    return next((str(holder[name]) for name in names if isinstance(holder.get(name), str)), "")


def _form(document: Any, holder: Mapping[str, Any]) -> str:
    if _policy_name(holder) == "assume_role_policy":
        return "terraform-state"
    if isinstance(document, list) or "Roles" in document or "RoleDetailList" in document:
        return "list-roles"
    return "get-role" if document.get("Role") is holder else "role"


def _judged(raw_policy: Any, role_arn: str = "", role_name: str = "", *, understood_as: str) -> PastedRole | Unreadable:
    policy = parse_trust_policy(raw_policy)
    other = no_trust_policy(policy, raw_policy) or (MASKED if is_masked(role_arn) else None)
    if other:
        return other
    return policy if isinstance(policy, Unreadable) else PastedRole(policy, role_arn, understood_as, role_name)


def _else(top: Mapping[str, Any]) -> Unreadable:
    """Say what a document without a trust policy is."""
    inner = top.get("PolicyVersion") if isinstance(top.get("PolicyVersion"), dict) else top
    for name in ("Document", "PolicyDocument"):
        raw = inner.get(name) if inner else None
        held = parse_trust_policy(raw) if raw is not None else None
        if isinstance(held, PolicyDocument):
            return no_trust_policy(held, raw) or _WHICH
    described = _described(top)
    if described:
        return described
    known = next((_KNOWN_BY[name] for name in _KNOWN_BY if name in top), None)
    return Unreadable(*known) if known else _NOTHING


def _described(top: Mapping[str, Any]) -> Unreadable | None:
    """Say which policy of an organization it is, if that is what `aws organizations describe-policy` prints."""
    policy = top.get("Policy")
    summary = policy.get("PolicySummary") if isinstance(policy, dict) else None
    return CONTROL_POLICIES.get(str(summary.get("Type"))) if isinstance(summary, dict) else None
