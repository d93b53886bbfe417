"""`callback remove` against AWS over HTTP: it looks for stacks that still need the topic."""

from __future__ import annotations

import sys
from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError

from aws.fetching import FetchResult
from onboarding.callback.stacks import StackPhase
from onboarding.callback.topics import CallbackTopics
from onboarding.ground.arn import AccountId
from onboarding.ground.status import Status
from onboarding.proof.answer import Outcome
from onboarding.stack_template.template import bake
from tests.builders import HANDLE, NOON, STACK, a_report, a_reported_stack, an_event
from tests.commands.operator import SETTINGS
from tests.commands.publishing.answers import BUCKET, PRINCIPAL, TEMPLATE

REGION = STACK.region
NAME = "rolecall-callback-northwind"
TOPICS = CallbackTopics("aws", AccountId("999988887777"), "northwind", (REGION,))
NAMED = f"connections {HANDLE} (stack {STACK.name} in account {STACK.account_id})"


@pytest.fixture
def installed(run, env):
    env |= {**SETTINGS, **env}
    env["ROLECALL_CALLBACK_REGIONS"] = f"{REGION},eu-central-1"
    env["ROLECALL_PLAIN_TEMPLATE_URL"] = env["ROLECALL_TEMPLATE_URL"]
    run("callback", "install", "--region", REGION)


def is_there():
    try:
        boto3.session.Session(region_name=REGION).client("sqs").get_queue_url(QueueName=NAME)
    except ClientError:
        return False
    return True


def reported(store, connection, *, phase=StackPhase.BEGUN, stack_id=STACK):
    report = a_report(connection.id, stack_id=stack_id)
    stack = a_reported_stack(phase, stack_id=stack_id, connection_id=connection.id)
    return store.commit(connection, connection, an_event(), report=replace(report, stack=stack))


def test_what_no_stack_names_is_removed_with_the_setting_to_make(run, installed, store):
    printed = run("callback", "remove", "--region", REGION).stdout

    assert f"Removed from {REGION}." in printed
    assert printed.splitlines()[-1] == "ROLECALL_CALLBACK_REGIONS=eu-central-1"
    assert not is_there()


def test_removing_what_is_not_there_says_so(run, installed, store):
    run("callback", "remove", "--region", REGION)

    assert f"There was none in {REGION}." in run("callback", "remove", "--region", REGION).stdout


@pytest.mark.parametrize("status", [Status.WAITING, Status.CONNECTED, Status.EXPIRED, Status.DISCONNECTED])
def test_a_stack_that_reported_and_has_not_ended_keeps_it_whatever_its_connection(
    run, installed, store, stored, status
):
    reported(store, stored(status))

    refused = run("callback", "remove", "--region", REGION, code=1).stderr

    assert NAMED in refused and "Nothing was removed" in refused
    assert is_there()


def test_a_stack_that_has_ended_does_not_keep_it(run, installed, store, stored):
    reported(store, stored(Status.WAITING), phase=StackPhase.ENDED)

    run("callback", "remove", "--region", REGION)

    assert not is_there()


def test_a_stack_in_another_region_does_not_keep_it(run, installed, store, stored):
    reported(store, stored(Status.WAITING), stack_id=replace(STACK, region="eu-central-1"))

    run("callback", "remove", "--region", REGION)


def test_the_stack_of_a_connected_role_keeps_it_though_its_report_was_lost(run, installed, store, stored):
    stored(Status.CONNECTED, stack_id=STACK)

    assert NAMED in run("callback", "remove", "--region", REGION, code=1).stderr


@pytest.mark.parametrize("values", [{"is_plain": True}, {"stack_deleted_at": NOON}], ids=["plain", "deleted"])
def test_a_stack_without_callback_or_that_is_gone_does_not_keep_it(run, installed, store, stored, values):
    stored(Status.CONNECTED, stack_id=STACK, **values)

    run("callback", "remove", "--region", REGION)


def test_a_published_template_that_names_the_topic_keeps_it(run, env, installed, store, s3):
    s3.create_bucket(Bucket=BUCKET)
    text = bake(TEMPLATE.read_text(), account_id="999988887777", principal="role/northwind-rolecall", topics=TOPICS)
    s3.put_object(Bucket=BUCKET, Key="role.yaml", Body=text.encode(), ACL="public-read")
    env["ROLECALL_TEMPLATE_URL"] = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/role.yaml"

    refused = run("callback", "remove", "--region", REGION, code=1).stderr

    assert "ROLECALL_CALLBACK_REGIONS=eu-central-1 python app.py publish" in refused
    assert is_there()


def test_what_keeps_this_machine_from_reading_the_template_keeps_it_too(run, installed, store, monkeypatch):
    unread = FetchResult(outcome=Outcome.UNREACHABLE, message="S3 does not answer.", fix="Check the network.")
    monkeypatch.setattr(sys.modules["commands.callback"], "fetch_unsigned", lambda _: unread)

    refused = run("callback", "remove", "--region", REGION, code=1).stderr

    assert "S3 does not answer. Check the network. Nothing was removed." in refused
    assert is_there()


def test_credentials_of_another_account_remove_nothing(run, installed, store, signed_in):
    signed_in("arn:aws:iam::111122223333:role/somebody")

    assert "of account 111122223333" in run("callback", "remove", "--region", REGION, code=1).stderr

    signed_in(PRINCIPAL)
    assert is_there()
