"""How the wait for a role begins, or begins anew: by an act of the tenant's, or by their stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from onboarding.lifecycle import Trigger, advance
from onboarding.model import Connection
from onboarding.schedule import WATCHING_ENDS_AFTER

UNEXAMINED: Mapping[str, Any] = {"trust_fine_at": None, "trust_shut_at": None}


def wait_anew(connection: Connection, *, at: datetime) -> Connection:
    """Return the connection waiting from now on, with nothing found yet. Raises IllegalTransition."""
    moved = advance(connection, Trigger.NAMED, at=at)
    # Without a role to look for, there is nothing to do until the watching ends.
    check_at = at if connection.claimed_role_arn else at + WATCHING_ENDS_AFTER
    # It might be another role, or the same one made again, so it has not been seen yet.
    fresh = replace(moved, role_seen_at=None, finding_code=None, refusal_hint=None, **UNEXAMINED)
    return replace(fresh, waiting_since=at, attempts=0, check_at=check_at)
