"""The stack template as values: what it asks for and why, whom it trusts, and how it is published.

The wizard takes everything it says about permissions from the template's own text, so a tenant reads about exactly
what they deploy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from onboarding.callback.topics import CallbackTopics
from onboarding.ground.wording import Text
from onboarding.stack_template.callback import Callback, missing_parts, with_callback, without_callback
from onboarding.stack_template.reading import StackTemplateError, listed, text_at, value_at
from onboarding.stack_template.yaml_text import TemplateYamlError, read_yaml

UNPUBLISHED_ACCOUNT_ID = "000000000000"

# The one place that names the vendor, in exactly this form. Replacing text keeps the comments and blanks of the file,
# which writing YAML would lose.
_VENDOR = re.compile(
    r"^(?P<before>[ ]+Vendor:\r?\n[ ]+TrustedPrincipal:\r?\n[ ]+AccountId: )'[0-9]{12}'"
    r"(?P<between>\r?\n[ ]+Principal: )'[^'\r\n]*'(?P<after>[ ]*)\r?$",
    re.MULTILINE,
)
_ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
# Narrower than IAM's own set for paths: ArnEquals reads * and ? as wildcards, and Fn::Sub reads ${}.
_PRINCIPAL = re.compile(r"role/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}", re.ASCII)

_POLICIES_OF_THEIR_OWN = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy")


@dataclass(frozen=True)
class Permission:
    """One statement of the role's policy and its explanation, in the template's words."""

    sid: str
    title: Text
    reads: Text
    why: Text
    never_reads: Text
    actions: tuple[str, ...]


@dataclass(frozen=True)
class TrustedPrincipal:
    """Who is allowed to assume the role. `principal` is the end of its ARN, as in `role/path/name`."""

    account_id: str
    principal: str

    def arn(self, partition: str) -> str:
        """Return the principal's ARN in a partition."""
        return f"arn:{partition}:iam::{self.account_id}:{self.principal}"


@dataclass(frozen=True)
class StackTemplate:
    """What a stack template says: its version, its permissions in the order of the file, and whom it trusts.

    `callback` is what its stack reports to the vendor, None for the plain template.
    """

    version: str
    permissions: tuple[Permission, ...]
    trusted: TrustedPrincipal
    callback: Callback | None = None

    @property
    def is_baked(self) -> bool:
        """Whether the template names a vendor. AWS refuses the stack of a template that does not."""
        return self.trusted.account_id != UNPUBLISHED_ACCOUNT_ID

    @classmethod
    @lru_cache(maxsize=8)
    def parse(cls, text: str) -> StackTemplate:
        """Return what the template says. The result is cached, since reading a template takes some 20 ms.

        Raises StackTemplateError if the text is not a template, or if statements and explanations do not match.
        """
        try:
            document = read_yaml(text)
        except TemplateYamlError as error:
            raise StackTemplateError(f"The stack template is not YAML that CloudFormation accepts: {error}") from None
        if not isinstance(document, dict):
            raise StackTemplateError("The stack template is empty or not a mapping.")
        return cls(
            version=text_at(document, "Outputs", "TemplateVersion", "Value"),
            permissions=_permissions(document),
            trusted=TrustedPrincipal(
                account_id=text_at(document, "Mappings", "Vendor", "TrustedPrincipal", "AccountId"),
                principal=text_at(document, "Mappings", "Vendor", "TrustedPrincipal", "Principal"),
            ),
            callback=Callback.of(document),
        )


def bake(text: str, *, account_id: str, principal: str, topics: CallbackTopics | None = None) -> str:
    """Return the template with this vendor in it, or in place of another one, and every other byte unchanged.

    `account_id` is the vendor's 12 digits, `principal` its role as `role/path/name`, `topics` where the stack reports
    to; without a region in them, the callback's parts are left out. Raises StackTemplateError if a value is malformed,
    if the template does not have exactly one place for the vendor, or lacks the parts of a callback that is wanted.
    """
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise StackTemplateError(f"The vendor's account ID must be 12 digits, got {account_id!r}.")
    if not _PRINCIPAL.fullmatch(principal):
        raise StackTemplateError(f"The trusted principal must be one role, as role/path/name, got {principal!r}.")
    text = with_callback(text, topics) if topics else without_callback(text)
    found = len(_VENDOR.findall(text))
    if found != 1:
        raise StackTemplateError(
            "The stack template must hold Mappings, Vendor, TrustedPrincipal with AccountId and Principal in single "
            f"quotes, in that order and once; found {found} times."
        )
    baked = _VENDOR.sub(
        lambda place: (
            f"{place['before']}'{account_id}'{place['between']}'{principal}'{place['after']}"
            + ("\r" if place[0].endswith("\r") else "")
        ),
        text,
    )
    # The pattern might have matched inside a block of plain text, so check the parsed file.
    if StackTemplate.parse(baked).trusted != TrustedPrincipal(account_id, principal):
        raise StackTemplateError("Filling in the vendor did not change whom the stack template trusts.")
    lacking = missing_parts(read_yaml(baked), topics) if topics else ()
    if lacking:
        raise StackTemplateError(
            "ROLECALL_CALLBACK_REGIONS is set, but the stack template does not report back. It lacks "
            f"{'; '.join(lacking)}. Copy the parts between '# Callback: from here' and '# Callback: to here' from "
            "cfn/role.yaml, with these marks, or leave ROLECALL_CALLBACK_REGIONS empty."
        )
    return baked


