"""Forged events change nothing, and true ones give one result in any order and number (security 17 to 19)."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.callback.event import EventRefused, parse_event
from onboarding.callback.stacks import StackPhase
from onboarding.ground.stack_id import parse_stack_id
from onboarding.ground.status import Status
from onboarding.receiving.receiver import Heard, Receiver
from store.sqlite import SqliteStore
from tests.builders import EXTERNAL_ID, NOON, ROLE, a_connection, a_tenant, a_vendor, an_event
from tests.fakes import FakeRoles, HandClock
from tests.soak import TIMES
from tests.stack_events import REGION, a_document, a_raw, a_stack_id
from tests.stores import a_store

FIRST, SECOND = a_stack_id(), a_stack_id(unique="second")
VENDOR = a_vendor(callback_regions=(REGION,), plain_template_url="https://b.s3.amazonaws.com/plain.yaml")


@dataclass
class House:
    """One store with one connection, and a receiver."""

    store: SqliteStore
    receiver: Receiver

    def hears(self, raw: str, *, sent_at=NOON) -> Heard:
        try:
            event = parse_event(raw, region=REGION, topics=VENDOR.topics, sent_at=sent_at)
        except EventRefused as refused:
            return Heard(refused.code)
        return self.receiver.handle(event)

    def dump(self) -> list[str]:
        db = sqlite3.connect(self.store.path)
        lines = list(db.iterdump())
        db.close()
        return lines


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    """A folder with a store for each status; the stack of the connected one is FIRST."""
    with tempfile.TemporaryDirectory() as folder:
        for status in (Status.WAITING, Status.CONNECTED):
            store = a_store(Path(folder) / status)
            store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
            connection = a_connection(status, tenant_id=a_tenant().id)
            if status is Status.CONNECTED:
                connection = replace(connection, stack_id=parse_stack_id(FIRST))
            store.add_connection(connection, an_event("connection.started"))
            store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
            store._db.execute("pragma wal_checkpoint(truncate)")
            store.close()
        yield Path(folder)


@contextmanager
def a_house(built: Path, status: Status) -> Iterator[House]:
    """A house of its own for each example."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(shutil.copy(built / status, folder)))
        roles = FakeRoles()
        roles.accepts_only(ROLE, EXTERNAL_ID)
        yield House(store, Receiver(store=store, roles=roles, clock=HandClock(), vendor=VENDOR))
        store.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda j: st.lists(j, max_size=3) | st.dictionaries(st.text(), j, max_size=3),
    max_leaves=5,
)
# These say nothing that we go by.
OF_NO_MATTER = {"ServiceTimeout", "OldResourceProperties"}
TOP = sorted(a_document("Update").keys() - OF_NO_MATTER - {"PhysicalResourceId", "ResourceProperties"})


def altered(text: str) -> st.SearchStrategy[str]:
    """The text with one character replaced, put in or left out."""
    return st.tuples(st.integers(0, len(text) - 1), st.characters() | st.just(""), st.integers(0, 1)).map(
        lambda change: text[: change[0]] + change[1] + text[change[0] + change[2] :]
    )


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("field", [*TOP, "ExternalId", "properties.ServiceToken", "properties.StackId"])
@settings(max_examples=20 * TIMES)
@given(data=st.data())
def test_an_event_with_one_value_altered_changes_nothing(built, request_type, field, data):
    document = a_document(request_type)
    holder = document if field in TOP else document["ResourceProperties"]
    name = field.removeprefix("properties.")
    genuine = holder.get(name, document.get(name))
    value = data.draw(altered(genuine) | JSON)
    if name == "ResponseURL" and isinstance(value, str) and value.partition("?")[0] == genuine.partition("?")[0]:
        # Another signature can be as genuine; it says nothing of who is meant.
        return
    if value in (genuine, *(["Create", "Update", "Delete"] if name == "RequestType" else [])):
        return
    holder[name] = value
    with a_house(built, Status.WAITING) as house:
        before = house.dump()

        heard = house.hears(json.dumps(document))

        assert house.dump() == before
        assert heard.reply is None or (name, heard.result) == ("ExternalId", "unknown")


