"""One request to a custom resource: CloudFormation publishes its event and waits for the answer.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sandbox.callbacks.answer_bucket import AnswerBuckets, Letterbox
from sandbox.callbacks.answers import Answered, Failed, Ignored, judge, no_answer
from sandbox.callbacks.delivery import Delivery, PublishRefused, not_authorized

REQUESTS_KEPT = 500
LONGEST_TIMEOUT_SECONDS = 3600
PERIMETER = "with an explicit deny in a service control policy"
_KEYS = ("RequestType", "StackId", "RequestId", "LogicalResourceId")


class RequestFailed(Exception):
    """The custom resource did not do as asked. `physical_id` is what it answered, if anything."""

    def __init__(self, reason: str, *, physical_id: str = "", was_sent: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.physical_id = physical_id
        self.was_sent = was_sent


@dataclass
class CustomResource:
    """A custom resource of a stack, in the form that moto's templates resolve `Ref` and `Fn::GetAtt` from."""

    physical_resource_id: str
    properties: Mapping[str, Any]
    resource_type: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def get_cfn_attribute(self, name: str) -> Any:
        """Return what the answer's Data says under the name."""
        return self.data.get(name)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """The stack that asks: who made it, whether its organisation forbids to publish, and whether its Create is lost."""

    stack_id: str
    caller_arn: str
    region: str
    is_fenced: bool = False
    loses_create: bool = False


class CustomResources:
    """CloudFormation's side of every custom resource. `requests` holds the latest events and what became of each."""

    def __init__(self, buckets: AnswerBuckets, delivery: Delivery) -> None:
        self.buckets = buckets
        self._delivery = delivery
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)

    def ask(
        self,
        asker: Asker,
        *,
        request_type: str,
        logical_id: str,
        resource: CustomResource,
        old_properties: Mapping[str, Any] | None = None,
        stop: threading.Event,
    ) -> Answered:
        """Send one request and wait for its answer, at most as long as the resource's ServiceTimeout says.

        Raises RequestFailed, also when `stop` was set. Call it without MOTO_LOCK.
        """
        event = _event(asker, request_type, logical_id, resource, old_properties)
        box = self.buckets.open(stack_id=asker.stack_id, logical_id=logical_id, request_id=str(event["RequestId"]))
        event["ResponseURL"] = box.url
        logged = {**{name: event[name] for name in _KEYS}, "answers": [], "outcome": "waiting"}
        self.requests.append(logged)
        outcome = self._outcome(asker, event, box, logged["answers"], resource=resource, stop=stop)
        if isinstance(outcome, RequestFailed):
            logged["outcome"] = outcome.reason
            raise outcome
        logged["outcome"] = "SUCCESS"
        return outcome

    def _outcome(
        self,
        asker: Asker,
        event: dict[str, Any],
        box: Letterbox,
        answers: list[str],
        *,
        resource: CustomResource,
        stop: threading.Event,
    ) -> Answered | RequestFailed:
        try:
            self._publish(asker, event)
        except PublishRefused as refused:
            return RequestFailed(str(refused), was_sent=False)
        until = time.monotonic() + self._timeout_seconds(resource.properties)
        while (body := box.take(seconds=until - time.monotonic(), stop=stop)) is not None:
            verdict = judge(body, event=event)
            answers.append(verdict.why if isinstance(verdict, Ignored) else type(verdict).__name__)
            if isinstance(verdict, Answered):
                return verdict
            if isinstance(verdict, Failed):
                return RequestFailed(verdict.reason, physical_id=verdict.physical_id)
        if stop.is_set():
            return RequestFailed("Resource creation cancelled")
        return RequestFailed(no_answer(event["RequestId"]).reason)

    def _publish(self, asker: Asker, event: dict[str, Any]) -> None:
        topic_arn = str(event["ServiceToken"])
        if asker.is_fenced:
            raise not_authorized(asker.caller_arn, topic_arn, PERIMETER)
        if asker.loses_create and event["RequestType"] == "Create":
            return
        self._delivery.publish(event, topic_arn=topic_arn, caller_arn=asker.caller_arn, region=asker.region)

    def _timeout_seconds(self, properties: Mapping[str, Any]) -> float:
        asked = min(int(properties.get("ServiceTimeout", LONGEST_TIMEOUT_SECONDS)), LONGEST_TIMEOUT_SECONDS)
        return min(asked, self._delivery.settings.timeout_seconds or asked)


def as_texts(value: Any) -> Any:
    """Return the value with every number and boolean as text, as CloudFormation sends properties."""
    if isinstance(value, dict):
        return {str(name): as_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _event(
    asker: Asker,
    request_type: str,
    logical_id: str,
    resource: CustomResource,
    old_properties: Mapping[str, Any] | None,
) -> dict[str, Any]:
    properties = resource.properties
    event = {
        "RequestType": request_type,
        "ServiceToken": properties.get("ServiceToken", ""),
        "ResponseURL": "",
        "StackId": asker.stack_id,
        "RequestId": str(uuid4()),
        "LogicalResourceId": logical_id,
        "ResourceType": resource.resource_type,
        "ResourceProperties": dict(properties),
    }
    if "ServiceTimeout" in properties:
        event["ServiceTimeout"] = properties["ServiceTimeout"]
    if request_type != "Create":
        event["PhysicalResourceId"] = resource.physical_resource_id
    if old_properties is not None:
        event["OldResourceProperties"] = dict(old_properties)
    return event
