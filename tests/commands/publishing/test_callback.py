"""`callback` and `doctor` against AWS over HTTP, as an operator runs them.

moto makes neither the policies nor the subscription, and says that it did: `finished` does what AWS would have done.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from click.testing import CliRunner

from aws.callback_template import wanted_policies
from commands import command_line
from commands.callback import TEMPLATE

REGION = "eu-west-1"
NAME = "rolecall-callback-northwind"
TOPIC = f"arn:aws:sns:{REGION}:999988887777:{NAME}"
QUEUE = TOPIC.replace(":sns:", ":sqs:")


@pytest.fixture(autouse=True)
def prefixed(env):
    env["ROLECALL_PREFIX"] = "northwind"


@pytest.fixture
def aws(signed_in):
    return lambda service: boto3.session.Session(region_name=REGION).client(service)


@pytest.fixture
def finished(run, aws):
    """An installed callback, as AWS leaves it."""
    run("callback", "install", "--region", REGION)
    wanted = wanted_policies(TEMPLATE.read_text(), topic_arn=TOPIC, queue_arn=QUEUE)
    sns, sqs = aws("sns"), aws("sqs")
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(wanted.topic))
    url = sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(wanted.queue)})
    raw = {"RawMessageDelivery": "true"}
    subscription = sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, Attributes=raw)
    return url, subscription["SubscriptionArn"]


def wrong(run):
    found = json.loads(run("callback", "status", "--region", REGION, "--json", code=1).stdout)
    return {f["name"]: f for f in found if not f["is_ok"]}


def test_installing_says_what_to_set_next_and_what_our_role_needs(run, env):
    env["ROLECALL_CALLBACK_REGIONS"] = "us-east-1"

    printed = run("callback", "install", "--region", REGION).stdout

    assert f"Installed: {TOPIC}" in printed
    assert f"ROLECALL_CALLBACK_REGIONS=us-east-1,{REGION}" in printed
    policy = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    assert policy["Statement"][0]["Resource"] == QUEUE


def test_installing_again_changes_nothing_and_says_so(run, env):
    run("callback", "install", "--region", REGION)
    env["ROLECALL_CALLBACK_REGIONS"] = REGION

    again = run("callback", "install", "--region", REGION).stdout

    assert f"Already installed: {TOPIC}" in again
    assert again.splitlines()[-1] == f"ROLECALL_CALLBACK_REGIONS={REGION}"


def test_credentials_of_another_account_make_nothing_there(run, signed_in):
    signed_in("arn:aws:iam::111122223333:role/somebody")

    said = run("callback", "install", "--region", REGION, code=1).stderr

    assert "of account 111122223333" in said and "into 999988887777" in said


def test_a_region_that_tenants_do_not_have_is_wrong_usage(run):
    assert "us-east-1" in run("callback", "install", "--region", "us-east-9", code=2).stderr


def test_no_credentials_are_one_line_that_says_what_to_do(run, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    (line,) = run("callback", "install", "--region", REGION, code=1).stderr.splitlines()

    assert "There are no AWS credentials" in line


def test_a_sound_callback_has_a_line_for_each_fact(run, env, finished):
    env["ROLECALL_CALLBACK_REGIONS"] = REGION

    lines = run("callback", "status").stdout.splitlines()

    assert [line.split("  ")[0] for line in lines] == ["OK"] * 6
    assert all(REGION in line for line in lines)


def test_without_a_region_the_status_asks_for_one(run):
    assert "--region" in run("callback", "status", code=1).stderr


def test_nothing_installed_is_told_with_the_command_to_run(run):
    found = wrong(run)

    assert list(found) == ["stack", "topic", "queue", "subscription", "waiting", "dead letters"]
    assert all(f"callback install --region {REGION}" in f["fix"] for f in found.values())


def test_what_was_changed_by_hand_is_named(run, aws, finished):
    url, subscription = finished
    everybody = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:*"}]}
    aws("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(everybody))
    aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    aws("sns").set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="false"
    )

    found = wrong(run)

    assert {name: f["sentence"] for name, f in found.items()} == {
        "topic": "The topic's policy is not that of cfn/callback.yaml.",
        "queue": "The queue's policy is not that of cfn/callback.yaml.",
        "subscription": f"The subscription in {REGION} does not deliver raw messages, which Rolecall cannot read.",
    }


def test_a_queue_that_is_not_subscribed_is_named(run, aws, finished):
    aws("sns").unsubscribe(SubscriptionArn=finished[1])

    assert "no event arrives" in wrong(run)["subscription"]["sentence"]


def test_an_encrypted_topic_is_named(run, aws, finished):
    aws("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")

    assert "encrypted" in wrong(run)["topic"]["sentence"]


def test_events_that_wait_are_counted_and_none_is_taken(run, aws, finished):
    aws("sns").publish(TopicArn=TOPIC, Message="{}")

    printed = run("callback", "status", "--region", REGION).stdout

    assert "Events that wait: 1. Being handled: 0." in printed
    assert aws("sqs").receive_message(QueueUrl=finished[0])["Messages"][0]["Body"] == "{}"


def test_events_that_nobody_takes_are_told_with_their_age(run, aws, finished):
    aws("sns").publish(TopicArn=TOPIC, Message="{}")
    aws("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": NAME}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                "Value": 600.0,
            }
        ],
    )

    waiting = wrong(run)["waiting"]

    assert waiting["sentence"] == "Events that wait: 1, the oldest for 10 minutes. Being handled: 0."
    assert "Start the worker" in waiting["fix"]


def test_dead_letters_are_counted(run, aws, finished):
    sqs = aws("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-dead")["QueueUrl"], MessageBody="{}")

    assert wrong(run)["dead letters"]["sentence"].startswith(f"Events in {REGION} that could not be handled: 1.")


def callbacks_set(env):
    env["ROLECALL_CALLBACK_REGIONS"] = REGION
    env["ROLECALL_PLAIN_TEMPLATE_URL"] = env["ROLECALL_TEMPLATE_URL"]


def doctors(env):
    """What `doctor` says of each question, whatever its exit code."""
    result = CliRunner().invoke(command_line, ["doctor", "--json"], obj=env)
    return {f["question"]: f for f in json.loads(result.stdout)}


def test_doctor_has_a_line_for_each_region_and_only_then(complete, finished):
    assert f"callback {REGION}" not in doctors(complete)
    callbacks_set(complete)

    assert doctors(complete)[f"callback {REGION}"] == {
        "question": f"callback {REGION}",
        "is_ok": True,
        "sentence": "Our own role can read the queue. The subscription is confirmed. There are no dead letters.",
        "fix": "",
    }


def test_doctor_gives_the_policy_for_a_queue_that_our_role_cannot_read(complete):
    callbacks_set(complete)

    found = doctors(complete)[f"callback {REGION}"]

    assert f"There is no queue {NAME} in {REGION}, or our own role is not allowed to see it." in found["sentence"]
    assert f"callback install --region {REGION}" in found["fix"]
    assert '"sqs:ReceiveMessage"' in found["fix"] and QUEUE in found["fix"]


def test_doctor_does_not_ask_for_more_rights_than_our_role_needs(complete, finished, monkeypatch):
    callbacks_set(complete)
    # So as not to change who we are: SNS alone is elsewhere.
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:1")

    found = doctors(complete)[f"callback {REGION}"]

    assert found["is_ok"]
    assert "not allowed to see the subscription, and does not have to" in found["fix"]


def test_doctor_says_once_what_keeps_it_from_asking_aws(complete, monkeypatch):
    callbacks_set(complete)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    found = doctors(complete)[f"callback {REGION}"]

    assert found["sentence"].startswith("We cannot tell whether our own role can read the queue")
    assert found["fix"] == "See the line about the identity."


def test_doctor_names_dead_letters(complete, aws, finished):
    callbacks_set(complete)
    sqs = aws("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-dead")["QueueUrl"], MessageBody="{}")

    found = doctors(complete)[f"callback {REGION}"]

    assert not found["is_ok"] and found["sentence"].startswith(f"Events in {REGION} that could not be handled: 1.")


def test_doctor_gives_back_the_event_that_it_tried_the_queue_with(complete, aws, finished):
    callbacks_set(complete)
    aws("sns").publish(TopicArn=TOPIC, Message="{}")

    doctors(complete)

    assert aws("sqs").receive_message(QueueUrl=finished[0])["Messages"][0]["Body"] == "{}"
