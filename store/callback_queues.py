"""How reading the queues of the callback goes, on SQLite: one row for each region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from onboarding.callback.queues import QueueState
from store.file import SqliteFile
from store.rows import iso, time_of


class CallbackQueueTables(SqliteFile):
    """onboarding.ports.CallbackQueueStore on one SQLite file."""

    def note_queue(self, region: str, *, at: datetime, finding_code: str = "") -> None:
        with self._db.atomic():
            self._execute(
                "insert into callback_queues (region, read_at, finding) values (?, ?, ?) on conflict do update "
                "set read_at = excluded.read_at, finding = excluded.finding",
                [region, iso(at), finding_code],
            )

    def note_unknown_host(self, region: str, *, host: str, at: datetime) -> None:
        with self._db.atomic():
            self._execute(
                "insert into callback_queues (region, unknown_host, unknown_host_at) values (?, ?, ?) "
                "on conflict do update set unknown_host = excluded.unknown_host, "
                "unknown_host_at = excluded.unknown_host_at",
                [region, host, iso(at)],
            )

    def queue_states(self) -> Sequence[QueueState]:
        return [
            QueueState(
                region=r["region"],
                read_at=time_of(r["read_at"]) if r["read_at"] else None,
                finding_code=r["finding"],
                unknown_host=r["unknown_host"],
                unknown_host_at=time_of(r["unknown_host_at"]) if r["unknown_host_at"] else None,
            )
            for r in self._all("select * from callback_queues order by region")
        ]
