"""What the sentence behind an AccessDenied hints at: whose policy refuses. The sentence itself is kept nowhere.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from onboarding.ground.hint import Hint

_LONGEST_MESSAGE = 4_096
_AS_ROOT = "roles may not be assumed by root accounts"
_REASONS = (" because no ", " explicit deny in ")
_ARTICLE = re.compile(r"(?:an?|the) ")
_POLICIES: Mapping[str, Hint] = {
    # Those of the caller: a service control policy binds only principals of its own organization.
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    "identity-based policy": Hint.OURS,
    "permissions boundary": Hint.OURS,
    "session policy": Hint.OURS,
    "service control policy": Hint.OURS,
    "vpc endpoint policy": Hint.OURS,
    # Those of the role.
    "role trust policy": Hint.TRUST,
    "trust policy": Hint.TRUST,
    "resource-based policy": Hint.TRUST,
    "resource control policy": Hint.ORGANIZATION,
}
_Meaning = TypeVar("_Meaning")


def hint_in(message: str) -> Hint | None:
    """Return whose policy the message says refuses AssumeRole, or None: mostly it does not say."""
    if message[:_LONGEST_MESSAGE].lower().startswith(_AS_ROOT):
        return Hint.OURS
    return meaning_of(message, _POLICIES)


def meaning_of(message: str, kinds_of_policy: Mapping[str, _Meaning]) -> _Meaning | None:
    """Return what the kind of policy means that the message says refuses, or None where it names none of these.

    AWS names the kind: "because no identity-based policy allows the sts:AssumeRole action", "with an explicit deny in
    a resource control policy".
    """
    said = message[:_LONGEST_MESSAGE].lower()
    # Services differ in the article. ARNs hold no blanks, so no role's name passes for a reason.
    reason = next((said.partition(before)[2] for before in _REASONS if before in said), "")
    article = _ARTICLE.match(reason)
    named = reason[article.end() :] if article else reason
    return next((meaning for kind, meaning in kinds_of_policy.items() if named.startswith(kind)), None)
