"""What portals need to start the wizard: API keys, and their starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from onboarding.model import ApiKey, Event, PortalStart
from onboarding.ports import NotFound
from store.file import SqliteFile
from store.rows import iso, to_row, value_of


class PortalTables(SqliteFile):
    """onboarding.ports.PortalStore on one SQLite file."""

    def add_api_key(self, key: ApiKey, event: Event) -> None:
        with self._db.atomic():
            self._insert("api_keys", to_row(key))
            self._add_event(event)

    def get_api_key(self, key_id: str) -> ApiKey:
        return value_of(ApiKey, self._one("select * from api_keys where id = ?", [key_id]))

    def list_api_keys(self) -> Sequence[ApiKey]:
        return [value_of(ApiKey, r) for r in self._all("select * from api_keys order by created_at, id")]

    def revoke_api_key(self, key_id: str, event: Event) -> None:
        self._revoke("api_keys", key_id, event)

    def add_portal_start(self, start: PortalStart, event: Event, *, forget_before: datetime) -> None:
        with self._db.atomic():
            self._execute("delete from portal_launches where created_at < ?", [iso(forget_before)])
            self._insert("portal_launches", to_row(start))
            self._add_event(event)

    def get_portal_start(self, start_id: str) -> PortalStart:
        return value_of(PortalStart, self._one("select * from portal_launches where id = ?", [start_id]))

    def exchange_portal_start(self, start_id: str, *, secret_hash: str, purpose: str, event: Event) -> PortalStart:
        with self._db.atomic():
            won = self._execute(
                "update portal_launches set exchanged_at = :at "
                "where id = :id and secret_hash = :secret_hash and purpose = :purpose "
                "and exchanged_at is null and expires_at > :at "
                "and exists (select 1 from api_keys where id = api_key_id and revoked_at is null) returning *",
                {"id": start_id, "secret_hash": secret_hash, "purpose": purpose, "at": iso(event.at)},
            ).fetchall()
            if not won:
                raise NotFound(start_id)
            self._add_event(event)
        return value_of(PortalStart, won[0])
