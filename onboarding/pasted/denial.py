"""Whom AWS denied what, and by which kind of policy, in the sentence that a stack's event or a console shows.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and, for the older sentences,
https://repost.aws/knowledge-center/cloudformation-tagging-permission-error
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_DENIED = re.compile(
    r"not authorized to perform|permissions? to (?:call|perform)|Access ?Denied|AuthorizationError|Unauthorized|"
    r"explicit deny",
    re.IGNORECASE,
)
_ACTION = (
    re.compile(r"perform:? {0,2}([A-Za-z][A-Za-z0-9-]{1,30}): ?([A-Za-z]{3,60})"),
    re.compile(r"permissions? to (?:call|perform) ([A-Za-z][A-Za-z0-9-]{1,30}):([A-Za-z]{3,60})"),
    re.compile(r"API: ([A-Za-z][A-Za-z0-9-]{1,30}):([A-Za-z]{3,60})"),
)
# The name of the call where a program prints no action: "when calling the CreateStack operation".
_CALL = re.compile(r"when calling the ([A-Za-z]{3,60}) operation|operation error ([A-Za-z]{2,30}): ([A-Za-z]{3,60})")
_SERVICE_OF = {"CreateStack": "cloudformation", "CreateChangeSet": "cloudformation", "CreateRole": "iam"}
_EXPLICIT = re.compile(
    r"explicit deny in (?:an? |the )?(service control|resource control|identity-based|permissions boundary|session|"
    r"resource-based|VPC endpoint)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"because no (service control|resource control|identity-based|permissions boundary|session|resource-based|"
    r"VPC endpoint)",
    re.IGNORECASE,
)


class PolicyKind(StrEnum):
    """The kind of policy that AWS names; UNSAID where it names none."""

    SERVICE_CONTROL = "service control"
    RESOURCE_CONTROL = "resource control"
    IDENTITY = "identity-based"
    BOUNDARY = "permissions boundary"
    SESSION = "session"
    RESOURCE = "resource-based"
    ENDPOINT = "vpc endpoint"
    UNSAID = ""

    @property
    def is_of_the_organization(self) -> bool:
        """Whether only the organization's administrator can change it: no right within the account helps."""
        return self in (PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL)


@dataclass(frozen=True)
class Denial:
    """What was denied. `service` and `action` are as in `iam:CreateRole`, the service in small letters, or empty."""

    service: str
    action: str
    policy: PolicyKind
    is_explicit: bool


def denial_in(text: str) -> Denial | None:
    """Return what the text says was denied, or None if it speaks of no denial."""
    if not _DENIED.search(text):
        return None
    explicit, absent = _EXPLICIT.search(text), _ABSENT.search(text)
    named = explicit or absent
    service, action = _denied_action(text)
    return Denial(
        service=service,
        action=action,
        policy=PolicyKind(named[1].lower()) if named else PolicyKind.UNSAID,
        is_explicit="explicit deny" in text.lower(),
    )


def _denied_action(text: str) -> tuple[str, str]:
    for shape in _ACTION:
        if found := shape.search(text):
            return found[1].lower(), found[2]
    if found := _CALL.search(text):
        action = found[1] or found[3]
        return _SERVICE_OF.get(action, (found[2] or "").lower()), action
    return "", ""
