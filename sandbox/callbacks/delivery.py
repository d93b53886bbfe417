"""CloudFormation publishes an event to an SNS topic, and SNS delivers it to the queues that listen.

moto's SNS asks no policy. Here the topic's policy must let the stack's caller publish, and a queue's policy must let
the topic send: without that SNS drops the message and tells nobody, as AWS does. Which principal CloudFormation
publishes as is unproved; here it is the stack's caller, by way of CloudFormation.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import uuid4

from moto.sns.models import Subscription, Topic, sns_backends
from moto.sqs.models import sqs_backends

from sandbox.moto_access import MOTO_LOCK
from sandbox.sts.operators import matches_glob
from sandbox.sts.request import AssumeRoleRequest
from sandbox.sts.trust import evaluate

log = logging.getLogger(__name__)
_TOPIC = re.compile(r"arn:(?P<partition>[a-z-]+):sns:(?P<region>[a-z0-9-]+):(?P<account_id>\d{12}):[\w-]+")


class PublishRefused(Exception):
    """SNS did not take the event. The argument is the reason as the stack shows it."""


class InvalidSetting(ValueError):
    """The requested setting has an unknown name or a value of the wrong kind."""


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """How SNS delivers events: late by `slow_seconds`, `copies` times, and with `deletes_first` a custom resource's
    Create only after its Delete. `lost`: nothing arrives. SNS promises neither order nor exactly once.

    `timeout_seconds` shortens every ServiceTimeout, so that nobody has to wait five minutes to see one. 0: it does not.
    """

    slow_seconds: float = 0.0
    copies: int = 1
    deletes_first: bool = False
    lost: bool = False
    timeout_seconds: float = 0.0


def parse_settings(raw: object) -> DeliverySettings:
    """Read the JSON of the control endpoint. What is not named is as usual. Raises InvalidSetting."""
    if not isinstance(raw, dict) or not set(raw) <= {field.name for field in fields(DeliverySettings)}:
        raise InvalidSetting("settings are slow_seconds, copies, deletes_first, lost and timeout_seconds")
    copies = raw.get("copies", 1)
    for seconds in (raw.get("slow_seconds", 0), raw.get("timeout_seconds", 0)):
        if type(seconds) not in {int, float} or not 0 <= seconds <= 3600:
            raise InvalidSetting("slow_seconds and timeout_seconds are numbers of seconds, at most 3600")
    if type(copies) is not int or not 1 <= copies <= 100:
        raise InvalidSetting("copies is a whole number from 1 to 100")
    if not all(type(raw.get(name, False)) is bool for name in ("deletes_first", "lost")):
        raise InvalidSetting("deletes_first and lost are true or false")
    return DeliverySettings(**raw)


class Delivery:
    """SNS between stacks and queues. `settings` can be changed while it runs."""

    def __init__(self) -> None:
        self.settings = DeliverySettings()
        self._held: dict[tuple[str, str], list[tuple[Topic, str]]] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin anew, with nothing under way."""
        self.settings, self._stopped, self._held = DeliverySettings(), threading.Event(), {}

    def stop(self) -> None:
        """Forget what is under way, so that it does not arrive in the next sandbox."""
        self._stopped.set()

    def publish(self, event: Mapping[str, Any], *, topic_arn: str, caller_arn: str, region: str) -> None:
        """Publish the event to the topic, for a stack in the region. Raises PublishRefused."""
        topic = _find_topic(topic_arn, region=region)
        _check_rights(topic, caller_arn=caller_arn)
        message, settings = json.dumps(event), self.settings
        key, kind = (event["StackId"], event["LogicalResourceId"]), event["RequestType"]
        if settings.lost:
            return
        if settings.deletes_first and kind == "Create":
            self._held.setdefault(key, []).append((topic, message))
            return
        due = [(topic, message), *(self._held.pop(key, []) if kind == "Delete" else [])]
        if settings.slow_seconds:
            threading.Thread(target=self._deliver_late, args=(due, settings), name="sandbox sns", daemon=True).start()
        else:
            _deliver(due, copies=settings.copies)

    def _deliver_late(self, due: list[tuple[Topic, str]], settings: DeliverySettings) -> None:
        if not self._stopped.wait(settings.slow_seconds):
            _deliver(due, copies=settings.copies)


