"""The values the domain works on. Frozen: a change is a new value, and `Store.commit` writes it with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.ground.arn import AccountId, RoleArn
from onboarding.ground.check_result import CheckResult
from onboarding.ground.external_id import ExternalId
from onboarding.ground.hint import Hint
from onboarding.ground.origins import Origin
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.look.brand import TenantBrand


class Flow(StrEnum):
    """The way the tenant makes the stack: two through the console, one by command in CloudShell."""

    QUICK_CREATE = "quick"
    PAGE_BY_PAGE = "pages"
    COMMAND = "command"


class Actor(StrEnum):
    """Who did what an event records."""

    TENANT = "tenant"
    COLLEAGUE = "colleague"
    OPERATOR = "operator"
    PORTAL = "portal"
    WORKER = "worker"
    STACK = "stack"


@dataclass(frozen=True)
class Tenant:
    """The vendor's client organisation. `reference` is the vendor's own unique name for it.

    `embed_origins` are sites that can frame this tenant's wizard besides those that can frame every tenant's.
    """

    id: str
    reference: str
    name: str
    created_at: datetime
    embed_origins: tuple[Origin, ...] = ()
    brand: TenantBrand = field(default_factory=TenantBrand)


@dataclass(frozen=True)
class Invite:
    """The record behind a signed link that opens one tenant's wizard."""

    id: str
    tenant_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the link still starts a session."""
        return self.revoked_at is None and now < self.expires_at


class HandoverState(StrEnum):
    """What became of a hand-over's link."""

    SENT = "sent"
    OPENED = "opened"
    EXPIRED = "expired"
    REVOKED = "revoked"


# Whoever opens the link in its last minute can still finish.
WORK_LASTS_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True)
class Handover:
    """The record behind a signed link with which a colleague of the tenant's does the work on one connection.

    `asked_by` is the name that the asker typed, or empty. `invite_id` or `api_key_id` is what the asker came in by:
    revoking that ends the hand-over too.
    """

    id: str
    connection_id: str
    tenant_id: str
    created_at: datetime
    expires_at: datetime
    asked_by: str = ""
    invite_id: str | None = None
    api_key_id: str | None = None
    opened_at: datetime | None = None
    asked_again_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> HandoverState:
        """Return what became of the link."""
        if self.revoked_at is not None:
            return HandoverState.REVOKED
        if now >= self.expires_at:
            return HandoverState.EXPIRED
        return HandoverState.SENT if self.opened_at is None else HandoverState.OPENED

    def is_open(self, now: datetime) -> bool:
        """Whether the link still starts a session."""
        return self.state(now) in (HandoverState.SENT, HandoverState.OPENED)

    def lets_in(self, now: datetime) -> bool:
        """Whether a session that it started is valid: while the link is, and for an hour after its first opening."""
        if self.revoked_at is not None or self.opened_at is None:
            return False
        return now < max(self.expires_at, self.opened_at + WORK_LASTS_AT_LEAST)


@dataclass(frozen=True)
class ApiKey:
    """What is kept of an API key: enough to recognise it, not to use it."""

    id: str
    name: str
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class PortalStart:
    """One start of the wizard from a portal. Once exchanged, it is the record behind that frame's session.

    `origin` is the one site that can frame it and that learns the outcome; the secret is kept as its hash.
    `account_id` is what the portal suggests: it fills in the field, and the tenant still has to confirm it.
    `theme` is `light` or `dark` if the portal's page has that theme, whatever the system's is.
    `language` is a code; one without a catalogue counts as none.
    """

    id: str
    tenant_id: str
    api_key_id: str
    origin: Origin
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    purpose: str = "wizard"
    account_id: AccountId | None = None
    return_url: str | None = None
    theme: str | None = None
    language: str = ""
    exchanged_at: datetime | None = None


# What is found where AWS refuses us for a role and gives no reason.
REFUSALS = frozenset({"not_answering", "role_lost"})


@dataclass(frozen=True)
class Connection:
    """One tenant's link to one AWS account.

    `claimed_role_arn` is what somebody said; `role_arn` is what was proved, and is written only on connecting.
    `refusal_hint` is whose policy AWS last said refuses us, if it said so. `trust_fine_at` is when a trust policy that
    the tenant pasted was found to be right, `trust_shut_at` when one was found not to let us in; of the latest, at most
    one is set. All three are forgotten when the wait begins anew.
    `stack_id` is the stack that made the proved role, where that is known; `stack_deleted_at` is when it reported that
    it was deleted. `is_plain` says that the tenant launches the plain template, whose stack reports nothing.
    `version` counts the commits. `check_at`, `attempts` and `watched_at` are the worker's schedule: they change
    without a new version, since no page shows them. `round` counts the claims: a worker's result counts only while
    nobody has claimed the connection since.
    """

    id: str
    tenant_id: str
    handle: str
    prefix: str
    region: str
    created_at: datetime
    updated_at: datetime
    status: Status = Status.DRAFT
    version: int = 1
    flow: Flow = Flow.QUICK_CREATE
    stack_attempt: int = 1
    account_id: AccountId | None = None
    claimed_role_arn: RoleArn | None = None
    role_arn: RoleArn | None = None
    pinned_external_id: ExternalId | None = None
    bound_external_id: ExternalId | None = None
    finding_code: str | None = None
    refusal_hint: Hint | None = None
    trust_fine_at: datetime | None = None
    trust_shut_at: datetime | None = None
    is_plain: bool = False
    stack_id: StackId | None = None
    stack_deleted_at: datetime | None = None
    launched_at: datetime | None = None
    waiting_since: datetime | None = None
    role_seen_at: datetime | None = None
    connected_at: datetime | None = None
    check_at: datetime | None = None
    attempts: int = 0
    watched_at: datetime | None = None
    round: int = field(default=0, compare=False)

    @property
    def role_name(self) -> str:
        """The name that the stack template gives the role."""
        return f"{self.prefix}-{self.handle}"

    @property
    def stack_name(self) -> str:
        """The name proposed for the stack: the role's, with a number once an earlier stack took it."""
        return self.role_name if self.stack_attempt == 1 else f"{self.role_name}-{self.stack_attempt}"

    @property
    def settled_external_id(self) -> ExternalId | None:
        """The external ID that is kept for good: the one bound on connecting, or until then the one pinned."""
        return self.bound_external_id or self.pinned_external_id

    @property
    def watched_for_since(self) -> datetime:
        """When the present wait began: for the role to appear, or for a weakened role to be repaired."""
        if self.status is Status.DEGRADED:
            return self.updated_at
        return self.waiting_since or self.created_at

    @property
    def session_name(self) -> str:
        """The name of our sessions in the tenant's CloudTrail."""
        return f"rolecall-{self.handle}"

    @property
    def is_connected(self) -> bool:
        """Whether the role was proved, even if it has weakened since."""
        return self.status in (Status.CONNECTED, Status.DEGRADED)

    @property
    def is_settling(self) -> bool:
        """Whether something can still change by itself, so that a page should keep polling."""
        return self.status in (Status.WAITING, Status.REJECTED, Status.DEGRADED, Status.DRAFT)


@dataclass(frozen=True)
class Verification:
    """One run of all checks on a connection's role, with its results."""

    id: str
    connection_id: str
    started_at: datetime
    finished_at: datetime
    role_arn: RoleArn
    conclusion: str
    results: tuple[CheckResult, ...]


@dataclass(frozen=True)
class Event:
    """An audit record: who, what, when, why. `kind` is in the past tense; `detail` never holds a secret."""

    kind: str
    actor: Actor
    at: datetime
    tenant_id: str | None = None
    connection_id: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
