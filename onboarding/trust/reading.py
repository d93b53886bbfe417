"""Reading a trust policy, as far as AWS would store it: what judges one need not be ready for more.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (8,192 characters is the largest
quota for a role's trust policy, and blanks are not counted).
"""

from __future__ import annotations

import json
from typing import Any

from onboarding.ground.wording import say
from onboarding.policy.document import PolicyDocument, parse_policy, read_document
from onboarding.policy.json_text import Unreadable, beyond_bounds, read_json

LARGEST = 8_192
# The shortest statement that AWS takes has an Effect, a Principal and an Action, so more of them do not fit.
_SHORTEST_STATEMENT = '{"Effect":"Deny","Principal":"*","Action":"*"}'
MOST_STATEMENTS = LARGEST // len(_SHORTEST_STATEMENT)
MORE_THAN_STORED = "more_than_stored"
_MORE_THAN_STORED = Unreadable(
    MORE_THAN_STORED, say("AWS stores no trust policy as long as that: {most} characters at most.", most=LARGEST)
)


def parse_trust_policy(raw: object) -> PolicyDocument | Unreadable:
    """Return the policy in whatever parse_policy takes, or why there is none that a role could have. Never raises."""
    document = read_json(raw) if isinstance(raw, str) else raw
    if not isinstance(document, dict):
        return parse_policy(document)
    # Bounds first, since only within them can it be measured, and written as JSON.
    beyond = beyond_bounds(document)
    if beyond is not None or _size(document) > LARGEST:
        return beyond or _MORE_THAN_STORED
    policy = read_document(document)
    is_crowded = isinstance(policy, PolicyDocument) and len(policy.statements) > MOST_STATEMENTS
    return _MORE_THAN_STORED if is_crowded else policy


def _size(document: dict[str, Any]) -> int:
    return len("".join(json.dumps(document, separators=(",", ":"), ensure_ascii=False).split()))
