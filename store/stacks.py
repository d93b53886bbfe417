"""The stacks that reported back, on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from onboarding.callback.stacks import HandledEvent, ReportedStack, StackReport
from onboarding.ground.external_id import ExternalId
from onboarding.ground.stack_id import StackId
from onboarding.model import Connection
from store.file import SqliteFile
from store.rows import connection_of, iso, reported_stack_of, to_row, value_of

# An event comes again within hours, or never.
FORGET_EVENTS_AFTER = timedelta(days=7)


class StackTables(SqliteFile):
    """onboarding.ports.StackStore on one SQLite file."""

    def find_connection(self, external_id: ExternalId) -> Connection:
        return connection_of(
            self._one(
                "select c.* from connections c join external_ids e on e.connection_id = c.id where e.external_id = ?",
                [external_id],
            )
        )

    def reported_stacks(self, connection_id: str) -> Sequence[ReportedStack]:
        sql = "select * from reported_stacks where connection_id = ? order by coalesce(begun_at, ended_at), rowid"
        return [reported_stack_of(r) for r in self._all(sql, [connection_id])]

    def find_handled(self, connection_id: str, stack_id: StackId, request_id: str) -> HandledEvent | None:
        sql = "select * from stack_events where connection_id = ? and stack_id = ? and request_id = ?"
        rows = self._all(sql, [connection_id, str(stack_id), request_id])
        return value_of(HandledEvent, rows[0]) if rows else None

    def count_handled(self, connection_id: str, *, since: datetime, stack_id: StackId | None = None) -> int:
        sql = "select count(*) as n from stack_events where connection_id = :id and handled_at >= :since"
        of_stack = " and stack_id = :stack" if stack_id else ""
        values = {"id": connection_id, "since": iso(since), "stack": str(stack_id)}
        return int(self._one(sql + of_stack, values)["n"])

    def _put_report(self, report: StackReport) -> None:
        handled = report.handled
        self._execute(
            "delete from stack_events where connection_id = ? and handled_at < ?",
            [handled.connection_id, iso(handled.handled_at - FORGET_EVENTS_AFTER)],
        )
        self._insert("stack_events", to_row(handled))
        if report.stack is not None:
            row = to_row(report.stack)
            self._execute(
                f"insert into reported_stacks ({', '.join(row)}) values ({', '.join(f':{name}' for name in row)}) "
                "on conflict do update set phase = :phase, begun_at = :begun_at, ended_at = :ended_at",
                row,
            )