def sha256_of(text: str) -> str:
    """Return the SHA-256 of the template's UTF-8 bytes, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def published_name(text: str) -> str:
    """Return the file name a template is published under.

    It holds the whole SHA-256, so no other template overwrites a published one, and a tenant who has the URL can prove
    which template they got.
    """
    return f"rolecall-role-{sha256_of(text)}.yaml"


def _permissions(document: Mapping[str, Any]) -> tuple[Permission, ...]:
    statements = _statements(document)
    explained = value_at(document, "Metadata", "Permissions")
    if not isinstance(explained, dict):
        raise StackTemplateError("The stack template has no Metadata, Permissions to explain its statements.")
    sids = [sid for sid, _ in statements]
    _same_names(sids, list(explained))
    return tuple(
        Permission(
            sid=sid,
            title=Text(text_at(explained, sid, "Title")),
            reads=Text(text_at(explained, sid, "Reads")),
            why=Text(text_at(explained, sid, "Why")),
            never_reads=Text(text_at(explained, sid, "NeverReads")),
            actions=actions,
        )
        for sid, actions in statements
    )


def _statements(document: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    resources = value_at(document, "Resources")
    roles = [
        resource
        for resource in (resources.values() if isinstance(resources, dict) else ())
        if isinstance(resource, dict) and resource.get("Type") == "AWS::IAM::Role"
    ]
    if len(roles) != 1:
        raise StackTemplateError(f"The stack template must make exactly one AWS::IAM::Role, it makes {len(roles)}.")
    policies = value_at(roles[0], "Properties", "Policies")
    if not isinstance(policies, list) or not policies:
        raise StackTemplateError("The role has no inline policy: Properties, Policies is missing or empty.")
    _nothing_beside(resources, roles[0])
    return [
        _statement(statement)
        for policy in policies
        for statement in listed(value_at(policy, "PolicyDocument", "Statement"))
    ]


def _nothing_beside(resources: Mapping[str, Any], role: Mapping[str, Any]) -> None:
    """Refuse what would give the role rights that no explained statement names."""
    beside = sorted(
        name for name, r in resources.items() if isinstance(r, dict) and str(r.get("Type")) in _POLICIES_OF_THEIR_OWN
    )
    if beside or value_at(role, "Properties", "ManagedPolicyArns"):
        what = ", ".join(beside) or "ManagedPolicyArns"
        raise StackTemplateError(
            f"The role gets rights from {what}. Write them out under the role's Policies, with an explanation: "
            "the wizard promises that nothing else is allowed."
        )


def _statement(statement: Any) -> tuple[str, tuple[str, ...]]:
    sid = text_at(statement, "Sid")
    actions = listed(value_at(statement, "Action"))
    if not actions or not all(isinstance(action, str) for action in actions):
        raise StackTemplateError(f"Statement {sid} must name its actions under Action.")
    return sid, tuple(actions)


def _same_names(sids: list[str], explained: list[str]) -> None:
    """Refuse statements without an explanation, explanations without a statement, and a Sid on two statements."""
    wrong = [f"statement {sid} has no entry in Metadata, Permissions" for sid in sids if sid not in explained]
    wrong += [f"Metadata, Permissions has an entry {sid} without a statement" for sid in explained if sid not in sids]
    wrong += [f"more than one statement has the Sid {sid}" for sid in sorted({s for s in sids if sids.count(s) > 1})]
    if wrong:
        raise StackTemplateError("The stack template contradicts itself: " + "; ".join(wrong) + ".")
