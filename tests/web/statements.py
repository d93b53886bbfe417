"""What this thread asks of the database."""

from __future__ import annotations

from typing import Any, Self

from store.sqlite import SqliteStore


class Statements(list[str]):
    """Every statement sent while the block lasts, less what begins and ends a transaction.

    SQLite tells of a statement again for each trigger that it fires, so writes are counted by `rows_written`.
    """

    def __init__(self, store: SqliteStore) -> None:
        super().__init__()
        self._connection = store._db.conn

    def __enter__(self) -> Self:
        self._connection.set_trace_callback(self._note)
        return self

    def __exit__(self, *_: Any) -> None:
        self._connection.set_trace_callback(None)

    def rows_written(self) -> int:
        """Return how many rows this thread has written since it opened the database."""
        return self._connection.total_changes

    def _note(self, statement: str) -> None:
        if not statement.lower().startswith(("begin", "commit", "rollback", "savepoint", "release")):
            self.append(statement)
