"""The worker as a real process hears what a stack reports, and stops at once though it waits for more."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from onboarding.callback.stacks import StackPhase
from onboarding.ground.status import Status
from sandbox.aws import SandboxAws
from tests.builders import EXTERNAL_ID, NOON, a_connection, a_tenant, an_event
from tests.commands.served import APP, eventually
from tests.sandbox.callback_callers import TOPIC_ARN, CallbackVendor
from tests.stack_events import REQUEST, TOPICS, a_raw, a_stack_id
from tests.stores import a_store

pytestmark = pytest.mark.clocked

STACK_ID = a_stack_id()


@pytest.fixture
def aws():
    running = SandboxAws(stack_seconds=0.1, propagation_seconds=0)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def store(tmp_path):
    store = a_store(tmp_path / "rolecall.db")
    store.add_tenant(a_tenant(), an_event("tenant.added", connection_id=None))
    connection = a_connection(Status.WAITING, tenant_id=a_tenant().id, account_id=None, claimed_role_arn=None)
    store.add_connection(connection, an_event("connection.started"))
    store.issue(EXTERNAL_ID, connection.id, at=NOON, event=an_event("external_id.issued"))
    yield store
    store.close()


@pytest.fixture
def working(aws, env, tmp_path, store):
    """The worker, running, and the file of its log."""
    settings = {
        "ROLECALL_DATABASE_URL": f"sqlite:///{store.path}",
        "ROLECALL_CALLBACK_REGIONS": "us-east-1",
        "ROLECALL_PLAIN_TEMPLATE_URL": "https://northwind-templates.s3.amazonaws.com/plain.yaml",
        "ROLECALL_ANSWER_GATEWAY": aws.url,
        "ROLECALL_INSECURE": "yes",
        "AWS_ENDPOINT_URL": aws.url,
        **aws.vendor_credentials(),
    }
    log = tmp_path / "log"
    with log.open("w") as file:
        process = subprocess.Popen([sys.executable, str(APP), "worker"], cwd=tmp_path, env=env | settings, stderr=file)
    assert eventually(lambda: "worker.running" in log.read_text(), seconds=30), log.read_text()
    yield process, log
    process.kill()
    process.wait()


def test_it_answers_a_create_and_stops_within_two_seconds(aws, store, working):
    process, log = working
    vendor = CallbackVendor(aws)
    vendor.install()
    box = aws.custom_resources.buckets.open(stack_id=STACK_ID, logical_id=TOPICS.logical_id, request_id=REQUEST)
    vendor.sns.publish(TopicArn=TOPIC_ARN, Message=a_raw(stack_id=STACK_ID, ResponseURL=box.url))

    assert eventually(lambda: "callback.heard result=kept" in log.read_text(), seconds=20), log.read_text()
    (connection,) = store.list_connections()
    assert [s.phase for s in store.reported_stacks(connection.id)] == [StackPhase.BEGUN]
    time.sleep(0.5)
    began = time.monotonic()
    process.terminate()

    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 2
    assert "Traceback" not in log.read_text()
