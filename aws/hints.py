"""What the sentence behind an AccessDenied hints at: whose policy refuses. The sentence itself is kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

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


def hint_in(message: str) -> Hint | None:
    """Return whose policy the message says refuses, or None: mostly it does not say.

    AWS names the kind of policy: "because no identity-based policy allows the sts:AssumeRole action", "with an
    explicit deny in a resource control policy".
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    said = message[:_LONGEST_MESSAGE].lower()
    if said.startswith(_AS_ROOT):
        return Hint.OURS
    # Services differ in the article. ARNs hold no blanks, so no role's name passes for a reason.
    reason = next((said.partition(before)[2] for before in _REASONS if before in said), "")
    article = _ARTICLE.match(reason)
    kind_of_policy = reason[article.end() :] if article else reason
    return next((hint for kind, hint in _POLICIES.items() if kind_of_policy.startswith(kind)), None)
