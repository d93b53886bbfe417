"""A store as the migrations leave it: migrated once a process, and copied for each test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from store.sqlite import SqliteStore


def a_store(path: Path) -> SqliteStore:
    """Return an empty store on a new file, with every table in place."""
    path.write_bytes(_migrated())
    store = SqliteStore(path)
    assert store.list_tenants() == []
    return store


def is_open(store: SqliteStore) -> bool:
    """Return whether this thread has the store open: a test's store is, until the test ends."""
    return hasattr(store._local, "db")


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "rolecall.db")
        store.migrate()
        # The last connection that closes writes the log back into the file, so the file alone is the whole store.
        store.close()
        left = [path.name for path in Path(folder).iterdir()]
        assert left == ["rolecall.db"], left
        return store.path.read_bytes()
