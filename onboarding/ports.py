"""What the domain needs of the world. Adapters live in store/ and aws/; tests bring their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from onboarding.callback.queues import QueueState
from onboarding.callback.stacks import HandledEvent, ReportedStack, StackReport
from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ISSUES_PER_CONNECTION, ExternalId, IssuedId
from onboarding.ground.origins import Origin
from onboarding.ground.stack_id import StackId
from onboarding.look.brand import TenantBrand
from onboarding.model import ApiKey, Connection, Event, Handover, Invite, PortalStart, Tenant, Verification
from onboarding.proof.answer import Answer, Asked
from onboarding.proof.self_report import ManagedDocument, SelfReport

# Nobody connects so many accounts at once, and each of them is watched for a week.
UNFINISHED_PER_TENANT = 100
# More than can be open at once. A tenant can make and revoke links for as long as they like.
HANDOVERS_LISTED = 50


class NotFound(LookupError):
    """There is no such row."""


class ConcurrentChange(Exception):
    """Somebody else changed the row since it was read: read it and decide again."""


class AlreadyConnected(Exception):
    """This tenant has connected the same account in another connection."""


class TooManyUnfinished(Exception):
    """This tenant has as many connections under way as one can have."""


class Clock(Protocol):
    """What time it is, and how much of it passes."""

    def now(self) -> datetime:
        """Return the time, as an aware UTC datetime. A clock can be set."""

    def elapsed(self) -> timedelta:
        """Return the time since some fixed moment, which grows evenly however the clock is set."""


class Roles(Protocol):
    """AWS's roles, asked one question at a time."""

    def assume(self, role_arn: RoleArn, *, asked: Asked, external_id: ExternalId | None, session_name: str) -> Answer:
        """Ask STS for a session that can do nothing, and return what it answered. Raises nothing that AWS can cause."""

    def report(
        self, role_arn: RoleArn, *, external_id: ExternalId, session_name: str
    ) -> tuple[Answer, SelfReport | None]:
        """Ask once more with the right ID, for a session that can read the role itself and nothing else.

        Return the answer to that (Asked.RIGHT_AGAIN), and what the role told, or None if the session was refused.
        Raises nothing that AWS can cause.
        """


class ManagedPolicies(Protocol):
    """AWS's own managed policies, which are the same in every account of a partition."""

    def read(self, arn: str) -> ManagedDocument | None:
        """Return what the policy says now, or None if we cannot see it.

        We see no customer's own policy, and none that AWS has deprecated: only accounts that still use it do.
        Raises nothing that AWS can cause. A policy that is read again soon, or a failure, costs no call.
        """


class PortalStore(Protocol):
    """API keys, and the starts that portals make with them."""

    def add_api_key(self, key: ApiKey, event: Event) -> None: ...

    def get_api_key(self, key_id: str) -> ApiKey:
        """Raises NotFound."""

    def list_api_keys(self) -> Sequence[ApiKey]: ...

    def revoke_api_key(self, key_id: str, event: Event) -> None:
        """Raises NotFound."""

    def add_portal_start(self, start: PortalStart, event: Event, *, forget_before: datetime) -> None:
        """Keep a start, and drop those that were made before `forget_before`."""

    def get_portal_start(self, start_id: str) -> PortalStart:
        """Raises NotFound."""

    def exchange_portal_start(self, start_id: str, *, secret_hash: str, purpose: str, event: Event) -> PortalStart:
        """Exchange the start at the event's time, and return it. Of any number who try, one succeeds.

        Raises NotFound if it was exchanged or has expired, its API key was revoked, or the hash or purpose is wrong.
        """


class HandoverStore(Protocol):
    """What hand-overs leave behind. They are written by `Store.commit`, with their connection."""

    def get_handover(self, handover_id: str) -> Handover:
        """Raises NotFound."""

    def list_handovers(self, connection_id: str) -> Sequence[Handover]:
        """Return the connection's hand-overs, oldest first: of many, only HANDOVERS_LISTED.

        Those that are not revoked come before the others, and those that end later before those that end sooner. So
        all that are open are among them.
        """


class QueueStore(Protocol):
    """Which connection is verified next and by whom, and which workers are alive. Nothing here is a new version."""

    def note_watched(self, connection_id: str, *, at: datetime) -> None:
        """Somebody is looking: remember it, and bring a scheduled check forward to now."""

    def reschedule(self, connection: Connection, *, check_at: datetime | None, attempts: int) -> None:
        """Put off the next check and end the lease.

        Raises ConcurrentChange if the row is at another version, or somebody has claimed it since.
        """

    def release(self, connection_id: str, *, round: int) -> None:
        """End the lease of that round, unless somebody has claimed the row since, and change nothing else."""

    def claim_due(self, *, now: datetime, lease: timedelta) -> Connection | None:
        """Lease a due connection, or return None. Each lease is a new round.

        Tenants take turns; of one tenant's connections, the one that has been due longest comes first. While others
        wait, no tenant has more than two leased. A lease that ends later than any can is none: the clock was set back.
        """

    def claim(self, connection_id: str, *, now: datetime, lease: timedelta) -> Connection | None:
        """Lease this one, due or not; None while somebody else holds it."""

    def waiting_since(self, *, now: datetime, lease: timedelta) -> datetime | None:
        """Return since when the due connection waits that nobody has claimed for longest, or None if none waits."""

    def beat(self, *, worker: str, at: datetime, finding_code: str = "") -> None:
        """Say that this worker is alive, and what it finds wrong with its own AWS identity, if anything.

        Forgets workers that were not heard of for a day, and beats from the future: the clock was set back.
        """

    def last_beat(self) -> datetime | None:
        """Return when a worker last said that it is alive."""

    def vendor_finding_code(self) -> str:
        """Return what the worker that was last heard of finds wrong with its own AWS identity, or an empty string."""


