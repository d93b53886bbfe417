"""Topics, queues and what hangs on them must be made from a stack's template, and work as AWS's do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aws.callback_template import says_the_same, wanted_policies
from onboarding.stack_template.yaml_text import read_yaml
from sandbox.aws import SandboxAws
from tests.sandbox.callback_callers import (
    NAME,
    QUEUE_ARN,
    TOPIC_ARN,
    VENDORS_SIDE,
    CallbackVendor,
    with_callback,
)
from tests.sandbox_callers import TEMPLATE, Tenant, control, eventually

REPORTING = with_callback(TEMPLATE)


@pytest.fixture
def vendors_side(aws: SandboxAws) -> Iterator[CallbackVendor]:
    found = CallbackVendor(aws)
    found.install()
    yield found
    if found.sqs.list_queues().get("QueueUrls"):
        found.delete_stacks(Tenant(aws))
        found.cloudformation.delete_stack(StackName=NAME)
        eventually(lambda: found.sqs.list_queues().get("QueueUrls") is None)


def test_a_stack_makes_all_that_its_template_says(vendors_side: CallbackVendor) -> None:
    declared = {name: one.get("Properties", {}) for name, one in read_yaml(VENDORS_SIDE)["Resources"].items()}
    wanted = wanted_policies(VENDORS_SIDE, topic_arn=TOPIC_ARN, queue_arn=QUEUE_ARN)
    topic = vendors_side.sns.get_topic_attributes(TopicArn=TOPIC_ARN)["Attributes"]
    queue, dead = (_attributes(vendors_side, name) for name in (NAME, f"{NAME}-dead"))
    (subscription,) = vendors_side.sns.list_subscriptions_by_topic(TopicArn=TOPIC_ARN)["Subscriptions"]
    how = vendors_side.sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
    (alarm,) = vendors_side.cloudwatch.describe_alarms()["MetricAlarms"]

    assert says_the_same(topic["Policy"], wanted.topic)
    assert says_the_same(queue["Policy"], wanted.queue)
    for made, name in ((queue, "Queue"), (dead, "DeadLetters")):
        for attribute in ("VisibilityTimeout", "MessageRetentionPeriod", "MaximumMessageSize"):
            assert attribute not in declared[name] or made[attribute] == str(declared[name][attribute])
    assert json.loads(queue["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"{QUEUE_ARN}-dead",
        "maxReceiveCount": int(declared["Queue"]["RedrivePolicy"]["maxReceiveCount"]),
    }
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("sqs", QUEUE_ARN)
    assert how["RawMessageDelivery"] == "true"
    for name in ("Namespace", "MetricName", "Statistic", "ComparisonOperator"):
        assert alarm[name] == declared["Alarm"][name]
    for name in ("Period", "EvaluationPeriods", "Threshold"):
        assert float(alarm[name]) == float(declared["Alarm"][name])
    assert (alarm["AlarmName"], alarm["TreatMissingData"]) == (NAME, declared["Alarm"]["TreatMissingData"])
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": f"{NAME}-dead"}]


def test_an_output_can_name_what_was_made(vendors_side: CallbackVendor) -> None:
    (stack,) = vendors_side.cloudformation.describe_stacks(StackName=NAME)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    assert outputs["TopicArn"] == TOPIC_ARN
    assert json.loads(outputs["ReceiverPolicy"])["Statement"][0]["Resource"] == QUEUE_ARN


def test_a_deleted_stack_leaves_none_of_it(vendors_side: CallbackVendor) -> None:
    vendors_side.cloudformation.delete_stack(StackName=NAME)

    eventually(lambda: not vendors_side.cloudformation.describe_stacks()["Stacks"])
    assert vendors_side.sns.list_topics()["Topics"] == []
    assert vendors_side.sns.list_subscriptions()["Subscriptions"] == []
    assert vendors_side.sqs.list_queues().get("QueueUrls") is None
    assert vendors_side.cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_a_topic_whose_policy_names_other_accounts_takes_nothing(
    aws: SandboxAws, tenant: Tenant, vendors_side: CallbackVendor
) -> None:
    policy = json.loads(vendors_side.sns.get_topic_attributes(TopicArn=TOPIC_ARN)["Attributes"]["Policy"])
    for statement in policy["Statement"]:
        statement["Principal"] = {"AWS": "123456789012"}
    vendors_side.sns.set_topic_attributes(TopicArn=TOPIC_ARN, AttributeName="Policy", AttributeValue=json.dumps(policy))

    tenant.create(TemplateBody=REPORTING)
    tenant.finish("ROLLBACK_COMPLETE")

    assert "because no resource-based policy allows the SNS:Publish action" in tenant.reasons()


def test_a_queue_that_does_not_let_the_topic_send_loses_the_message_silently(
    tenant: Tenant, vendors_side: CallbackVendor
) -> None:
    url = vendors_side.sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    policy = vendors_side.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    vendors_side.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})

    tenant.create(TemplateBody=REPORTING)

    eventually(lambda: ("Callback", "CREATE_IN_PROGRESS") in tenant.events())
    assert vendors_side.receive(seconds=1) == []
    vendors_side.sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)


def test_a_long_poll_holds_up_nobody_and_ends_with_the_message(
    aws: SandboxAws, tenant: Tenant, vendors_side: CallbackVendor
) -> None:
    received: list[Any] = []
    waiting = threading.Thread(target=lambda: received.extend(vendors_side.receive(seconds=10)))
    waiting.start()
    begun = time.monotonic()

    tenant.create(TemplateBody=REPORTING)
    eventually(lambda: received)

    assert time.monotonic() - begun < 3
    waiting.join()


def test_a_long_poll_without_a_message_ends_when_its_time_is_up(vendors_side: CallbackVendor) -> None:
    begun = time.monotonic()

    assert vendors_side.receive(seconds=1) == []
    assert 0.9 < time.monotonic() - begun < 2


def test_sns_can_deliver_twice_and_late(aws: SandboxAws, tenant: Tenant, vendors_side: CallbackVendor) -> None:
    control(aws, "delivery", method="POST", body={"slow_seconds": 0.4, "copies": 2})
    tenant.create(TemplateBody=REPORTING)

    eventually(lambda: ("Callback", "CREATE_IN_PROGRESS") in tenant.events())
    assert vendors_side.receive(seconds=0) == []
    first, second = vendors_side.receive(seconds=3)
    assert first == second


def test_sns_can_deliver_a_delete_before_its_create(
    aws: SandboxAws, tenant: Tenant, vendors_side: CallbackVendor
) -> None:
    control(aws, "delivery", method="POST", body={"deletes_first": True, "timeout_seconds": 0.3})
    tenant.create(TemplateBody=REPORTING)

    events = eventually(lambda: vendors_side.receive(seconds=3))

    assert [event["RequestType"] for event in events] == ["Delete", "Create"]
    assert events[0]["StackId"] == events[1]["StackId"]


def test_what_was_asked_and_how_it_ended_can_be_read(
    aws: SandboxAws, tenant: Tenant, vendors_side: CallbackVendor
) -> None:
    control(aws, "custom-resource-requests", method="DELETE")
    tenant.create(TemplateBody=REPORTING)
    event = vendors_side.event()
    vendors_side.answer(event, Status="FAILURE")
    vendors_side.answer(event)
    tenant.finish()

    (request,) = control(aws, "custom-resource-requests")["requests"]

    assert request["RequestType"] == "Create"
    assert request["answers"] == ["Status is 'FAILURE'", "Answered"]
    assert request["outcome"] == "SUCCESS"


def _attributes(vendor: CallbackVendor, name: str) -> dict[str, str]:
    url = vendor.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return dict(vendor.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])
