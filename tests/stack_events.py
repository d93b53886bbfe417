"""Events of a stack's custom resource, as CloudFormation words them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from onboarding.callback.event import StackEvent, parse_event
from onboarding.callback.topics import CallbackTopics
from onboarding.receiving.receiver import Heard
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, VENDOR_ACCOUNT

REGION = "us-east-1"
TOPICS = CallbackTopics("aws", VENDOR_ACCOUNT, "northwind", ("us-east-1", "eu-west-1"))
UNIQUE = "7d3f0c50-8a4e-11f0-9d2c-0affd2d1e5b7"
REQUEST = "f1f3d5f6-4c26-4a1f-8c7e-6f0f43d9e0a1"
QUERY = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261127T120000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=7200"
    "&X-Amz-Credential=AKIDEXAMPLE%2F20261127%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0123456789abcdef"
)


def a_stack_id(
    *, region: str = REGION, account: str = ACCOUNT, name: str = "northwind-7kq2m9xd", unique: str = UNIQUE
) -> str:
    """Return a stack's ARN."""
    return f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{unique}"


def a_host(region: str = REGION) -> str:
    """Return the host that CloudFormation names in this region today."""
    s3 = "s3" if region == "us-east-1" else f"s3.{region}"
    return f"cloudformation-custom-resource-response-{region.replace('-', '')}.{s3}.amazonaws.com"


def a_response_url(stack_id: str, *, request_id: str = REQUEST, logical_id: str = TOPICS.logical_id) -> str:
    """Return the ResponseURL of a request."""
    region = stack_id.split(":")[3]
    return f"https://{a_host(region)}/{quote(f'{stack_id}|{logical_id}|{request_id}')}?{QUERY}"


def a_document(
    request_type: str = "Create",
    *,
    stack_id: str | None = None,
    request_id: str = REQUEST,
    external_id: str = EXTERNAL_ID,
    **changes: Any,
) -> dict[str, Any]:
    """Return an event as CloudFormation sends it; `changes` replace what it holds at the top."""
    stack_id = stack_id or a_stack_id()
    token = TOPICS.topic_arn(stack_id.split(":")[3])
    document: dict[str, Any] = {
        "RequestType": request_type,
        "ServiceToken": token,
        "ResponseURL": a_response_url(stack_id, request_id=request_id),
        "StackId": stack_id,
        "RequestId": request_id,
        "LogicalResourceId": TOPICS.logical_id,
        "ResourceType": "Custom::RolecallCallback",
        "ServiceTimeout": "300",
        "ResourceProperties": {"ServiceToken": token, "ServiceTimeout": "300", "ExternalId": external_id},
    }
    if request_type != "Create":
        document["PhysicalResourceId"] = "rolecall-0123456789abcdef0123456789abcdef"
    if request_type == "Update":
        document["OldResourceProperties"] = document["ResourceProperties"]
    return document | changes


def a_raw(request_type: str = "Create", **values: Any) -> str:
    """Return the event as the queue has it."""
    return json.dumps(a_document(request_type, **values))


def a_stack_event(request_type: str = "Create", **values: Any) -> StackEvent:
    """Return the event, parsed."""
    raw = a_raw(request_type, **values)
    region = json.loads(raw)["StackId"].split(":")[3]
    return parse_event(raw, region=region, topics=TOPICS, sent_at=NOON)


def said(heard: Heard) -> tuple[str, str]:
    """Return how an event is answered, and why."""
    body = json.loads(heard.reply.body)
    return body["Status"], body.get("Reason", "")
