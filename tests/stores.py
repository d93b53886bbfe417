"""A store as the migrations leave it: migrated once a process, and copied for each test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from store.sqlite import SqliteStore


def a_store(path: Path) -> SqliteStore:
    """Return an empty store on a new file, with every table in place. This thread has it open already."""
    path.write_bytes(_migrated())
    store = SqliteStore(path)
    # A power cut is no part of these tests, so this thread does not wait for the disk at each commit.
    store._db.execute("pragma synchronous = off")
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
