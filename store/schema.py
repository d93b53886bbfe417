"""The tables, as migrations of sqlite-utils. Columns and ISO times are easy to read on its command line."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("rolecall")


@migrations()
def m001_start(db: Database) -> None:
    """Tenants, invites, connections, their external IDs, verifications, events and the workers' heartbeat."""
    for statement in _START:
        db.execute(statement)


@migrations()
def m002_what_the_worker_finds_of_itself(db: Database) -> None:
    """A worker's heartbeat says what is wrong with its own AWS identity, if anything."""
    db.execute("alter table workers add column finding text not null default ''")


@migrations()
def m003_portals(db: Database) -> None:
    """API keys, a portal's launches, and the sites that are allowed to frame one tenant's wizard."""
    for statement in _PORTALS:
        db.execute(statement)


@migrations()
def m004_language_of_a_launch(db: Database) -> None:
    """The language that a portal asks for."""
    db.execute("alter table portal_launches add column language text not null default ''")


@migrations()
def m005_brands(db: Database) -> None:
    """A tenant's own brand, and the theme that a portal asks for."""
    db.execute("alter table tenants add column brand text not null default '{}'")
    db.execute("alter table portal_launches add column theme text")


@migrations()
def m006_handovers(db: Database) -> None:
    """Links with which a colleague creates the role of one connection."""
    for statement in _HANDOVERS:
        db.execute(statement)


@migrations()
def m007_rounds_and_turns(db: Database) -> None:
    """Who claimed a connection last, and in which order tenants are served."""
    for statement in _ROUNDS_AND_TURNS:
        db.execute(statement)


@migrations()
def m008_handovers_that_end_last(db: Database) -> None:
    """The open hand-overs of a connection, however many were revoked."""
    db.execute("drop index handovers_of_connection")
    db.execute("create index handovers_of_connection on handovers (connection_id, (revoked_at is null), expires_at)")


@migrations()
def m009_proofs_by_time(db: Database) -> None:
    """The latest proofs, however many there are of other days."""
    db.execute("create index proofs_by_time on verifications (conclusion, finished_at, connection_id)")


@migrations()
def m010_causes_of_a_refusal(db: Database) -> None:
    """What puts the likeliest cause of a refusal first: AWS's hint, and a trust policy that was examined."""
    db.execute("alter table connections add column refusal_hint text")
    db.execute("alter table connections add column trust_fine_at text")


@migrations()
def m011_a_trust_policy_that_shuts_us_out(db: Database) -> None:
    """That a trust policy was examined which does not let us in is the likeliest cause of a refusal."""
    db.execute("alter table connections add column trust_shut_at text")


@migrations()
def m012_stacks_that_report_back(db: Database) -> None:
    """Stacks that reported back, each of their events with its answer, and which stack made a connected role."""
    for statement in _STACKS:
        db.execute(statement)


@migrations()
def m013_queues_of_the_callback(db: Database) -> None:
    """How reading the queue of each region goes, and the host that an event last named instead of CloudFormation's."""
    db.execute(
        """create table callback_queues (
            region text primary key,
            read_at text,
            finding text not null default '',
            unknown_host text not null default '',
            unknown_host_at text
        ) strict"""
    )


_STACKS = (
    "alter table connections add column stack_id text",
    "alter table connections add column stack_deleted_at text",
    "alter table connections add column is_plain integer not null default 0",
    # Anyone can send an event that names somebody else's stack, so each connection has its own record of a stack.
    """create table reported_stacks (
        connection_id text not null references connections(id),
        stack_id text not null,
        phase text not null,
        begun_at text,
        ended_at text,
        primary key (connection_id, stack_id)
    ) strict""",
    """create table stack_events (
        connection_id text not null references connections(id),
        stack_id text not null,
        request_id text not null,
        request_type text not null,
        status text not null,
        reason text not null,
        handled_at text not null,
        primary key (connection_id, stack_id, request_id)
    ) strict""",
    "create index stack_events_by_time on stack_events (connection_id, handled_at)",
)

_ROUNDS_AND_TURNS = (
    "alter table connections add column round integer not null default 0",
    "alter table tenants add column turn integer not null default 0",
    "create index connections_leased on connections (tenant_id) where lease_until is not null",
    "create index tenants_by_turn on tenants (turn)",
)

