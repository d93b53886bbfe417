"""The worker: claims due connections, verifies them, until told to stop.

Several at once on a bounded number of threads, so that one account which hangs delays nobody. Verifying is a
lease on a row: a worker that dies mid-way loses it, and the row is claimed again when the lease has run out.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from onboarding.model import Connection
from onboarding.ports import Clock, ConcurrentChange, NotFound, Store
from onboarding.verification import Verifier

log = logging.getLogger("rolecall.worker")

THREADS = 8
IDLE_SECONDS = 0.2
BEAT_SECONDS = 5.0
OWN_IDENTITY_SECONDS = 60.0
# Longer than one round can take: five slow calls to STS, then the self-report (REPORT_SECONDS and one call beyond).
LEASE = timedelta(seconds=120)


class Worker:
    """Runs until `stop` is set. `name` tells workers apart in the store.

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
        self._finding = ""
        self.stop = threading.Event()
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self) -> None:
        """Claim and verify until told to stop; then finish what is under way."""
        free = threading.BoundedSemaphore(self.threads)
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heart.start()
        threading.Thread(target=self._look_at_self, name="own identity", daemon=True).start()
        try:
            with ThreadPoolExecutor(self.threads, thread_name_prefix="verify") as pool:
                while not self.stop.is_set():
                    if not free.acquire(timeout=IDLE_SECONDS):
                        continue
                    connection = self._claim()
                    if connection is None:
                        free.release()
                        self.stop.wait(IDLE_SECONDS)
                        continue
                    pool.submit(self.verify, connection).add_done_callback(partial(_free, free))
        finally:
            # Stop the heartbeat if claiming fails, or /readyz would report a dead worker as healthy.
            self.stop.set()
            heart.join()

    def verify(self, connection: Connection) -> Connection | None:
        """Verify one leased connection. Returns it as it then is, or None where somebody was quicker."""
        try:
            after = self.verifier.verify(connection)
        except (ConcurrentChange, NotFound):
            # The tenant acted meanwhile: the row is due again, and what we found may be about the old claim.
            self.store.release(connection.id)
            log.info("connection.changed_meanwhile connection=%s", connection.id)
            return None
        except Exception:
            # Left leased on purpose: it comes back when the lease ends, and a bug does not spin.
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

    def _claim(self) -> Connection | None:
        return self.store.claim_due(now=self.clock.now(), lease=LEASE)

    def _beat(self) -> None:
        while True:
            try:
                self.store.beat(worker=self.name, at=self.clock.now(), finding_code=self._finding)
            except Exception:
                # The next one may come through; if none does, /readyz says so.
                log.exception("worker.beat_failed")
            if self.stop.wait(BEAT_SECONDS):
                return

    def _look_at_self(self) -> None:
        """Ask in a thread of its own: an AWS that hangs must not stop the heart."""
        while not self.stop.is_set():
            found = self.own_finding_code()
            if found != self._finding:
                log.warning("worker.own_identity finding=%s", found or "-")
            self._finding = found
            # Unsound, it is looked at as often as the heart beats: tenants are told until it is mended.
            self.stop.wait(BEAT_SECONDS if found else OWN_IDENTITY_SECONDS)


def _free(semaphore: threading.BoundedSemaphore, _: object) -> None:
    semaphore.release()
