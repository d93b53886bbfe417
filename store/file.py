"""One SQLite file through sqlite-utils, with a write-ahead log and a connection for each thread."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from onboarding.model import Event
from onboarding.ports import NotFound
from store.rows import Row, iso, to_row
from store.schema import migrations

_BUSY_SECONDS = 10.0
_PAUSE_SECONDS = 0.02


class SqliteFile:
    """What the classes for the tables share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def migrate(self) -> None:
        """Create the file and its folder if they are missing, and bring the tables up to date."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._enable_wal()
        # Web server and worker start together: the second waits here, then finds the tables up to date.
        with self._db.conn:
            self._db.execute("begin immediate")
            migrations.apply(self._db)

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "db"):
            self._local.db.close()
            del self._local.db

    @property
    def _db(self) -> Database:
        if not hasattr(self._local, "db"):
            # With a long busy time-out, writers wait for each other instead of failing.
            self._local.db = Database(sqlite3.connect(self.path, timeout=_BUSY_SECONDS))
            self._local.db.execute("pragma foreign_keys = on")
        return self._local.db  # type: ignore[no-any-return]

    def _enable_wal(self) -> None:
        """Switch on the write-ahead log. SQLite does not wait for other connections here, so we do."""
        for _ in range(int(_BUSY_SECONDS / _PAUSE_SECONDS)):
            try:
                return self._db.enable_wal()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                time.sleep(_PAUSE_SECONDS)
        return self._db.enable_wal()

    def _insert(self, table: str, row: dict[str, Any], *, unless_known: bool = False) -> bool:
        """Add the row, and return whether it was added. With `unless_known`, a row that is there already stays."""
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        verb = "insert or ignore" if unless_known else "insert"
        return self._execute(f"{verb} into {table} ({names}) values ({values})", row).rowcount > 0

    def _revoke(self, table: str, row_id: str, event: Event) -> None:
        """Set when the row was revoked, unless it is revoked already. Raises NotFound."""
        with self._db.atomic():
            sql = f"update {table} set revoked_at = coalesce(revoked_at, ?) where id = ?"
            if not self._execute(sql, [iso(event.at), row_id]).rowcount:
                raise NotFound(row_id)
            self._add_event(event)

    def _add_event(self, event: Event) -> None:
        self._insert("events", to_row(event))

    def _one(self, sql: str, values: Any = ()) -> Row:
        rows = self._all(sql, values)
        if not rows:
            raise NotFound(str(values))
        return rows[0]

    def _all(self, sql: str, values: Any = ()) -> list[Row]:
        return self._execute(sql, values).fetchall()

    def _execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        cursor = self._db.execute(sql, values)
        cursor.row_factory = sqlite3.Row
        return cursor
