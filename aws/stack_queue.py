"""onboarding.callback.queues.StackQueue on SQS.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html (and its errors),
https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html: the body is the event itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws.answers import outcome_of, raw_code
from aws.clients import LONGEST_POLL_SECONDS, Clients
from onboarding.callback.queues import QueuedEvent, QueueUnread
from onboarding.proof.answer import Outcome

# Longer than handling an event and sending its answer can take.
VISIBLE_AGAIN_SECONDS = 30
_MOST_AT_ONCE = 10
_MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}

_Reply = TypeVar("_Reply")


class SqsStackQueue:
    """The queue called `name` in the clients' region. Any thread can use it."""

    def __init__(self, clients: Clients, *, name: str) -> None:
        self._clients = clients
        self._name = name
        self._url = ""

    @property
    def region(self) -> str:
        """The region of the queue."""
        return self._clients.region

    def receive(self, wait_seconds: int) -> Sequence[QueuedEvent]:
        """Wait so long for messages, 20 seconds at most, and return at most ten. Raises QueueUnread."""
        reply = self._asked(
            lambda sqs, url: sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_MOST_AT_ONCE,
                WaitTimeSeconds=min(wait_seconds, LONGEST_POLL_SECONDS),
                VisibilityTimeout=VISIBLE_AGAIN_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        )
        try:
            return [_queued(message) for message in reply.get("Messages", ())]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise QueueUnread("queue_unreadable") from None

    def delete(self, receipt: str) -> None:
        """Let the message not come again. Raises QueueUnread."""
        self._asked(lambda sqs, url: sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt))

    def _asked(self, ask: Callable[[Any, str], _Reply]) -> _Reply:
        try:
            sqs = self._clients.sqs
            if not self._url:
                self._url = sqs.get_queue_url(QueueName=self._name)["QueueUrl"]
            return ask(sqs, self._url)
        except (ClientError, BotoCoreError) as error:
            # The queue can be made anew meanwhile.
            self._url = ""
            raise QueueUnread(_code(error)) from error
        except (ResponseParserError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            # The body is not from SQS, but for example from a proxy.
            raise QueueUnread("queue_unreadable") from error


def _queued(message: Any) -> QueuedEvent:
    # In thousandths of a second since 1970.
    sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return QueuedEvent(raw=message["Body"], receipt=message["ReceiptHandle"], sent_at=sent_at)


def _code(error: ClientError | BotoCoreError) -> str:
    if raw_code(error) in _MISSING:
        return "queue_missing"
    outcome = outcome_of(error)
    return "queue_forbidden" if outcome is Outcome.REFUSED else outcome.value
