"""What a stack's custom resource reports, parsed once where it comes in.

Anyone can publish to the topic, so nothing in an event is proved. The account is that of the top-level StackId alone:
whoever wrote the template chose the properties.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from onboarding.callback.response_url import ResponseUrl, ResponseUrlRefused, parse_response_url
from onboarding.callback.topics import RESOURCE_TYPE, CallbackTopics
from onboarding.ground.external_id import ExternalId, is_well_formed
from onboarding.ground.refused import Refused
from onboarding.ground.stack_id import StackId, parse_stack_id
from onboarding.policy.json_text import beyond_bounds, without_duplicates

LONGEST_EVENT = 65_536

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html: letters and digits.
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}", re.ASCII)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
# CloudFormation's own, when a Create got no answer, is STACK-LOGICALID-RANDOM. AWS allows 1 kB.
_PHYSICAL_ID = re.compile(r"[\x21-\x7e]{1,1024}", re.ASCII)
_ANY = re.compile(r".{1,4096}", re.ASCII | re.DOTALL)


class RequestType(StrEnum):
    """What becomes of the custom resource."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


class EventRefused(ValueError):
    """This is no event of a custom resource of ours, and is not answered. Nothing changes.

    `host` is whom the ResponseURL names instead of CloudFormation's host, fit to be shown, or an empty string.
    """

    def __init__(self, code: str, host: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.host = host


@dataclass(frozen=True)
class StackEvent:
    """One event. `physical_id` is the one to answer with; `sent_at` is when the queue got it.

    Events with the same `stack_id` and `request_id` are the same event, which can come more than once.
    """

    request_type: RequestType
    stack_id: StackId
    request_id: str
    logical_id: str
    physical_id: str
    external_id: ExternalId
    response_url: ResponseUrl
    sent_at: datetime


def parse_event(raw: str, *, region: str, topics: CallbackTopics, sent_at: datetime) -> StackEvent:
    """Return the event in a message from the queue of this region. Unknown keys are allowed. Raises EventRefused."""
    document = _object(raw)
    stack_id = _stack_id(document, region=region, topics=topics)
    properties = document.get("ResourceProperties")
    if not isinstance(properties, dict):
        raise EventRefused("properties_missing")
    for given in (document, properties):
        if given.get("ServiceToken", topics.topic_arn(region)) != topics.topic_arn(region):
            raise EventRefused("other_topic")
    if properties.get("StackId", str(stack_id)) != str(stack_id):
        raise EventRefused("other_stack")
    if document.get("ResourceType") != RESOURCE_TYPE:
        raise EventRefused("other_resource")
    external_id = properties.get("ExternalId")
    if not isinstance(external_id, str) or not is_well_formed(external_id):
        raise EventRefused("external_id_malformed")
    request_type = _request_type(document)
    logical_id = _text(document, "LogicalResourceId", _LOGICAL_ID)
    request_id = _text(document, "RequestId", _REQUEST_ID)
    try:
        response_url = parse_response_url(
            _text(document, "ResponseURL", _ANY), stack_id=stack_id, logical_id=logical_id, request_id=request_id
        )
    except ResponseUrlRefused as refused:
        raise EventRefused(refused.code, refused.host) from None
    return StackEvent(
        request_type=request_type,
        stack_id=stack_id,
        request_id=request_id,
        logical_id=logical_id,
        physical_id=_physical_id(document, request_type, stack_id, logical_id),
        external_id=ExternalId(external_id),
        response_url=response_url,
        sent_at=sent_at,
    )


def _object(raw: str) -> Mapping[str, Any]:
    if len(raw) > LONGEST_EVENT or len(raw.encode("utf-8", "surrogatepass")) > LONGEST_EVENT:
        raise EventRefused("too_long")
    try:
        document = json.loads(raw, object_pairs_hook=without_duplicates)
    except (ValueError, RecursionError):
        raise EventRefused("not_json") from None
    if not isinstance(document, dict) or beyond_bounds(document, longest=LONGEST_EVENT) is not None:
        raise EventRefused("not_an_event")
    return document


def _stack_id(document: Mapping[str, Any], *, region: str, topics: CallbackTopics) -> StackId:
    try:
        stack_id = parse_stack_id(_text(document, "StackId", _ANY))
    except Refused:
        raise EventRefused("stack_id_malformed") from None
    # CloudFormation publishes only in the stack's own region.
    if stack_id.region != region:
        raise EventRefused("other_region")
    if stack_id.partition != topics.partition:
        raise EventRefused("other_partition")
    return stack_id


def _request_type(document: Mapping[str, Any]) -> RequestType:
    for known in RequestType:
        if document.get("RequestType") == known.value:
            return known
    raise EventRefused("request_type_unknown")


def _physical_id(document: Mapping[str, Any], request_type: RequestType, stack_id: StackId, logical_id: str) -> str:
    """Return the ID that the resource has, or gets. Another one in answer to an update would be another resource."""
    if request_type is RequestType.CREATE or "PhysicalResourceId" not in document:
        digest = hashlib.sha256(f"{stack_id}|{logical_id}".encode()).hexdigest()
        return f"rolecall-{digest[:32]}"
    return _text(document, "PhysicalResourceId", _PHYSICAL_ID)


def _text(document: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EventRefused(f"{_snake(name)}_malformed")
    return value


def _snake(name: str) -> str:
    return {
        "StackId": "stack_id",
        "LogicalResourceId": "logical_id",
        "RequestId": "request_id",
        "PhysicalResourceId": "physical_id",
        "ResponseURL": "response_url",
    }[name]
