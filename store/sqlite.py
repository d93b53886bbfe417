"""The store on SQLite: tenants, invites, connections, and what is known about them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from onboarding.callback.stacks import StackReport
from onboarding.ground.external_id import ISSUES_PER_CONNECTION, ExternalId, IssuedId
from onboarding.ground.origins import Origin
from onboarding.ground.status import Status
from onboarding.look.brand import TenantBrand
from onboarding.model import Actor, Connection, Event, Handover, Invite, Tenant, Verification
from onboarding.ports import UNFINISHED_PER_TENANT, AlreadyConnected, ConcurrentChange, TooManyUnfinished
from store.callback_queues import CallbackQueueTables
from store.handovers import HandoverTables
from store.portal import PortalTables
from store.queue import QueueTables
from store.rows import (
    CONNECTION_COLUMNS,
    brand_to_json,
    connection_of,
    event_of,
    iso,
    tenant_of,
    to_row,
    value_of,
    verification_of,
)
from store.stacks import StackTables

# The queue writes these columns.
_NOT_COMMITTED = ("id", "watched_at", "round")
_UNTOUCHED = "tenant_id = :tenant_id and status = 'draft' and pinned_external_id is null"
_UNFINISHED = (
    "(select count(*) from connections where tenant_id = :tenant_id and status in ('draft', 'waiting', 'rejected'))"
)


class SqliteStore(PortalTables, HandoverTables, QueueTables, StackTables, CallbackQueueTables):
    """onboarding.ports.Store on one SQLite file."""

    def add_tenant(self, tenant: Tenant, event: Event) -> Tenant:
        with self._db.atomic():
            if self._insert("tenants", to_row(tenant), unless_known=True):
                # Behind everybody who waits: strangers who keep coming would else always come first.
                self._execute("update tenants set turn = (select max(turn) from tenants) where id = ?", [tenant.id])
                self._add_event(replace(event, tenant_id=tenant.id))
        return self.find_tenant(tenant.reference)

    def get_tenant(self, tenant_id: str) -> Tenant:
        return tenant_of(self._one("select * from tenants where id = ?", [tenant_id]))

    def find_tenant(self, reference: str) -> Tenant:
        return tenant_of(self._one("select * from tenants where reference = ?", [reference]))

    def list_tenants(self) -> Sequence[Tenant]:
        return [tenant_of(r) for r in self._all("select * from tenants order by created_at, id")]

    def set_embed_origins(self, tenant_id: str, origins: Sequence[Origin], event: Event) -> Tenant:
        with self._db.atomic():
            self._execute("update tenants set embed_origins = ? where id = ?", [json.dumps(list(origins)), tenant_id])
            tenant = self.get_tenant(tenant_id)
            self._add_event(event)
        return tenant

    def set_brand(self, tenant_id: str, brand: TenantBrand, event: Event) -> Tenant:
        with self._db.atomic():
            self._execute("update tenants set brand = ? where id = ?", [brand_to_json(brand), tenant_id])
            tenant = self.get_tenant(tenant_id)
            self._add_event(event)
        return tenant

    def add_invite(self, invite: Invite, event: Event) -> None:
        with self._db.atomic():
            self._insert("invites", to_row(invite))
            self._add_event(event)

    def get_invite(self, invite_id: str) -> Invite:
        return value_of(Invite, self._one("select * from invites where id = ?", [invite_id]))

    def list_invites(self) -> Sequence[Invite]:
        return [value_of(Invite, r) for r in self._all("select * from invites order by created_at, id")]

    def revoke_invite(self, invite_id: str, event: Event) -> None:
        self._revoke("invites", invite_id, event)

    def add_connection(
        self, connection: Connection, event: Event, *, most_unfinished: int = UNFINISHED_PER_TENANT
    ) -> Connection:
        row = to_row(connection)
        with self._db.atomic():
            # One statement looks and adds: between two, others would add theirs.
            added = self._execute(
                f"insert into connections ({', '.join(row)}) select {', '.join(f':{name}' for name in row)} "
                f"where :status <> 'draft' or not exists (select 1 from connections where {_UNTOUCHED}) "
                f"and {_UNFINISHED} < :most",
                {**row, "most": most_unfinished},
            ).rowcount
            if added:
                self._add_event(event)
                return self.get_connection(connection.id)
            # In the same transaction: after it, somebody could have launched the draft.
            started = self._all(f"select * from connections where {_UNTOUCHED} order by created_at, id limit 1", row)
        if not started:
            raise TooManyUnfinished(connection.tenant_id)
        return connection_of(started[0])

    def get_connection(self, connection_id: str) -> Connection:
        return connection_of(self._one("select * from connections where id = ?", [connection_id]))

    def list_connections(self, tenant_id: str | None = None) -> Sequence[Connection]:
        where = "" if tenant_id is None else "where tenant_id = :tenant_id"
        rows = self._all(f"select * from connections {where} order by created_at, id", {"tenant_id": tenant_id})
        return [connection_of(r) for r in rows]

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
        row = to_row(replace(new, version=old.version + 1))
        columns = ", ".join(f"{c} = :{c}" for c in CONNECTION_COLUMNS if c not in _NOT_COMMITTED)
        try:
            with self._db.atomic():
                changed = self._execute(
                    f"update connections set {columns} where id = :id and version = :old_version",
                    {**row, "old_version": old.version},
                ).rowcount
                if changed != 1:
                    raise ConcurrentChange(new.id)
                if old.status is Status.EXPIRED and new.status is Status.WAITING:
                    self._refuse_too_many(new.tenant_id)
                if event.actor is Actor.WORKER and not self._end_lease(new.id, round=old.round):
                    raise ConcurrentChange(new.id)
                if verification is not None:
                    self._insert("verifications", to_row(verification))
                if handover is not None:
                    self._put_handover(handover)
                if report is not None:
                    self._put_report(report)
                self._add_event(event)
        except sqlite3.IntegrityError as error:
            if "stack_events" in str(error):
                # Another of our threads, or another worker, handled the same event meanwhile.
                raise ConcurrentChange(new.id) from None
            if "connections.account_id" in str(error):
                raise AlreadyConnected(new.account_id) from None
            raise
        return self.get_connection(new.id)

    def _refuse_too_many(self, tenant_id: str) -> None:
        if self._one(f"select {_UNFINISHED} as count", {"tenant_id": tenant_id})["count"] > UNFINISHED_PER_TENANT:
            raise TooManyUnfinished(tenant_id)

    def issue(
        self,
        external_id: ExternalId,
        connection_id: str,
        *,
        at: datetime,
        event: Event,
        most: int = ISSUES_PER_CONNECTION,
    ) -> IssuedId:
        with self._db.atomic():
            # None ever goes, so the highest number is how many there are.
            issued = self._execute(
                "insert into external_ids (external_id, connection_id, number, issued_at) select ?, ?, so_far + 1, ? "
                "from (select coalesce(max(number), 0) as so_far from external_ids where connection_id = ?) "
                "where so_far < ?",
                [external_id, connection_id, iso(at), connection_id, most],
            ).rowcount
            if issued:
                self._add_event(event)
        newest = "select * from external_ids where connection_id = ? order by number desc limit 1"
        mine = "select * from external_ids where external_id = ?"
        return value_of(IssuedId, self._one(mine, [external_id]) if issued else self._one(newest, [connection_id]))

    def issued(self, connection_id: str) -> Sequence[IssuedId]:
        rows = self._all("select * from external_ids where connection_id = ? order by number", [connection_id])
        return [value_of(IssuedId, r) for r in rows]

    def last_verification(self, connection_id: str) -> Verification | None:
        rows = self._all(
            "select * from verifications where connection_id = ? order by finished_at desc, rowid desc limit 1",
            [connection_id],
        )
        return verification_of(rows[0]) if rows else None

    def events(self, connection_id: str | None = None) -> Sequence[Event]:
        where = "" if connection_id is None else "where connection_id = :id"
        return [event_of(r) for r in self._all(f"select * from events {where} order by id", {"id": connection_id})]

    def has_proof_since(self, at: datetime, *, besides: str) -> bool:
        rows = self._all(
            "select 1 from verifications "
            "where conclusion = 'passed' and finished_at >= ? and connection_id <> ? limit 1",
            [iso(at), besides],
        )
        return bool(rows)
