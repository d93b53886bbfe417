"""Whole histories of a connection by chance: after each step, every promise is looked at."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.ports import ConcurrentChange
from onboarding.schedule import LEASE
from onboarding.verification import Verifier
from store.sqlite import SqliteStore
from tests.builders import ACCOUNT, EXTERNAL_ID
from tests.contract.receiver.story import DAY, SECOND, Story
from tests.deployed import an_agreement
from tests.soak import TIMES
from tests.stores import a_store

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# One a minute, and some soon after each of the six deletions that fit.
MOST_PROOFS_AN_HOUR = 120


class History(Story):
    """A story, with Rolecall's worker in it."""

    def __init__(self, chance: Random, store: SqliteStore) -> None:
        super().__init__(chance, store)
        self.proofs: list[datetime] = []
        # The stacks that Rolecall took for the makers of its role.
        self.seen_as_maker: set[StackId | None] = set()
        self.verifier = Verifier(
            store=store, clock=self.clock, roles=self.aws, agreement=an_agreement(), jitter=chance.random
        )

    def play(self, acts: int) -> None:
        """Act so many times with pauses between; then all settles."""
        choice = [self.create] * 3 + [self.remove] * 2 + [self.update, self.confirm, self.forge]
        self.create()
        for _ in range(acts):
            self.work(self.chance.choice((0, 1, 2, 5, 10, 60, 200, 700, 4000, 20_000, 86_000)) * SECOND)
            self.chance.choice(choice)()
        self.work(60 * HOUR)
        account = self.connection.account_id
        if account and self.connection.status is not Status.DISCONNECTED:
            status, stack = (self.connection.status is Status.CONNECTED), self.owner.get(account)
            self.holds(status is (stack is not None), "in the end it is known whether there is a role")
            self.holds(not stack or self.connection.stack_id == stack or not self.is_readable, "and whose it is")

    def work(self, span: timedelta) -> None:
        """Do what is due within the span, in its order."""
        until = self.clock.now() + span
        while True:
            connection, next_at = self.connection, self.heap[0][0] if self.heap else until + DAY
            at = min(connection.check_at or next_at, next_at)
            # A role that nobody makes is waited for in vain: that would be most of the rounds.
            is_idle = not self.heap and connection.status is Status.WAITING and all(self.refuses.values())
            if at > until or is_idle:
                self.clock.at = until
                return
            self.clock.at = max(self.clock.at, at)
            self._holds_by_now(connection)
            heapq.heappop(self.heap)[2]() if next_at <= at else self._verify(connection)

    def _verify(self, before: Connection) -> None:
        def meanwhile(_: object) -> None:
            """Events come while AWS is asked."""
            while self.heap and self.heap[0][0] <= self.clock.now() + 3 * SECOND and self.chance.random() < 0.3:
                self.aws.before_answering = lambda _: None
                heapq.heappop(self.heap)[2]()
                self.aws.before_answering = meanwhile

        claimed = self.store.claim_due(now=self.clock.now(), lease=LEASE)
        self.refused_meanwhile = {self.refuses[before.account_id or ACCOUNT]}
        self.aws.before_answering = meanwhile
        try:
            after = self.verifier.verify(claimed)
            if after.is_connected and after.version > before.version:
                self.proofs = [at for at in self.proofs if at > self.clock.now() - HOUR] + [self.clock.now()]
        except ConcurrentChange:
            self.store.release(claimed.id, round=claimed.round)
        self.aws.before_answering = lambda _: None
        after = self.connection
        if after.status is Status.CONNECTED:
            self.seen_as_maker.add(after.stack_id)
        self.holds(len(self.proofs) <= MOST_PROOFS_AN_HOUR, "a bounded number of proofs is kept")
        if after.status is not before.status:
            self.tell(before.status, after.status, after.finding_code, after.stack_id and after.stack_id.unique)
            self._holds_after(before, after)

    def _holds_after(self, before: Connection, after: Connection) -> None:
        if after.status is Status.CONNECTED:
            is_proved = False in self.refused_meanwhile and after.bound_external_id == EXTERNAL_ID
            self.holds(is_proved, "only a role that lets us in is connected")
            self.holds(after.account_id in self.named, "only an account that the tenant named is connected")
        elif before.is_connected:
            self.holds(True in self.refused_meanwhile, "a role that stays right stays connected")
        if after.status is Status.DISCONNECTED:
            is_a_day = before.stack_deleted_at and self.clock.now() - before.stack_deleted_at >= DAY
            self.holds(is_a_day, "a connection ends only a day after its stack")

    def _holds_by_now(self, connection: Connection) -> None:
        account, now = connection.account_id, self.clock.now()
        if account not in self.maker or connection.status is Status.DISCONNECTED:
            return
        is_connected, since = connection.status is Status.CONNECTED, self.since[account]
        if not self.refuses[account]:
            is_late = now > max(since, self.stirred_at) + 40 * MINUTE
            self.holds(is_connected or not is_late, "a role that answers is connected")
            return
        self.holds(not is_connected or now < since + 1.2 * DAY + 10 * MINUTE, "a role that is gone is noticed in a day")
        maker = self.maker[account]
        end_heard_at = self.stacks[maker].end_heard_at
        # Of a role that Rolecall never saw, or that cannot say what made it, the end is one of any stack.
        if end_heard_at and maker in self.seen_as_maker and self.is_readable and since - end_heard_at < 10 * MINUTE:
            soon = max(since, end_heard_at) + 65 * SECOND
            self.holds(not is_connected or now < soon, "a role that goes with its stack is lost soon")
            a_day_later = max(end_heard_at + DAY, self.stirred_at + HOUR) + HOUR
            self.holds(now < a_day_later, "a connection without a role ends after a day")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(30))
def test_whatever_stacks_do_and_whoever_reports_every_promise_is_kept(tmp_path: Path, seed: int) -> None:
    for turn in range(TIMES):
        store = a_store(tmp_path / f"{turn}.db")
        chance = Random(f"{seed}-{turn}")
        History(chance, store).play(chance.randint(1, 10))
        store.close()
