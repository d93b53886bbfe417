"""The stores that keep the contract: one entry here, and every test in this folder runs on it too."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onboarding.ports import Store
from store.sqlite import SqliteStore
from tests.stores import a_store


@dataclass(frozen=True)
class Backend:
    """One database: `open` gives a store object of its own on it, as another process would have."""

    open: Callable[[], Store]
    sql: Callable[..., list[Any]]

    def at_once(self, work: Callable[[Store, int], Any], *, threads: int) -> list[Any]:
        """Run `work(store, number)` in each thread, on a store of its own, at one shot; errors are answers too."""
        shot = threading.Barrier(threads)

        def run(number: int) -> Any:
            store = self.open()
            store.list_connections()
            shot.wait()
            try:
                return work(store, number)
            except Exception as error:
                return error
            finally:
                store.close()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, range(threads)))


def sqlite(folder: Path) -> Backend:
    path = folder / "rolecall.db"
    a_store(path).close()

    def sql(statement: str, *values: Any) -> list[Any]:
        db = sqlite3.connect(path)
        try:
            with db:
                return db.execute(statement, values).fetchall()
        finally:
            db.close()

    return Backend(open=lambda: SqliteStore(path), sql=sql)


@pytest.fixture(params=[sqlite], ids=lambda make: make.__name__)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return request.param(tmp_path)


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.open()
