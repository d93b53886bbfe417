"""What the sandbox reads and makes in moto's memory directly, past its HTTP: callers, roles, sessions.

moto was not written for threads. Whoever touches its state, a request or a stack being made, holds MOTO_LOCK.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.core.utils import utcnow
from moto.iam.models import AccessKey, Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

from sandbox.arns import RoleName, parse_role_arn

MOTO_LOCK = threading.RLock()
ENDLESS_SECONDS = 365 * 24 * 3600
MADE_BY_THE_SANDBOX = "Made by the Rolecall sandbox"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who signed a request. `principal_arn` is the role or user, `arn` the session or user; times are naive UTC."""

    account_id: str
    principal_arn: str
    arn: str
    session_token: str | None
    expires_at: datetime | None
    session_policy: str = ""

    @property
    def is_session(self) -> bool:
        """Whether the caller itself came by AssumeRole, so that a further one is role chaining."""
        return self.expires_at is not None

    @property
    def has_expired(self) -> bool:
        """Whether the caller's temporary credentials are past their time."""
        return self.expires_at is not None and self.expires_at <= utcnow()


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Temporary credentials as AWS hands them out."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    @property
    def environment(self) -> dict[str, str]:
        """The three environment variables that every AWS tool reads them from."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


def find_caller(access_key_id: str, *, region: str) -> Caller | None:
    """Return who the access key belongs to, or None when moto never gave it out."""
    partition = get_partition(region)
    for account_id, account in list(iam_backends.items()):
        key = account[partition].access_keys.get(access_key_id)
        if key is not None:
            return _caller(key, account_id=account_id, partition=partition)
    return None


def find_role(role_arn: str) -> Role | None:
    """Return moto's role of exactly this ARN (path and all), or None."""
    name = parse_role_arn(role_arn)
    if name is None:
        return None
    roles = iam_backends[name.account_id][name.partition].roles
    return next((role for role in roles.values() if role.arn == role_arn), None)


def make_role(name: RoleName, *, trust: dict[str, object], description: str) -> Role:
    """Make the role, or return the one of that ARN that exists already."""
    existing = find_role(name.arn)
    if existing is not None:
        return existing
    return iam_backends[name.account_id][name.partition].create_role(
        role_name=name.name,
        assume_role_policy_document=json.dumps(trust),
        path=name.path,
        permissions_boundary=None,
        description=description,
        tags=[],
        max_session_duration="43200",
    )


def sign_in(role: Role, *, region: str, session_name: str) -> Credentials:
    """Give out a session of the role without asking its trust policy, valid for a year.

    A year, where AWS ends at twelve hours, so that a sandbox left running over the weekend still works.
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
    return Credentials(
        access_key_id=session.access_key_id,
        secret_access_key=session.secret_access_key,
        session_token=session.session_token,
    )


def forget_expired_sessions(account_id: str, *, partition: str) -> None:
    """Drop sessions a day past their time: moto keeps them all, and a sandbox may run for weeks.

    A day, so that their credentials are still known as expired for a while, not as never given out.
    """
    long_ago = utcnow() - timedelta(days=1)
    sessions = sts_backends[account_id][partition].assumed_roles
    keys = iam_backends[account_id][partition].access_keys
    for session in [session for session in sessions if session.expiration <= long_ago]:
        sessions.remove(session)
        keys.pop(session.access_key_id, None)


def _caller(key: AccessKey, *, account_id: str, partition: str) -> Caller | None:
    session = _session(key, account_id=account_id, partition=partition)
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


def _session(key: AccessKey, *, account_id: str, partition: str) -> AssumedRole | None:
    return sts_backends[account_id][partition].get_assumed_role_from_access_key(key.access_key_id)
