"""The queue: which connection is verified next and by whom, and which workers are alive.

A lease and a beat are times of one clock, read by another or by the same one after it was set. So each counts only
while it is plausible: a lease that ends later than any can was made before the clock was set back, and so was a beat
from the future.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from onboarding.model import Connection
from onboarding.ports import ConcurrentChange
from onboarding.schedule import CLOCKS_DIFFER_BY, LONGEST_PROOF_PAUSE, WATCHING_ENDS_AFTER
from store.file import SqliteFile
from store.rows import connection_of, iso, time_of

# While others wait, one tenant's connections are verified at most two at a time.
SHARE = 2
FORGET_WORKERS_AFTER = timedelta(days=1)

_IS_HELD = "(lease_until > :now and lease_until <= :latest_end)"
# A check that is put off longer than any was put off before the clock was set back.
_IS_DUE = (
    "(check_at <= :now or check_at > :latest_check or (check_at > :latest_proof and claimed_role_arn is not null))"
)


def _times(now: datetime, lease: timedelta) -> dict[str, str]:
    return {
        "now": iso(now),
        "until": iso(now + lease),
        "latest_end": iso(now + lease + CLOCKS_DIFFER_BY),
        "latest_proof": iso(now + LONGEST_PROOF_PAUSE),
        "latest_check": iso(now + WATCHING_ENDS_AFTER),
    }


class QueueTables(SqliteFile):
    """onboarding.ports.QueueStore on one SQLite file."""

    def note_watched(self, connection_id: str, *, at: datetime) -> None:
        with self._db.atomic():
            self._execute(
                "update connections set watched_at = :at, check_at = min(check_at, :at) where id = :id",
                {"at": iso(at), "id": connection_id},
            )

    def reschedule(self, connection: Connection, *, check_at: datetime | None, attempts: int) -> None:
        with self._db.atomic():
            changed = self._execute(
                "update connections set check_at = ?, attempts = ?, lease_until = null "
                "where id = ? and version = ? and round = ?",
                [iso(check_at) if check_at else None, attempts, connection.id, connection.version, connection.round],
            ).rowcount
        if changed != 1:
            raise ConcurrentChange(connection.id)

    def release(self, connection_id: str, *, round: int) -> None:
        with self._db.atomic():
            self._end_lease(connection_id, round=round)

    def claim_due(self, *, now: datetime, lease: timedelta) -> Connection | None:
        with_held = "select tenant_id, count(*) as held from connections where " + _IS_HELD + " group by tenant_id"
        return self._lease(
            f"id = (select c.id from connections c join tenants t on t.id = c.tenant_id "
            f"left join ({with_held}) h on h.tenant_id = c.tenant_id "
            f"where {_IS_DUE} and not coalesce({_IS_HELD}, false) "
            "order by coalesce(h.held, 0) >= :share, t.turn, c.check_at limit 1)",
            {**_times(now, lease), "share": SHARE},
        )

    def claim(self, connection_id: str, *, now: datetime, lease: timedelta) -> Connection | None:
        return self._lease("id = :id", {"id": connection_id, **_times(now, lease)})

    def waiting_since(self, *, now: datetime, lease: timedelta) -> datetime | None:
        sql = (
            f"select min(max(check_at, iif(lease_until <= :now, lease_until, check_at))) as since "
            f"from connections where check_at <= :now and not coalesce({_IS_HELD}, false)"
        )
        since = self._one(sql, _times(now, lease))["since"]
        return time_of(since) if since else None

    def beat(self, *, worker: str, at: datetime, finding_code: str = "") -> None:
        with self._db.atomic():
            self._execute(
                "delete from workers where beat_at < ? or beat_at > ?",
                [iso(at - FORGET_WORKERS_AFTER), iso(at + CLOCKS_DIFFER_BY)],
            )
            self._execute(
                "insert into workers (worker, beat_at, finding) values (?, ?, ?) on conflict do update "
                "set beat_at = excluded.beat_at, finding = excluded.finding",
                [worker, iso(at), finding_code],
            )

    def last_beat(self) -> datetime | None:
        beat_at = self._one("select max(beat_at) as beat_at from workers")["beat_at"]
        return time_of(beat_at) if beat_at else None

    def vendor_finding_code(self) -> str:
        rows = self._all("select finding from workers order by beat_at desc limit 1")
        return str(rows[0]["finding"]) if rows else ""

    def _end_lease(self, connection_id: str, *, round: int) -> bool:
        sql = "update connections set lease_until = null where id = ? and round = ?"
        return self._execute(sql, [connection_id, round]).rowcount == 1

    def _lease(self, where: str, values: Mapping[str, object]) -> Connection | None:
        """Claim by compare-and-set, so that only one of several workers gets the row; its tenant's turn is over."""
        with self._db.atomic():
            rows = self._execute(
                f"update connections set lease_until = :until, round = round + 1 where {where} "
                f"and not coalesce({_IS_HELD}, false) returning *",
                values,
            ).fetchall()
            if not rows:
                return None
            claimed = connection_of(rows[0])
            self._execute(
                "update tenants set turn = (select max(turn) from tenants) + 1 where id = ?", [claimed.tenant_id]
            )
        return claimed