_HANDOVERS = (
    """create table handovers (
        id text primary key,
        connection_id text not null references connections(id),
        tenant_id text not null references tenants(id),
        created_at text not null,
        expires_at text not null,
        asked_by text not null,
        invite_id text references invites(id),
        api_key_id text references api_keys(id),
        opened_at text,
        asked_again_at text,
        revoked_at text
    ) strict""",
    "create index handovers_of_connection on handovers (connection_id)",
)

_PORTALS = (
    "alter table tenants add column embed_origins text not null default '[]'",
    """create table api_keys (
        id text primary key,
        name text not null,
        secret_hash text not null,
        created_at text not null,
        revoked_at text
    ) strict""",
    """create table portal_launches (
        id text primary key,
        tenant_id text not null references tenants(id),
        api_key_id text not null references api_keys(id),
        origin text not null,
        secret_hash text not null,
        created_at text not null,
        expires_at text not null,
        purpose text not null,
        account_id text,
        return_url text,
        exchanged_at text
    ) strict""",
    "create index portal_launches_by_age on portal_launches (created_at)",
)

_START = (
    """create table tenants (
        id text primary key,
        reference text not null unique,
        name text not null,
        created_at text not null
    ) strict""",
    """create table invites (
        id text primary key,
        tenant_id text not null references tenants(id),
        created_at text not null,
        expires_at text not null,
        revoked_at text
    ) strict""",
    """create table connections (
        id text primary key,
        tenant_id text not null references tenants(id),
        handle text not null unique,
        prefix text not null,
        region text not null,
        created_at text not null,
        updated_at text not null,
        status text not null,
        version integer not null,
        flow text not null,
        stack_attempt integer not null,
        account_id text,
        claimed_role_arn text,
        role_arn text,
        pinned_external_id text,
        bound_external_id text,
        finding text,
        launched_at text,
        waiting_since text,
        role_seen_at text,
        connected_at text,
        check_at text,
        attempts integer not null,
        watched_at text,
        lease_until text
    ) strict""",
    "create index connections_due on connections (check_at) where check_at is not null",
    "create index connections_of_tenant on connections (tenant_id)",
    # A tenant can connect an account only once, but two tenants can connect the same account.
    """create unique index connected_once on connections (tenant_id, account_id)
        where status in ('connected', 'degraded')""",
    """create table external_ids (
        external_id text primary key,
        connection_id text not null references connections(id),
        number integer not null,
        issued_at text not null,
        unique (connection_id, number)
    ) strict""",
    # An external ID always belongs to the same connection, so it never changes once issued, pinned or bound.
    """create trigger external_ids_never_change before update on external_ids
        begin select raise(abort, 'an issued external ID never changes'); end""",
    """create trigger external_ids_never_go before delete on external_ids
        begin select raise(abort, 'an issued external ID never goes'); end""",
    """create trigger bound_external_id_never_changes before update on connections
        when old.bound_external_id is not null and new.bound_external_id is not old.bound_external_id
        begin select raise(abort, 'a bound external ID never changes'); end""",
    """create trigger pinned_external_id_never_changes before update on connections
        when old.pinned_external_id is not null and new.pinned_external_id is not old.pinned_external_id
        begin select raise(abort, 'a pinned external ID never changes'); end""",
    """create table verifications (
        id text primary key,
        connection_id text not null references connections(id),
        started_at text not null,
        finished_at text not null,
        role_arn text not null,
        conclusion text not null,
        results text not null
    ) strict""",
    "create index verifications_of_connection on verifications (connection_id, finished_at)",
    """create table events (
        id integer primary key,
        at text not null,
        kind text not null,
        actor text not null,
        tenant_id text,
        connection_id text,
        detail text not null
    ) strict""",
    "create index events_of_connection on events (connection_id)",
    """create trigger events_never_change before update on events
        begin select raise(abort, 'events are append-only'); end""",
    """create trigger events_never_go before delete on events
        begin select raise(abort, 'events are append-only'); end""",
    """create table workers (
        worker text primary key,
        beat_at text not null
    ) strict""",
)