def refused_by_sns(message: str, *, status: int, code: str) -> PublishRefused:
    """Return SNS's refusal as a stack's event shows it."""
    return PublishRefused(
        f"{message} (Service: AmazonSNS; Status Code: {status}; Error Code: {code}; Request ID: {uuid4()}; Proxy: null)"
    )


def not_authorized(caller_arn: str, topic_arn: str, because: str) -> PublishRefused:
    """Return the refusal for want of rights, with AWS's words for whose policy it was."""
    return refused_by_sns(
        f"User: {caller_arn} is not authorized to perform: SNS:Publish on resource: {topic_arn} {because}",
        status=403,
        code="AuthorizationError",
    )


def _find_topic(topic_arn: str, *, region: str) -> Topic:
    parts = _TOPIC.fullmatch(topic_arn)
    with MOTO_LOCK:
        found = sns_backends[parts["account_id"]][region].topics.get(topic_arn) if parts else None
    if found is None:
        # Also when it is there, but in another region: SNS of one region knows no topic of another.
        raise refused_by_sns("Invalid parameter: TopicArn", status=400, code="InvalidParameter")
    return found


def _check_rights(topic: Topic, *, caller_arn: str) -> None:
    _, partition, _, _, account_id, resource = caller_arn.split(":", 5)
    name = resource.split("/")[1] if resource.startswith("assumed-role/") else ""
    request = AssumeRoleRequest(
        principal_arn=f"arn:{partition}:iam::{account_id}:role/{name}" if name else caller_arn,
        caller_arn=caller_arn,
        account_id=account_id,
        named_actions=("sns:Publish",),
        keys={
            "aws:calledvia": ("cloudformation.amazonaws.com",),
            "aws:calledviafirst": ("cloudformation.amazonaws.com",),
            "aws:calledvialast": ("cloudformation.amazonaws.com",),
            "aws:viaawsservice": ("true",),
            "aws:principalisawsservice": ("false",),
            "aws:principalaccount": (account_id,),
            "aws:principaltype": ("AssumedRole" if name else "User",),
            "aws:sourceowner": (account_id,),
            "aws:securetransport": ("true",),
        },
    )
    if not evaluate(_about(topic._policy_json, topic.arn), request).allowed:
        raise not_authorized(caller_arn, topic.arn, "because no resource-based policy allows the SNS:Publish action")


def _deliver(due: list[tuple[Topic, str]], *, copies: int) -> None:
    for topic, message in due:
        with MOTO_LOCK:
            message_id = str(uuid4())
            listening, _ = topic.sns_backend.list_subscriptions_by_topic(topic_arn=topic.arn)
            for subscription in listening:
                if subscription.protocol == "sqs" and _accepts(subscription):
                    for _copy in range(copies):
                        subscription.publish(message, message_id)


def _accepts(subscription: Subscription) -> bool:
    """Whether the queue is there and its policy lets the topic send."""
    _, _, _, region, account_id, name = subscription.endpoint.split(":", 5)
    queue = sqs_backends[account_id][region].queues.get(name)
    request = AssumeRoleRequest(
        principal_arn="sns.amazonaws.com",
        caller_arn="sns.amazonaws.com",
        account_id=account_id,
        kind="service",
        named_actions=("sqs:SendMessage",),
        keys={
            "aws:sourcearn": (subscription.topic_arn,),
            "aws:sourceaccount": (subscription.topic.account_id,),
            "aws:principalisawsservice": ("true",),
            "aws:securetransport": ("true",),
        },
    )
    accepted = queue is not None and evaluate(_about(queue._policy_json, queue.queue_arn), request).allowed
    if not accepted:
        log.warning("SNS drops a message: %s may not send to %s", subscription.topic_arn, subscription.endpoint)
    return accepted


def _about(policy: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """Return the policy with only the statements that are about the resource. trust.py does not look at Resource."""
    raw = policy.get("Statement", [])
    statements = raw if isinstance(raw, list) else [raw]
    kept = [s for s in statements if any(matches_glob(resource, name) for name in _listed(s.get("Resource", "*")))]
    return {**policy, "Statement": kept}


def _listed(raw: Any) -> list[str]:
    return [str(item) for item in raw] if isinstance(raw, list) else [str(raw)]
