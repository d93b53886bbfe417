"""A story by chance of one connection: stacks made, updated and removed, events late, twice or forged.

It is a model of AWS that knows the truth: which stack's role is there, and since when.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from onboarding.ground.refused import Refused
from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.lifecycle import IllegalTransition
from onboarding.model import Connection
from onboarding.receiving.receiver import Receiver
from onboarding.service import Onboarding
from store.sqlite import SqliteStore
from tests.builders import (
    ACCOUNT,
    EXTERNAL_ID,
    NOON,
    OTHER_ACCOUNT,
    ROLE,
    STACK,
    a_connection,
    a_tenant,
    a_vendor,
    an_event,
)
from tests.deployed import a_self_report, a_stack
from tests.fakes import FakeRoles, HandClock
from tests.stack_events import TOPICS, a_stack_event

ROLES = {ACCOUNT: ROLE, OTHER_ACCOUNT: replace(ROLE, account_id=OTHER_ACCOUNT)}
VENDOR = a_vendor(callback_regions=TOPICS.regions, plain_template_url="https://b.s3.amazonaws.com/plain.yaml")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass
class Made:
    """A stack of the tenant's: whether it reports, how far it is, and when its end was heard."""

    reports: bool
    state: str = "creating"
    end_heard_at: datetime | None = None


