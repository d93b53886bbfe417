"""The worker: claims due connections and verifies them until it is told to stop.

It verifies several at once, so that a slow account delays no other. While a worker verifies a connection, it holds a
lease on its row. If the worker dies, the row is claimed again when the lease ends.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from onboarding.model import Connection
from onboarding.ports import Clock, ConcurrentChange, NotFound, Store
from onboarding.schedule import LEASE
from onboarding.verification import Verifier

log = logging.getLogger("rolecall.worker")

THREADS = 8
# Looking into the queue is one indexed read.
IDLE_SECONDS = 0.05
BEAT_SECONDS = 5.0
OWN_IDENTITY_SECONDS = 60.0


class Worker:
    """Runs until `stop` is set. `name` is its name in the store.

    `own_finding_code` asks AWS who we are, and returns what is wrong with that, or an empty string.
    """

    def __init__(
        self,
        *,
        store: Store,
        verifier: Verifier,
        clock: Clock,
        threads: int = THREADS,
        own_finding_code: Callable[[], str] = lambda: "",
    ) -> None:
        self.store = store
        self.verifier = verifier
        self.clock = clock
        self.threads = threads
        self.own_finding_code = own_finding_code
        self._finding_code = ""
        # When each verification that is under way began.
        self._begun: dict[tuple[str, int], float] = {}
        self.stop = threading.Event()
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self) -> None:
        """Claim and verify until told to stop, then finish what is under way."""
        free = threading.BoundedSemaphore(self.threads)
        heartbeat = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heartbeat.start()
        threading.Thread(target=self._watch_own_identity, name="own identity", daemon=True).start()
        try:
            with ThreadPoolExecutor(self.threads, thread_name_prefix="verify") as pool:
                while not self.stop.is_set():
                    if not free.acquire(timeout=IDLE_SECONDS):
                        continue
                    connection = self.store.claim_due(now=self.clock.now(), lease=LEASE)
                    if connection is None:
                        free.release()
                        self.stop.wait(IDLE_SECONDS)
                        continue
                    pool.submit(self.verify, connection).add_done_callback(lambda _: free.release())
        finally:
            # Stop the heartbeat if claiming fails, or /readyz would report a dead worker as healthy.
            self.stop.set()
            heartbeat.join()

    def verify(self, connection: Connection) -> Connection | None:
        """Verify a leased connection. Return it as it is afterwards, or None if that failed."""
        self._begun[connection.id, connection.round] = time.monotonic()
        try:
            return self._verify(connection)
        finally:
            del self._begun[connection.id, connection.round]

    def _verify(self, connection: Connection) -> Connection | None:
        try:
            after = self.verifier.verify(connection)
        except (ConcurrentChange, NotFound):
            # What the result is about has changed, so it might be about another role; or another round has begun.
            self.store.release(connection.id, round=connection.round)
            log.info("connection.changed_meanwhile connection=%s", connection.id)
            return None
        except Exception:
            # The lease stays, so that a bug is tried again only when it ends.
            log.exception("connection.verification_crashed connection=%s", connection.id)
            return None
        if after.version != connection.version:
            log.info(
                "connection.verified connection=%s status=%s finding=%s",
                after.id,
                after.status,
                after.finding_code or "-",
            )
        return after

    def _beat(self) -> None:
        while True:
            try:
                if self._is_stuck():
                    log.error("worker.stuck threads=%s", self.threads)
                else:
                    self.store.beat(worker=self.name, at=self.clock.now(), finding_code=self._finding_code)
            except Exception:
                # The next one might succeed. If none does, /readyz says so.
                log.exception("worker.beat_failed")
            if self.stop.wait(BEAT_SECONDS):
                return

    def _is_stuck(self) -> bool:
        """Whether no thread is left that gets anything done: a beat would then say that a worker is alive."""
        too_early = time.monotonic() - LEASE.total_seconds()
        return sum(begun < too_early for begun in list(self._begun.values())) >= self.threads

    def _watch_own_identity(self) -> None:
        """Ask AWS who we are from time to time, in its own thread, so that a slow AWS delays no heartbeat."""
        while not self.stop.is_set():
            found = self.own_finding_code()
            if found != self._finding_code:
                log.warning("worker.own_identity finding=%s", found or "-")
            self._finding_code = found
            # Ask more often while something is wrong, since tenants see it until it is repaired.
            self.stop.wait(BEAT_SECONDS if found else OWN_IDENTITY_SECONDS)
