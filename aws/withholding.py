"""Which policy AWS names when it denies a role's own session a call: one that the role's owner might not control."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from onboarding.proof.self_report import Limit

_LONGEST_MESSAGE = 4_096
_REASONS = (" because no ", " with an explicit deny in a ")
_POLICIES: Mapping[str, Limit] = {
    "permissions boundary": Limit.BOUNDARY,
    "service control policy": Limit.SERVICE_CONTROL,
    "resource control policy": Limit.RESOURCE_CONTROL,
}


def limit_named_by(error: ClientError | BotoCoreError) -> Limit | None:
    """Return the limit that an AccessDenied names, or None. Its sentence, which names ARNs, is kept nowhere.

    AWS says which kind of policy denied: "because no permissions boundary allows the iam:GetRole action", "with an
    explicit deny in a service control policy". The role's session belongs to the account that asks, so AWS can say so.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    if not isinstance(error, ClientError):
        return None
    said = str(error.response.get("Error", {}).get("Message", ""))[:_LONGEST_MESSAGE].lower()
    # ARNs hold no blanks, so no role's name passes for a reason.
    reason = next((said.partition(before)[2] for before in _REASONS if before in said), "")
    return next((limit for kind, limit in _POLICIES.items() if reason.startswith(kind)), None)
