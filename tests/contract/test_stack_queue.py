"""The queue of a region is read as SQS has it, and whatever SQS or a proxy says, we know what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from aws.clients import Clients
from aws.stack_queue import SqsStackQueue
from onboarding.callback.queues import QueuedEvent, QueueUnread

URL = "https://sqs.us-east-1.amazonaws.com/999988887777/rolecall-callback-northwind"


class Sqs:
    """A client of SQS that remembers what it was asked, and says what the test wants."""

    def __init__(self, **replies):
        self.replies = {"get_queue_url": {"QueueUrl": URL}, "receive_message": {}, "delete_message": {}} | replies
        self.asked = []

    def __getattr__(self, name):
        def ask(**values):
            self.asked.append((name, values))
            reply = self.replies[name]
            if isinstance(reply, Exception):
                raise reply
            return reply

        return ask


def a_queue(**replies):
    sqs = Sqs(**replies)
    return sqs, SqsStackQueue(SimpleNamespace(region="us-east-1", sqs=sqs), name="rolecall-callback-northwind")


def refused(code, status=400):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ReceiveMessage")


MESSAGE = {"Body": "{}", "ReceiptHandle": "handle", "Attributes": {"SentTimestamp": "1905249600500"}}


def test_messages_come_with_the_time_when_they_were_sent():
    sqs, queue = a_queue(receive_message={"Messages": [MESSAGE]})

    assert queue.receive(20) == [QueuedEvent("{}", "handle", datetime(2030, 5, 17, 12, 0, 0, 500_000, tzinfo=UTC))]
    assert sqs.asked == [
        ("get_queue_url", {"QueueName": "rolecall-callback-northwind"}),
        (
            "receive_message",
            {
                "QueueUrl": URL,
                "MaxNumberOfMessages": 10,
                "WaitTimeSeconds": 20,
                "VisibilityTimeout": 30,
                "MessageSystemAttributeNames": ["SentTimestamp"],
            },
        ),
    ]


def test_the_queue_is_looked_up_once_and_again_after_it_failed():
    sqs, queue = a_queue()
    queue.receive(0)
    queue.delete("handle")
    assert [name for name, _ in sqs.asked].count("get_queue_url") == 1

    sqs.replies["receive_message"] = refused("AWS.SimpleQueueService.NonExistentQueue")
    with pytest.raises(QueueUnread):
        queue.receive(0)
    sqs.replies["receive_message"] = {}

    assert queue.receive(0) == []
    assert [name for name, _ in sqs.asked].count("get_queue_url") == 2


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refused("AWS.SimpleQueueService.NonExistentQueue"), "queue_missing"),
        (refused("QueueDoesNotExist"), "queue_missing"),
        (refused("AccessDenied", 403), "queue_forbidden"),
        (refused("AccessDeniedException", 403), "queue_forbidden"),
        (refused("ExpiredToken", 403), "vendor_credentials_expired"),
        (refused("ThrottlingException"), "aws_throttled"),
        (refused("Odd", 503), "aws_service_error"),
        (NoCredentialsError(), "vendor_credentials_missing"),
        (ReadTimeoutError(endpoint_url=URL), "aws_timed_out"),
        (EndpointConnectionError(endpoint_url=URL), "aws_unreachable"),
        (ResponseParserError("<html>"), "queue_unreadable"),
        ({"Messages": [{"Body": "{}"}]}, "queue_unreadable"),
        ({"Messages": [MESSAGE | {"Attributes": {"SentTimestamp": "soon"}}]}, "queue_unreadable"),
        ({"Messages": [MESSAGE | {"Attributes": {"SentTimestamp": "9" * 30}}]}, "queue_unreadable"),
        ({"Messages": "no"}, "queue_unreadable"),
        ("no", "queue_unreadable"),
    ],
)
def test_every_failure_says_what_is_wrong(reply, code):
    for question in ("get_queue_url", "receive_message"):
        if isinstance(reply, dict) and question == "get_queue_url":
            continue
        _, queue = a_queue(**{question: reply})
        with pytest.raises(QueueUnread) as unread:
            queue.receive(20)
        assert unread.value.code == code


def test_a_queue_without_a_url_or_a_refused_deletion_says_so_too():
    _, queue = a_queue(get_queue_url={})
    with pytest.raises(QueueUnread, match="queue_unreadable"):
        queue.delete("handle")

    _, queue = a_queue(delete_message=refused("AccessDenied", 403))
    with pytest.raises(QueueUnread, match="queue_forbidden"):
        queue.delete("handle")


def test_a_long_poll_is_waited_out(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    config = Clients(region="eu-west-1").sqs.meta.config

    assert (config.read_timeout, config.connect_timeout) == (25.0, 2.0)
    assert config.region_name == "eu-west-1"
