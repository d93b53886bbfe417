"""The receiver, which hears events of stacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.ground.stack_id import StackId
from onboarding.ground.status import Status
from onboarding.receiving.receiver import Heard, Receiver
from tests.builders import EXTERNAL_ID, NOON, STACK, a_vendor, an_event
from tests.stack_events import a_stack_event

Hears = Callable[..., Heard]


@pytest.fixture
def hears(store, clock, aws) -> Hears:
    """`hears("Create", stack_id=STACK)`: the receiver hears such an event, sent now."""
    vendor = a_vendor(callback_regions=("eu-west-1",), plain_template_url="https://b.s3.amazonaws.com/plain.yaml")
    receiver = Receiver(store=store, roles=aws, clock=clock, vendor=vendor)

    def hear(
        request_type: str, *, stack_id: StackId = STACK, sent_ago: timedelta = timedelta(), **values: Any
    ) -> Heard:
        event = a_stack_event(request_type, stack_id=str(stack_id), **values)
        return receiver.handle(replace(event, sent_at=clock.now() - sent_ago))

    return hear


@pytest.fixture
def issued(store, stored):
    """`issued(Status.WAITING)`: a connection in that status, whose external ID is EXTERNAL_ID."""

    def write(status: Status, **values: Any):
        connection = stored(status, **values)
        store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
        return connection

    return write