class StackStore(Protocol):
    """What stacks that report back leave behind. It is written by `Store.commit`, with their connection."""

    def find_connection(self, external_id: ExternalId) -> Connection:
        """Return the connection that this external ID was issued to. Raises NotFound."""

    def reported_stacks(self, connection_id: str) -> Sequence[ReportedStack]:
        """Return the stacks that reported to this connection, the first to begin first."""

    def find_handled(self, connection_id: str, stack_id: StackId, request_id: str) -> HandledEvent | None:
        """Return the event as it was handled, or None if it comes for the first time, or after seven days."""

    def count_handled(self, connection_id: str, *, since: datetime, stack_id: StackId | None = None) -> int:
        """Return how many events of the connection's stacks, or of that one, were handled since then."""


class CallbackQueueStore(Protocol):
    """How reading the queues of the callback goes, region by region. The receiver writes it."""

    def note_queue(self, region: str, *, at: datetime, finding_code: str = "") -> None:
        """Say that the queue of the region was read, or what is wrong with it."""

    def note_unknown_host(self, region: str, *, host: str, at: datetime) -> None:
        """Keep the host that an event named instead of CloudFormation's; only the last one is kept."""

    def queue_states(self) -> Sequence[QueueState]:
        """Return what was noted, by region: those of regions that are no longer served, too."""


class Store(PortalStore, HandoverStore, QueueStore, StackStore, CallbackQueueStore, Protocol):
    """Every row there is. Each write that anybody can see carries its event, in the same transaction."""

    def add_tenant(self, tenant: Tenant, event: Event) -> Tenant:
        """Return the tenant with that reference, and add this one if there is none."""

    def get_tenant(self, tenant_id: str) -> Tenant:
        """Raises NotFound."""

    def find_tenant(self, reference: str) -> Tenant:
        """Raises NotFound."""

    def list_tenants(self) -> Sequence[Tenant]:
        """Return every tenant, oldest first."""

    def set_embed_origins(self, tenant_id: str, origins: Sequence[Origin], event: Event) -> Tenant:
        """Replace the tenant's own embed origins, and return the tenant. Raises NotFound."""

    def set_brand(self, tenant_id: str, brand: TenantBrand, event: Event) -> Tenant:
        """Replace the tenant's own brand, and return the tenant. Raises NotFound."""

    def add_invite(self, invite: Invite, event: Event) -> None: ...

    def get_invite(self, invite_id: str) -> Invite:
        """Raises NotFound."""

    def list_invites(self) -> Sequence[Invite]: ...

    def revoke_invite(self, invite_id: str, event: Event) -> None:
        """Raises NotFound."""

    def add_connection(
        self, connection: Connection, event: Event, *, most_unfinished: int = UNFINISHED_PER_TENANT
    ) -> Connection:
        """Add the connection and return it. A tenant has one draft that nobody touched: then return that instead.

        Of any number who start one at once, one adds it. Raises TooManyUnfinished if that many are drafts, waited for
        or rejected.
        """

    def get_connection(self, connection_id: str) -> Connection:
        """Raises NotFound."""

    def list_connections(self, tenant_id: str | None = None) -> Sequence[Connection]:
        """Return one tenant's connections, or everybody's, oldest first."""

    def commit(
        self,
        old: Connection,
        new: Connection,
        event: Event,
        verification: Verification | None = None,
        handover: Handover | None = None,
        *,
        report: StackReport | None = None,
    ) -> Connection:
        """Write `new` if the row is still at `old.version`, with its event, in one transaction; return it as stored.

        A verification is kept with it; a hand-over of the connection is added or updated; so is what a stack reported,
        which raises ConcurrentChange if that event was handled meanwhile.

        A worker's commit ends its lease. A tenant's does not, since a verification can be under way.

        Raises ConcurrentChange when the race is lost or, for a worker, somebody has claimed the row since;
        AlreadyConnected when the tenant has that account already; TooManyUnfinished when an expired connection would
        begin again beside as many unfinished ones as a tenant can have.
        """

    def issue(
        self,
        external_id: ExternalId,
        connection_id: str,
        *,
        at: datetime,
        event: Event,
        most: int = ISSUES_PER_CONNECTION,
    ) -> IssuedId:
        """Keep an external ID as issued to the connection, for good. If it has `most` already, return its newest."""

    def issued(self, connection_id: str) -> Sequence[IssuedId]:
        """Return the connection's external IDs, oldest first."""

    def last_verification(self, connection_id: str) -> Verification | None: ...

    def events(self, connection_id: str | None = None) -> Sequence[Event]:
        """Return the audit record of one connection, or all of it, oldest first."""

    def has_proof_since(self, at: datetime, *, besides: str) -> bool:
        """Whether a role of another connection than `besides` was proved since then."""