class Story:
    """One connection, and what goes on around it. `told` is the story so far; a broken promise fails with it."""

    def __init__(self, chance: Random, store: SqliteStore) -> None:
        self.chance, self.store, self.clock, self.aws = chance, store, HandClock(), FakeRoles()
        self.stacks: dict[StackId, Made] = {}
        # By account: the stack whose role is there, the last that was, whether AWS refuses us, since when.
        self.owner: dict[str, StackId | None] = {}
        self.maker: dict[str, StackId] = {}
        self.refuses, self.since = dict.fromkeys(ROLES, True), dict.fromkeys(ROLES, NOON)
        self.refused_meanwhile: set[bool] = set()
        self.answers: dict[str, bytes] = {}
        self.stirred_at, self.told = NOON, list[str]()
        self.heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self.number, self.is_readable = count(), chance.random() < 0.7
        self.named = {ACCOUNT} if chance.random() < 0.7 else set()
        unnamed = {} if self.named else {"account_id": None, "claimed_role_arn": None, "check_at": NOON + 7 * DAY}
        store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
        store.add_connection(a_connection(Status.WAITING, pinned_external_id=EXTERNAL_ID, **unnamed), an_event())
        store.issue(EXTERNAL_ID, "connection-1", at=NOON, event=an_event())
        desk = {"store": store, "clock": self.clock}
        self.tenant = Onboarding(**desk, vendor=VENDOR)
        self.receiver = Receiver(**desk, roles=self.aws, vendor=VENDOR)

    @property
    def connection(self) -> Connection:
        return self.store.get_connection("connection-1")

    def tell(self, *words: object) -> None:
        self.told.append(f"{self.clock.now():%d %H:%M:%S} {' '.join(map(str, words))}")

    def holds(self, kept: object, promise: str) -> None:
        assert kept, "\n".join([promise, *self.told])

    def later(self, do: Callable[[], None], *seconds: float) -> None:
        pause = self.chance.choice(seconds) * SECOND
        heapq.heappush(self.heap, (self.clock.now() + pause, next(self.number), do))

    # What the tenant does, and who forges.

    def create(self) -> None:
        account = ACCOUNT if self.chance.random() < 0.85 else OTHER_ACCOUNT
        region, unique = self.chance.choice(TOPICS.regions), f"s{len(self.stacks)}"
        stack_id = replace(STACK, region=region, account_id=account, unique=unique)
        made = self.stacks[stack_id] = Made(reports=self.chance.random() < 0.75)
        self.tell("create", unique, account, made.reports)

        def go_on(status: str = "SUCCESS") -> None:
            self.later(lambda: self._make(stack_id) if status == "SUCCESS" else self._remove(stack_id), 3, 15, 40)

        self.send("Create", stack_id, go_on) if made.reports else go_on()

    def done(self) -> list[StackId]:
        done = [s for s, made in self.stacks.items() if made.state == "done"]
        return [self.chance.choice(done)] if done else []

    def remove(self) -> None:
        for stack_id in self.done():
            self._remove(stack_id)

    def update(self) -> None:
        """As it is, or with the template of the other kind."""
        for stack_id in self.done():
            kind = self.chance.choice(("Update", "Delete")) if self.stacks[stack_id].reports else "Create"
            self.stacks[stack_id].reports = kind != "Delete"
            self.send(kind, stack_id)

    def confirm(self) -> None:
        account = self.chance.choice(list(ROLES))
        try:
            self.tenant.confirm_account("connection-1", raw_account_id=account)
        except (Refused, IllegalTransition):
            return
        self.named.add(account)
        self.stirred_at = self.clock.now()
        self.tell("confirmed", account)

    def forge(self) -> None:
        """Who knows the external ID sends events."""
        unheard = [replace(STACK, unique=f"f{n}", account_id=account) for n in range(6) for account in ROLES]
        among = self.chance.sample([*self.stacks, *unheard], 5)
        kinds = self.chance.choice((["Create"], ["Update"], ["Delete"], ["Create", "Update", "Delete"]))
        every = self.chance.choice((0.1, 3, 6, 61, 600))
        for n in range(self.chance.choice((1, 3, 12, 60))):
            kind, stack_id = self.chance.choice(kinds), self.chance.choice(among)
            self.later(lambda k=kind, s=stack_id: self.send(k, s, is_forged=True), n * every)

    # What AWS does.

    def _make(self, stack_id: StackId) -> None:
        account, role = stack_id.account_id, ROLES[stack_id.account_id]
        if self.owner.get(account):
            # A role of that name exists.
            self._remove(stack_id)
            return
        self.owner[account] = self.maker[account] = stack_id
        self.stacks[stack_id].state = "done"
        self.aws.accepts_only(role, EXTERNAL_ID)
        report = a_self_report(role, EXTERNAL_ID, stack=a_stack(role, stack_id=str(stack_id)))
        self.aws.reports(role, report if self.is_readable else replace(report, stack=None))
        self._turned(account, refuses=False)
        if self.chance.random() < 0.2:
            self.later(lambda: self._remove(stack_id), 1, 3, 30)

    def _remove(self, stack_id: StackId) -> None:
        made, account = self.stacks[stack_id], stack_id.account_id
        if made.state == "gone":
            return
        made.state = "gone"
        if self.owner.get(account) == stack_id:
            self.owner[account] = None
            self.later(lambda: self._go(account), 0, 2, 5, 300)
        if made.reports:
            self.send("Delete", stack_id)

    def _go(self, account: str) -> None:
        if self.owner[account] is None and not self.refuses[account]:
            self.aws.is_gone(ROLES[account])
            self._turned(account, refuses=True)

    def _turned(self, account: str, *, refuses: bool) -> None:
        self.tell("role", "gone" if refuses else self.owner[account].unique)
        self.refuses[account], self.since[account] = refuses, self.clock.now()
        self.refused_meanwhile.add(refuses)

    def send(self, kind: str, stack_id: StackId, then: Callable[[str], None] | None = None, *, is_forged=False) -> None:
        request_id, waiting = f"q-{next(self.number)}", [then] if then else []
        event = a_stack_event(kind, stack_id=str(stack_id), request_id=request_id)
        event = replace(event, sent_at=self.clock.now())

        def hear() -> None:
            heard = self.receiver.handle(event)
            body = heard.reply.body if heard.reply else b""
            status = json.loads(body)["Status"] if body else ""
            self.tell("heard", kind, stack_id.unique, request_id, heard.result, status)
            if heard.result == "kept" and kind != "Delete":
                self.stirred_at = self.clock.now()
            if heard.result == "kept" and kind == "Delete" and not is_forged:
                self.stacks[stack_id].end_heard_at = self.clock.now()
            if body:
                self.holds(kind != "Delete" or status == "SUCCESS", "each Delete is answered with success")
                self.holds(self.answers.setdefault(request_id, body) == body, "the same event is answered the same")
                while waiting:
                    waiting.pop()(status)

        self.later(hear, *((0,) if is_forged else (0.2, 0.5, 1, 3, 20, 100, 900)))
        if self.chance.random() < 0.3 and not is_forged:
            self.later(hear, 1000, 1300, 7000)
