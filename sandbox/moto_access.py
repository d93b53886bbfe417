"""Callers, roles and sessions, read and made directly in moto's memory instead of over HTTP.

moto is not thread-safe. Every thread that touches its state, for a request or for a stack, holds MOTO_LOCK.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.core.utils import utcnow
from moto.iam.models import AccessKey, Role, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from onboarding.ground.arn import RoleArn

MOTO_LOCK = threading.RLock()
ENDLESS_SECONDS = 365 * 24 * 3600
MADE_BY_THE_SANDBOX = "Made by the Rolecall sandbox"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who signed a request. `principal_arn` is the role or user, `arn` the session or user. Times are naive UTC."""

    account_id: str
    principal_arn: str
    arn: str
    session_token: str | None
    expires_at: datetime | None
    session_policy: str = ""

    @property
    def is_session(self) -> bool:
        """Whether the caller is itself an assumed role, so that another AssumeRole is role chaining."""
        return self.expires_at is not None

    @property
    def has_expired(self) -> bool:
        """Whether the caller's temporary credentials have expired."""
        return self.expires_at is not None and self.expires_at <= utcnow()


def find_caller(access_key_id: str, *, region: str) -> Caller | None:
    """Return whose access key it is, or None if moto never issued it."""
    partition = get_partition(region)
    for account_id, account in list(iam_backends.items()):
        key = account[partition].access_keys.get(access_key_id)
        if key is not None:
            return _caller(key, account_id=account_id, partition=partition)
    return None


def find_role(role_arn: str) -> Role | None:
    """Return moto's role of exactly this ARN, path included, or None."""
    _, partition, _, _, account_id, _ = role_arn.split(":", 5)
    roles = iam_backends[account_id][partition].roles
    return next((role for role in roles.values() if role.arn == role_arn), None)


def make_role(arn: RoleArn, *, trust: dict[str, object], description: str) -> Role:
    """Return the role of that ARN. Makes it if there is none."""
    return find_role(str(arn)) or iam_backends[arn.account_id][arn.partition].create_role(
        role_name=arn.name,
        assume_role_policy_document=json.dumps(trust),
        path=arn.path,
        permissions_boundary=None,
        description=description,
        tags=[],
        max_session_duration="43200",
    )


def sign_in(role: Role, *, region: str, session_name: str) -> dict[str, str]:
    """Return a session of the role as environment variables, without asking the role's trust policy.

    It lasts a year, not at most twelve hours as on AWS, so that a sandbox left running over the weekend still works.
    """
    partition = get_partition(region)
    session = sts_backends[role.account_id][partition].assume_role(
        region_name=region,
        role_session_name=session_name,
        role_arn=role.arn,
        policy="",
        duration=ENDLESS_SECONDS,
        external_id="",
    )
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }


def forget_expired_sessions(account_id: str, *, partition: str) -> None:
    """Drop the sessions that expired a day ago or more: moto keeps them all, and a sandbox can run for weeks.

    Within that day, AWS's answer to their credentials is ExpiredToken and not that nobody knows them.
    """
    long_ago = utcnow() - timedelta(days=1)
    sessions = sts_backends[account_id][partition].assumed_roles
    keys = iam_backends[account_id][partition].access_keys
    for session in [session for session in sessions if session.expiration <= long_ago]:
        sessions.remove(session)
        keys.pop(session.access_key_id, None)


def _caller(key: AccessKey, *, account_id: str, partition: str) -> Caller | None:
    session = sts_backends[account_id][partition].get_assumed_role_from_access_key(key.access_key_id)
    if session is not None:
        return Caller(
            account_id=account_id,
            principal_arn=session.role_arn,
            arn=session.arn,
            session_token=session.session_token,
            expires_at=session.expiration,
            session_policy=session.policy or "",
        )
    user = iam_backends[account_id][partition].users.get(key.user_name or "")
    if user is None or key.status != "Active":
        return None
    return Caller(account_id=account_id, principal_arn=user.arn, arn=user.arn, session_token=None, expires_at=None)
