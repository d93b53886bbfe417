"""Which policy AWS names when it denies a role's own session a call: one that the role's owner might not control."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from aws.hints import meaning_of
from onboarding.proof.self_report import Limit

_POLICIES: Mapping[str, Limit] = {
    "permissions boundary": Limit.BOUNDARY,
    "service control policy": Limit.SERVICE_CONTROL,
    "resource control policy": Limit.RESOURCE_CONTROL,
}


def limit_named_by(error: ClientError | BotoCoreError) -> Limit | None:
    """Return the limit that an AccessDenied names, or None. Its sentence, which names ARNs, is kept nowhere.

    The role's session belongs to the account that asks, so AWS can say which kind of policy denied.
    """
    if not isinstance(error, ClientError):
        return None
    return meaning_of(str(error.response.get("Error", {}).get("Message", "")), _POLICIES)
