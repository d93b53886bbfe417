"""Stacks that report to a connection, and what the live panel then shows, for the tests of the pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from onboarding.callback.stacks import StackPhase
from onboarding.model import Connection
from store.sqlite import SqliteStore
from tests.builders import ACCOUNT, STACK, a_report, a_reported_stack, an_event
from tests.fakes import HandClock
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import document

PLAIN = "https://northwind-templates.s3.us-east-1.amazonaws.com/plain-0a1b.yaml"
WITH_CALLBACKS = {"callback_regions": ("us-east-1",), "plain_template_url": PLAIN}


@dataclass
class Reports:
    """Lets a stack of an account report its beginning or its end, now."""

    store: SqliteStore
    clock: HandClock
    numbers: count[int] = field(default_factory=count)

    def __call__(
        self, connection: Connection, account_id: str = ACCOUNT, phase: StackPhase = StackPhase.BEGUN
    ) -> Connection:
        at, stack_id = self.clock.now(), replace(STACK, account_id=account_id)
        ended_at = at if phase is StackPhase.ENDED else None
        kept = a_reported_stack(phase, stack_id=stack_id, connection_id=connection.id, begun_at=at, ended_at=ended_at)
        made = a_report(connection.id, stack_id=stack_id, request_id=f"r-{next(self.numbers)}", at=at)
        newest = self.store.get_connection(connection.id)
        event = an_event("stack.reported", connection_id=connection.id)
        return self.store.commit(newest, newest, event, report=replace(made, stack=kept))


def panel_of(visitor, connection):
    return by_id(document(visitor.get(f"/connect/{connection.id}/step/6")), "status_panel")


def items(panel):
    return [
        (item.get("data-s"), text_of(item).partition(":")[0][2:]) for item in panel.iter("li") if item.get("data-s")
    ]


def polled(visitor, panel):
    """Return the panel that a poll brings, or None if it has no news."""
    answer = visitor.get(panel.get("hx-get"), htmx=True)
    return document(answer) if answer.status_code == 200 else None
