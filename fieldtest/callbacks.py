"""The run's callback: reads its queue, keeps what came, and answers CloudFormation as the product does.

The cleaning needs it too: a stack with a custom resource is deleted only when its Delete is answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws.stack_answers import HttpsStackAnswers
from aws.stack_queue import SqsStackQueue
from fieldtest.accounts import Accounts
from onboarding.callback.answer import AnswerStatus, answer_body
from onboarding.callback.event import EventRefused, StackEvent, parse_event
from onboarding.callback.queues import QueuedEvent, QueueUnread, StackAnswers, StackQueue
from onboarding.callback.topics import CallbackTopics
from onboarding.ground.arn import AccountId


@dataclass(frozen=True)
class Received:
    """A message of the queue's. `event` is None where the product's parser refused it, `refusal` then its code."""

    raw: Mapping[str, Any]
    event: StackEvent | None
    refusal: str
    was_answered: bool

    @property
    def request_type(self) -> str:
        """Create, Update or Delete, as the message says."""
        return str(self.raw.get("RequestType", ""))

    @property
    def stack_id(self) -> str:
        """The stack that it is about, as the message says."""
        return str(self.raw.get("StackId", ""))


@dataclass
class Callbacks:
    """One region's queue and what came out of it. CloudFormation is told SUCCESS each time."""

    queue: StackQueue
    answers: StackAnswers
    topics: CallbackTopics
    received: list[Received] = field(default_factory=list)
    problem: str = ""

    def answer_all(self) -> None:
        """Take what is in the queue, and answer it. `problem` says why that failed, if it did."""
        try:
            for queued in self.queue.receive(0):
                self._answer(queued)
        except QueueUnread as unread:
            self.problem = unread.code

    def of(self, stack_id: str, request_type: str) -> Received | None:
        """Return a message of that kind about a stack, rather one that was answered, or None."""
        found = [each for each in self.received if (each.stack_id, each.request_type) == (stack_id, request_type)]
        return next((each for each in found if each.was_answered), found[0] if found else None)

    def _answer(self, queued: QueuedEvent) -> None:
        event, refusal, was_answered = None, "", False
        try:
            event = parse_event(queued.raw, region=self.queue.region, topics=self.topics, sent_at=queued.sent_at)
            was_answered = self.answers.send(event.response_url, answer_body(event, AnswerStatus.SUCCESS))
        except EventRefused as refused:
            refusal = str(refused)
        self.received.append(Received(_object(queued.raw), event, refusal, was_answered))
        # What was sent without success comes again by itself.
        if was_answered or event is None:
            self.queue.delete(queued.receipt)


def topics_of(accounts: Accounts, run_id: str) -> CallbackTopics:
    """Return the run's topics: one, in its region."""
    vendor = accounts.vendor
    return CallbackTopics(vendor.partition, AccountId(vendor.account_id), run_id, (vendor.region,))


def open_callbacks(accounts: Accounts, run_id: str) -> Callbacks:
    """Return the run's callback. It need not be there: then there is a problem and nothing to answer."""
    topics = topics_of(accounts, run_id)
    # A stand-in for AWS takes the answers at its own address.
    gateway = accounts.endpoint if accounts.is_stand_in else ""
    return Callbacks(
        SqsStackQueue(accounts.product_clients(), name=topics.name), HttpsStackAnswers(gateway=gateway), topics
    )


def _object(raw: str) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
