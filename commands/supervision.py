"""Starts a child process again if it dies, and stops a process whose parent has died."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger("rolecall.serve")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# After this long the child counts as healthy, and the pause starts over.
SOUND_AFTER_SECONDS = 60.0
# For all children together: longer than the longest verification (worker.py), shorter than systemd waits by default.
STOP_SECONDS = 75.0
LOOK_FOR_PARENT_SECONDS = 0.5
ORPHAN_SECONDS = 3.0


class Supervised:
    """One child process, which runs from `start` until it is told to stop."""

    def __init__(self, name: str, command: Sequence[str], *, env: Mapping[str, str], fds: Sequence[int] = ()) -> None:
        """Prepare the command, which gets this environment and these open files. The log calls it by its name."""
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.fds = tuple(fds)
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="supervision", daemon=True)

    def start(self) -> None:
        """Start the child, and start it again whenever it dies. Raises OSError if it cannot be started at all."""
        self._spawn()
        self._keeper.start()

    def tell_to_stop(self) -> None:
        """Tell the child to stop, and start it no more."""
        self._stopping.set()
        with self._starting:
            if self._child is not None:
                self._child.terminate()

    def end(self, *, by: float) -> None:
        """Wait, until that time of the monotonic clock, for the child to finish what is under way. Then kill it."""
        child = self._child
        if child is None:
            return
        try:
            child.wait(max(0.0, by - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process.killed name=%s pid=%s", self.name, child.pid)
            child.kill()
            child.wait()

    def _keep(self) -> None:
        deaths = 0
        while self._child is not None:
            born = time.monotonic()
            code = self._child.wait()
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - born > SOUND_AFTER_SECONDS else deaths
            pause = min(FIRST_PAUSE_SECONDS * 2**deaths, LONGEST_PAUSE_SECONDS)
            deaths += 1
            log.warning("process.died name=%s code=%s restarting_in_seconds=%.1f", self.name, code, pause)
            if self._stopping.wait(pause):
                return
            try:
                self._spawn()
            except OSError as error:
                # No memory, for example. The dead child is found dead once more, so this is tried again after a pause.
                log.warning("process.not_started name=%s error=%s", self.name, error.strerror)

    def _spawn(self) -> None:
        with self._starting:
            if not self._stopping.is_set():
                # In its own session, so that Ctrl-C reaches only the parent, which then stops the child.
                self._child = subprocess.Popen(
                    self.command,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    pass_fds=self.fds,
                )
                log.info("process.started name=%s pid=%s", self.name, self._child.pid)


def stop_together(*children: Supervised) -> None:
    """Tell all of them to stop, and wait until they have finished what is under way. Kill who takes too long."""
    for child in children:
        child.tell_to_stop()
    give_up_at = time.monotonic() + STOP_SECONDS
    for child in children:
        child.end(by=give_up_at)


def stop_with_parent(parent_pid: int, *, stop: Callable[[], None]) -> None:
    """Call `stop` when the parent is gone, and end this process soon after, finished or not.

    Otherwise it would keep its port or its leases, with nobody to stop it. Unfinished work is claimed again.
    """

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(LOOK_FOR_PARENT_SECONDS)
        log.warning("process.orphaned parent=%s", parent_pid)
        stop()
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
