"""The receiver: reads what tenants' stacks report, region by region, until it is told to stop.

A message is deleted only after its event was handled and its answer sent. Whatever goes wrong before, it comes again,
and is answered the same. So nothing is lost when this process dies at any moment.
Nobody can slow down anybody else. Each region has threads of its own, so a queue or a bucket that hangs delays its own
region alone. Events of strangers, and those of a connection that floods us, go through a narrow lane.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from queue import Full, Queue

from onboarding.callback.event import EventRefused, StackEvent, parse_event
from onboarding.callback.hourly import Hourly
from onboarding.callback.queues import QueuedEvent, QueueUnread, StackAnswers, StackQueue
from onboarding.callback.topics import CallbackTopics
from onboarding.ports import Clock, ConcurrentChange, NotFound, Store
from onboarding.receiving.receiver import Heard, Receiver

log = logging.getLogger("rolecall.receiver")

WAIT_SECONDS = 20
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
NOTE_SECONDS = 60.0
# How many events of a region are handled at once: a hundred Creates at once are answered within seconds.
THREADS = 16
NARROW_THREADS = 2
NARROW_PLACES = 200
PER_CONNECTION = 4
# Whatever has waited so long here comes again before it could be answered (the queue hides it for 30 seconds).
STALE_SECONDS = 12.0
STOP_SECONDS = 1.5

Job = Callable[[], None]


class Lane:
    """Does jobs, so many at once, in daemon threads that it starts when they are needed."""

    def __init__(self, name: str, *, threads: int, places: int) -> None:
        self._name = name
        self._threads = threads
        self._jobs: Queue[Job] = Queue(places)
        self._started = 0
        self._lock = threading.Lock()

    def offer(self, job: Job, *, seconds: float = 0) -> bool:
        """Take the job, waiting so long for a place. Return whether there was one."""
        try:
            self._jobs.put(job, block=seconds > 0, timeout=seconds)
        except Full:
            return False
        with self._lock:
            if self._started < self._threads:
                self._started += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return True

    def _work(self) -> None:
        while True:
            self._jobs.get()()


class QueueReader:
    """Reads every queue in a thread of its own until `stop` is set. The threads end with the process.

    What `handler` makes of an event goes out through `answers`. The store keeps how reading each queue goes.
    """

    def __init__(
        self,
        *,
        queues: Sequence[StackQueue],
        handler: Receiver,
        answers: StackAnswers,
        store: Store,
        clock: Clock,
        topics: CallbackTopics,
        stop: threading.Event,
    ) -> None:
        self.queues = queues
        self.handler = handler
        self.answers = answers
        self.store = store
        self.clock = clock
        self.topics = topics
        self.stop = stop
        self._narrow = Lane("narrow lane", threads=NARROW_THREADS, places=NARROW_PLACES)
        # Apart, since strangers choose the hosts: they could keep everything else from being said.
        self._told, self._refusals_told = Hourly(), Hourly()
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to read."""
        for queue in self.queues:
            threading.Thread(target=self._read, args=[queue], name=f"queue {queue.region}", daemon=True).start()

    def finish(self) -> None:
        """Wait a moment for what is under way. What is not finished then comes again."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way.total(), timeout=STOP_SECONDS)

    def _read(self, queue: StackQueue) -> None:
        """Receive and hand on until told to stop. After a failure, wait longer each time, a minute at most."""
        lane = Lane(f"events {queue.region}", threads=THREADS, places=THREADS)
        pause, before, noted_at = FIRST_PAUSE_SECONDS, "", -NOTE_SECONDS
        # The first look does not wait, so that `doctor` soon knows how reading goes.
        wait_seconds = 0
        while not self.stop.is_set():
            finding = self._turn(queue, lane, wait_seconds)
            wait_seconds = WAIT_SECONDS
            if finding != before or time.monotonic() - noted_at >= NOTE_SECONDS:
                self._note(queue.region, finding, is_news=finding != before)
                before, noted_at = finding, time.monotonic()
            if finding:
                self.stop.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS) if finding else FIRST_PAUSE_SECONDS

    def _turn(self, queue: StackQueue, lane: Lane, wait_seconds: int) -> str:
        """Receive once, and hand on what came. Return what is wrong with the queue, or an empty string."""
        try:
            came = queue.receive(wait_seconds)
            until = time.monotonic() + STALE_SECONDS
            for queued in came:
                self._hand_on(queue, lane, queued, until)
        except QueueUnread as unread:
            return unread.code
        except Exception:
            log.exception("receiver.crashed region=%s", queue.region)
            return "receiver_crashed"
        return ""

    def _hand_on(self, queue: StackQueue, lane: Lane, queued: QueuedEvent, until: float) -> None:
        """Give the event to a lane, or drop it if it is none."""
        try:
            event = parse_event(queued.raw, region=queue.region, topics=self.topics, sent_at=queued.sent_at)
        except EventRefused as refused:
            self._refused(queue.region, refused)
            self._delete(queue, queued)
            return
        if self._is_favoured(event):
            # Wait for a place, as long as these messages stay hidden: SQS keeps the others meanwhile.
            places, seconds = lane, max(0.0, until - time.monotonic())
        else:
            places, seconds = self._narrow, 0.0
        self._count(event, 1)
        if not places.offer(partial(self._do, queue, queued, event, until), seconds=seconds):
            self._count(event, -1)
            if self._is_news(f"left {queue.region}"):
                log.warning("callback.left region=%s", queue.region)

    def _is_favoured(self, event: StackEvent) -> bool:
        """Whether we issued this external ID, and its connection does not keep us busy already."""
        if self._under_way[event.external_id] >= PER_CONNECTION:
            return False
        try:
            self.store.find_connection(event.external_id)
        except NotFound:
            return False
        return True

    def _do(self, queue: StackQueue, queued: QueuedEvent, event: StackEvent, until: float) -> None:
        try:
            if time.monotonic() < until and not self.stop.is_set():
                self._handle(queue, queued, event)
        except ConcurrentChange:
            # Others kept writing to the same connection. The event comes again.
            log.info("callback.postponed region=%s stack=%s", queue.region, event.stack_id)
        except Exception:
            # It comes again, and after some times goes to the dead letters.
            log.exception("callback.crashed region=%s stack=%s", queue.region, event.stack_id)
        finally:
            self._count(event, -1)

    def _handle(self, queue: StackQueue, queued: QueuedEvent, event: StackEvent) -> None:
        heard = self.handler.handle(event)
        self._tell(queue.region, event, heard)
        if heard.reply is None or self.answers.send(heard.reply.response_url, heard.reply.body):
            self._delete(queue, queued)

    def _tell(self, region: str, event: StackEvent, heard: Heard) -> None:
        if heard.connection_id and (heard.result != "too_many" or self._is_news(f"too_many {heard.connection_id}")):
            log.info(
                "callback.heard result=%s request=%s stack=%s connection=%s",
                heard.result,
                event.request_type.value,
                event.stack_id,
                heard.connection_id,
            )
        elif not heard.connection_id and self._is_news(f"{heard.result} {region}"):
            if heard.result == "too_late":
                log.warning("callback.too_late region=%s", region)
            else:
                log.warning("callback.not_ours region=%s", region)

    def _delete(self, queue: StackQueue, queued: QueuedEvent) -> None:
        try:
            queue.delete(queued.receipt)
        except QueueUnread as unread:
            if self._is_news(f"undeleted {queue.region} {unread.code}"):
                log.warning("callback.undeleted region=%s finding=%s", queue.region, unread.code)

    def _is_news(self, thing: str) -> bool:
        """Whether this was not said within the hour: strangers could cause it without end."""
        return self._told.is_new(thing, at=self.clock.elapsed())

    def _count(self, event: StackEvent, by: int) -> None:
        with self._changed:
            self._under_way[event.external_id] += by
            # Only what is under way is remembered: strangers have ever new IDs.
            if not self._under_way[event.external_id]:
                del self._under_way[event.external_id]
            self._changed.notify_all()

    def _refused(self, region: str, refused: EventRefused) -> None:
        if self._refusals_told.is_new(f"{region} {refused.code} {refused.host}", at=self.clock.elapsed()):
            log.warning("callback.refused region=%s reason=%s host=%s", region, refused.code, refused.host or "-")
            if refused.host:
                self.store.note_unknown_host(region, host=refused.host, at=self.clock.now())

    def _note(self, region: str, finding: str, *, is_news: bool) -> None:
        if is_news:
            log.warning("receiver.queue region=%s finding=%s", region, finding or "-")
        try:
            self.store.note_queue(region, at=self.clock.now(), finding_code=finding)
        except Exception:
            log.exception("receiver.note_failed region=%s", region)
