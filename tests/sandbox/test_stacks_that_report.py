"""Stacks report and go on: CloudFormation, SNS, SQS and the receiver over real HTTP, with nothing in between."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from aws.clients import Clients
from aws.stack_answers import HttpsStackAnswers
from aws.stack_queue import SqsStackQueue
from onboarding.callback.stacks import StackPhase
from onboarding.ground.external_id import ExternalId, mint
from onboarding.ground.status import Status
from onboarding.model import Connection
from onboarding.receiving.receiver import Receiver
from receiver import QueueReader
from sandbox.aws import SandboxAws
from sandbox.callbacks.delivery import DeliverySettings
from store.sqlite import SqliteStore
from tests.builders import a_connection, a_tenant, a_vendor, an_event
from tests.fakes import FakeRoles
from tests.sandbox.callback_callers import TOPIC_ARN, CallbackVendor, with_callback
from tests.sandbox_callers import NAME, RIGHT, TEMPLATE, WRONG, Tenant, eventually
from tests.stack_events import REQUEST, TOPICS, a_raw, a_stack_id
from tests.stores import a_store
from wiring import SystemClock

REPORTING = (
    with_callback(TEMPLATE)
    .replace("  Callback:\n", "  Callback0a1b2c3d:\n")
    .replace("!Ref Callback,", "!Ref Callback0a1b2c3d,")
)
VENDOR = a_vendor(callback_regions=("us-east-1",), plain_template_url="https://b.s3.amazonaws.com/plain.yaml")


@pytest.fixture(scope="module")
def by_hand(running: SandboxAws) -> CallbackVendor:
    found = CallbackVendor(running)
    found.install()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = a_store(tmp_path / "rolecall.db")
    store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
    yield store
    store.close()


@pytest.fixture
def waiting(store: SqliteStore) -> Connection:
    return _waits(store, "ab12cd34", ExternalId(RIGHT))


@pytest.fixture
def listens(
    aws: SandboxAws, by_hand: CallbackVendor, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], QueueReader]]:
    """`listens()` starts the receiver as the worker does."""
    for name, value in aws.vendor_credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setattr("receiver.WAIT_SECONDS", 1)
    readers = []

    def start() -> QueueReader:
        clock = SystemClock()
        reader = QueueReader(
            queues=[SqsStackQueue(Clients(region="us-east-1"), name=VENDOR.topics.name)],
            handler=Receiver(store=store, roles=FakeRoles(), clock=clock, vendor=VENDOR),
            answers=HttpsStackAnswers(gateway=aws.url),
            store=store,
            clock=clock,
            topics=VENDOR.topics,
            stop=threading.Event(),
        )
        reader.start()
        readers.append(reader)
        return reader

    yield start
    aws.delivery.settings = DeliverySettings()
    for reader in readers:
        reader.stop.set()
        reader.finish()
    # A poll under way would take the next test's events with it. A process that ends closes its connection.
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "queue us-east-1"])
    by_hand.delete_stacks(Tenant(aws))


def _waits(store: SqliteStore, handle: str, external_id: ExternalId) -> Connection:
    connection = replace(a_connection(Status.WAITING, handle=handle, tenant_id="tenant-acme"), id=f"c-{handle}")
    store.add_connection(connection, an_event(connection_id=connection.id), most_unfinished=1_000)
    store.issue(external_id, connection.id, at=SystemClock().now(), event=an_event(connection_id=connection.id))
    return store.get_connection(connection.id)


def test_a_stack_reports_that_it_begins_and_that_it_is_gone(
    store: SqliteStore, waiting: Connection, tenant: Tenant, listens: Callable[[], QueueReader]
) -> None:
    listens()

    stack_id = tenant.create(TemplateBody=REPORTING)
    tenant.finish()
    (begun,) = store.reported_stacks(waiting.id)
    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: tenant.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE")
    (ended,) = store.reported_stacks(waiting.id)

    assert (str(begun.stack_id), begun.phase) == (stack_id, StackPhase.BEGUN)
    assert (str(ended.stack_id), ended.phase) == (stack_id, StackPhase.ENDED)


def test_a_stack_with_an_external_id_of_nobodys_is_rolled_back_with_a_reason_in_plain_words(
    store: SqliteStore, waiting: Connection, tenant: Tenant, listens: Callable[[], QueueReader]
) -> None:
    listens()

    tenant.create(WRONG, TemplateBody=REPORTING)

    tenant.finish("ROLLBACK_COMPLETE")
    assert "did not issue this External ID" in tenant.reasons()
    assert store.reported_stacks(waiting.id) == []


def test_a_stack_that_began_while_nobody_listened_is_heard_afterwards(
    store: SqliteStore, waiting: Connection, tenant: Tenant, listens: Callable[[], QueueReader]
) -> None:
    tenant.create(TemplateBody=REPORTING)
    time.sleep(1)
    assert not tenant.has_role()

    listens()

    tenant.finish()
    assert len(store.reported_stacks(waiting.id)) == 1


@pytest.mark.parametrize("delivery", [DeliverySettings(copies=3), DeliverySettings(slow_seconds=0.5)])
def test_events_that_come_late_or_several_times_are_one_event(
    delivery: DeliverySettings,
    aws: SandboxAws,
    store: SqliteStore,
    waiting: Connection,
    tenant: Tenant,
    listens: Callable[[], QueueReader],
) -> None:
    aws.delivery.settings = delivery
    listens()

    tenant.create(TemplateBody=REPORTING)
    tenant.finish()
    tenant.cloudformation.delete_stack(StackName=NAME)
    eventually(lambda: not tenant.cloudformation.describe_stacks()["Stacks"])

    (stack,) = store.reported_stacks(waiting.id)
    assert stack.phase is StackPhase.ENDED
    kinds = [event.kind for event in store.events(waiting.id) if event.kind.startswith("stack.")]
    assert kinds == ["stack.begun", "stack.ended"]


@pytest.mark.clocked
def test_a_hundred_creates_at_once_are_each_answered_within_ten_seconds(
    aws: SandboxAws, by_hand: CallbackVendor, store: SqliteStore, listens: Callable[[], QueueReader]
) -> None:
    """From the topic to the address of the answer. A hundred whole stacks at once would measure moto."""
    boxes = {}
    for number in range(100):
        external_id = mint(prefix="northwind", handle=f"{number:08}")
        _waits(store, f"{number:08}", external_id)
        stack_id = a_stack_id(name=f"northwind-{number:08}")
        box = aws.custom_resources.buckets.open(stack_id=stack_id, logical_id=TOPICS.logical_id, request_id=REQUEST)
        boxes[a_raw(stack_id=stack_id, external_id=external_id, ResponseURL=box.url)] = box
    listens()
    began, took, answers = time.monotonic(), [], []

    def ask(raw: str) -> None:
        by_hand.sns.publish(TopicArn=TOPIC_ARN, Message=raw)
        answers.append(boxes[raw].take(seconds=30, stop=threading.Event()))
        took.append(time.monotonic() - began)

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(ask, boxes))

    took.sort()
    print(f"p50 {took[50]:.2f} s, p95 {took[94]:.2f} s, last {took[-1]:.2f} s")
    assert [json.loads(answer or b"{}").get("Status") for answer in answers] == ["SUCCESS"] * 100
    assert took[94] < 10