@given(raw=st.text() | JSON.map(json.dumps))
def test_what_is_no_event_changes_nothing(built, raw):
    with a_house(built, Status.CONNECTED) as house:
        before = house.dump()

        assert house.hears(raw).reply is None
        assert house.dump() == before


@pytest.mark.parametrize("status", [Status.WAITING, Status.CONNECTED])
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_an_event_that_has_expired_changes_nothing(built, status, request_type):
    with a_house(built, status) as house:
        before = house.dump()

        assert house.hears(a_raw(request_type), sent_at=NOON - timedelta(hours=2, seconds=1)).reply is None
        assert house.dump() == before


def told(stack_id: str) -> list[str]:
    """The life of a stack."""
    name = stack_id.rpartition("/")[2]
    return [
        a_raw(request_type, stack_id=stack_id, request_id=f"{request_type}-{name}")
        for request_type in ("Create", "Update", "Delete")
    ]


TOLD = [*told(FIRST), *told(SECOND)]
# All six, some of them once more, in any order.
ANY_ORDER = st.lists(st.sampled_from(TOLD), max_size=6).flatmap(lambda more: st.permutations([*TOLD, *more]))


@settings(max_examples=40 * TIMES)
@given(events=ANY_ORDER)
def test_while_it_waits_any_order_gives_one_result(built, events):
    with a_house(built, Status.WAITING) as house:
        bodies = {}
        for raw in events:
            bodies.setdefault(raw, set()).add(house.hears(raw).reply.body)
        (connection,) = house.store.list_connections()
        stacks = house.store.reported_stacks(connection.id)

        assert {len(said) for said in bodies.values()} == {1}
        assert {json.loads(body)["Status"] for said in bodies.values() for body in said} == {"SUCCESS"}
        assert {str(s.stack_id): s.phase for s in stacks} == dict.fromkeys((FIRST, SECOND), StackPhase.ENDED)
        assert (connection.status, connection.claimed_role_arn) == (Status.WAITING, ROLE)
        assert connection.version == 1 + len(TOLD)


@settings(max_examples=40 * TIMES)
@given(events=ANY_ORDER)
def test_once_connected_any_order_gives_one_result_and_another_stack_never_counts(built, events):
    with a_house(built, Status.CONNECTED) as house:
        answers, followed = {}, set()
        for raw in events:
            was_deleted = house.store.list_connections()[0].stack_deleted_at
            if was_deleted and raw not in answers:
                followed.add(raw)
            answers.setdefault(raw, set()).add(house.hears(raw).reply.body)
            (connection,) = house.store.list_connections()
            event = json.loads(raw)
            is_own_end = (event["RequestType"], event["StackId"]) == ("Delete", FIRST)
            assert (connection.stack_deleted_at != was_deleted) <= is_own_end
            assert str(connection.stack_id) == FIRST

        assert {len(said) for said in answers.values()} == {1}
        statuses = {raw: json.loads(next(iter(said)))["Status"] for raw, said in answers.items()}
        refused = {raw for raw, status in statuses.items() if status == "FAILED"}
        # One that is first heard of after the end of the first is no second one.
        assert refused == {raw for raw in told(SECOND) if '"Delete"' not in raw} - followed
        assert (connection.status, connection.stack_deleted_at, connection.role_arn) == (Status.CONNECTED, NOON, ROLE)


def test_a_rollback_of_a_stack_that_was_never_heard_of_is_answered_with_success(built):
    """CloudFormation rolls back with an ID of its own when the Create got no answer (security 20)."""
    with a_house(built, Status.CONNECTED) as house:
        created = house.hears(a_raw(stack_id=SECOND, request_id="c"))
        deleted = house.hears(a_raw("Delete", stack_id=SECOND, request_id="d", PhysicalResourceId="n-Callback-1A2B"))
        (connection,) = house.store.list_connections()

        assert json.loads(created.reply.body)["Status"] == "FAILED"
        assert json.loads(deleted.reply.body) | {"Reason": ""} == {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "n-Callback-1A2B",
            "StackId": SECOND,
            "RequestId": "d",
            "LogicalResourceId": a_document()["LogicalResourceId"],
        }
        assert (connection.status, connection.stack_deleted_at) == (Status.CONNECTED, None)
