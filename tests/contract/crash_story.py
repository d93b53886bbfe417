"""One connection's whole story, told by people who start over where they were when the machine died.

It is run in a process of its own, which kills itself just before its n-th statement that writes. AWS is another
machine: what was made there, and what a person has seen on the screen, outlives the crash in a file beside the store.
"""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from onboarding.entry.invites import Invites
from onboarding.ground.status import Status
from onboarding.model import Connection, Flow
from onboarding.service import Onboarding
from onboarding.verification import Verifier
from store.sqlite import SqliteStore
from tests.builders import ACCOUNT, NOON, a_vendor
from tests.deployed import an_agreement
from tests.fakes import FakeRoles, HandClock

LEASE = timedelta(seconds=60)
# Not `begin`: dying before it leaves the very file that dying before the first write after it leaves.
WRITES = re.compile(r"\s*(commit|insert|update|delete|create|alter)\b", re.IGNORECASE)


class Mortality:
    """Counts what this process does, and kills it just before the n-th act."""

    def __init__(self, dies_at: int | None) -> None:
        self._left = dies_at

    def act(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(SqliteStore):
    """The store as it is; each statement that writes is an act."""

    def __init__(self, path: Path, act: Callable[[], None]) -> None:
        super().__init__(path)
        self._act = act

    @property
    def _db(self) -> Database:
        is_new = not hasattr(self._local, "db")
        db = super()._db
        if is_new:
            db.conn.set_trace_callback(lambda statement: self._act() if WRITES.match(statement) else None)
        return db


@dataclass
class Witness:
    """What outlives a crash: the stack in AWS, the external ID once pinned, and the newest version anybody saw."""

    path: Path
    stack: str | None = None
    pinned: str | None = None
    version: int = 0
    lives: int = 0
    _known: tuple[str, ...] = field(default=("stack", "pinned", "version", "lives"), repr=False)

    @classmethod
    def read(cls, path: Path) -> Witness:
        return cls(path, **json.loads(path.read_text())) if path.exists() else cls(path)

    def saw(self, connection: Connection) -> Connection:
        """Somebody has this on the screen: from now on it must never be otherwise."""
        self.version = max(self.version, connection.version)
        self.pinned = self.pinned or connection.pinned_external_id
        self.write()
        return connection

    def write(self) -> None:
        self.path.write_text(json.dumps({name: getattr(self, name) for name in self._known}))


def live(folder: Path, *, flow: Flow, dies_at: int | None) -> int:
    """Tell the story in a new process and return its exit code, -9 if it was killed."""
    return in_a_new_process(lambda: _tell(folder, flow=flow, dies_at=dies_at))


def in_a_new_process(tell: Callable[[], None]) -> int:
    """Call it in a new process and return the exit code, -9 if it was killed."""
    # sqlite-utils looks for its plugins on the first use in a process: once here, instead of once in every life.
    Database(memory=True).close()
    pid = os.fork()
    if pid == 0:
        code = 1
        # A collection would touch, and so copy, every page of the process that this one came from.
        gc.disable()
        try:
            tell()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _tell(folder: Path, *, flow: Flow, dies_at: int | None) -> None:
    witness = Witness.read(folder / "witness.json")
    witness.lives += 1
    witness.write()
    store = MortalStore(folder / "rolecall.db", Mortality(dies_at).act)
    # Every life begins an hour later than the one before: a dead worker's lease has run out by then.
    clock, aws = HandClock(NOON + timedelta(hours=witness.lives)), FakeRoles()
    store.migrate()
    onboarding = Onboarding(store=store, clock=clock, vendor=a_vendor())
    connection = witness.saw(_begin(store, clock, onboarding))
    if not connection.is_connected:
        _click_through(onboarding, witness, connection.id, flow=flow)
    _work(store, clock, aws, witness, connection.id)


def _begin(store: SqliteStore, clock: HandClock, onboarding: Onboarding) -> Connection:
    """The operator invites where nobody is invited yet; the tenant goes on with the connection in their list."""
    invites = Invites(store=store, clock=clock, secret_key="a-key-for-tests-0123456789abcdef")
    known = store.list_invites()
    invite = known[0] if known else invites.invite(name="Acme", reference="acme", lifetime=timedelta(days=7))
    _, tenant = invites.open(invites.token(invite))
    mine = store.list_connections(tenant.id)
    return mine[0] if mine else onboarding.start_connection(tenant.id)


def _click_through(onboarding: Onboarding, witness: Witness, connection_id: str, *, flow: Flow) -> None:
    """Everything again that a person would do again; the stack they make once."""
    connection = witness.saw(onboarding.store.get_connection(connection_id))
    if flow is Flow.PAGE_BY_PAGE:
        shown = onboarding.show_external_id(connection)
        witness.saw(onboarding.pin_external_id(connection_id, external_id=shown.external_id))
    connection = witness.saw(onboarding.launch(connection_id, flow=flow, region="us-east-1"))
    if witness.stack is None:
        witness.stack = onboarding.show_external_id(connection).external_id
        witness.write()
    witness.saw(onboarding.submit_account(connection_id, raw_account_id=ACCOUNT))
    onboarding.look(onboarding.store.get_connection(connection_id))


def _work(store: SqliteStore, clock: HandClock, aws: FakeRoles, witness: Witness, connection_id: str) -> None:
    """Do the worker's rounds; the role spreads after the first two of them."""
    verifier = Verifier(store=store, roles=aws, clock=clock, agreement=an_agreement(), jitter=lambda: 0.5)
    for turn in range(10):
        store.beat(worker="w", at=clock.now())
        if turn == 2 and witness.stack is not None:
            claimed = store.get_connection(connection_id).claimed_role_arn
            aws.accepts_only(claimed, witness.stack)
        if due := store.claim_due(now=clock.now(), lease=LEASE):
            witness.saw(verifier.verify(due))
        if witness.saw(store.get_connection(connection_id)).status is Status.CONNECTED:
            return
        clock.forward(seconds=1)
    raise AssertionError(f"not connected: {store.get_connection(connection_id)}")
