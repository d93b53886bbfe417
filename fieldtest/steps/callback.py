"""Installs the vendor's side of the callback, and reads what comes of it."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aws.callback_stack import CallbackFailed, CallbackStack
from fieldtest.callbacks import Received, open_callbacks
from fieldtest.run import Run, Skipped
from fieldtest.state import Kind, Side
from onboarding.callback.response_url import VALID_SECONDS

# Of a request to create: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-create.html
KEYS = {
    *("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId"),
    *("ResourceType", "ResourceProperties", "ServiceToken"),
}
CLOSED_TIMEOUT = 60
_CAN_BE_MORE = {"ServiceTimeout", "TopicArn"}


def install(run: Run) -> None:
    """Make the callback's stack in the vendor's account, with the product's own code."""
    callbacks = open_callbacks(run.accounts, run.id)
    name = callbacks.topics.name
    run.state.intend(Kind.STACK, Side.VENDOR, name)
    cloudformation = run.vendor.client("cloudformation")
    cloudformation.meta.events.register_first("provide-client-params.cloudformation.CreateStack", _tagging(run))
    stack = CallbackStack(
        lambda: cloudformation,
        name=name,
        region=run.vendor.region,
        pause=lambda seconds: time.sleep(min(seconds, run.pace.ask_every)),
    )
    made = stack.install(run.callback_template, prefix=run.id)
    if isinstance(made, CallbackFailed):
        run.findings.note("callback-installed", False, made.message)
        raise Skipped(made.message)
    sns = run.vendor.client("sns")
    found = sns.list_subscriptions_by_topic(TopicArn=callbacks.topics.topic_arn(run.vendor.region))["Subscriptions"]
    confirmed = [each for each in found if str(each["SubscriptionArn"]).startswith("arn:")]
    run.findings.note(
        "callback-installed",
        len(confirmed) == 1,
        f"The stack is complete; {len(confirmed)} of {len(found)} subscriptions are confirmed.",
    )
    run.callbacks = callbacks


def read_create(run: Run) -> None:
    """Look at the event that the tenant's stack has sent when it began."""
    stack = run.needed_stack()
    create = needed_event(run, stack.stack_id, "Create")
    keys = set(create.raw)
    run.findings.note(
        "callback-event-keys",
        create.event is not None and keys >= KEYS and keys - KEYS <= _CAN_BE_MORE,
        f"Keys: {', '.join(sorted(keys))}. Our parser "
        f"{f'refuses it: {create.refusal}' if create.refusal else 'takes it'}.",
        properties=sorted(create.raw.get("ResourceProperties", {})),
    )
    _note_url(run, create)
    events = run.events(stack.stack_id)
    logical_id = str(create.raw.get("LogicalResourceId"))
    done = [(e["LogicalResourceId"], e["ResourceStatus"]) for e in events]
    is_complete = (logical_id, "CREATE_COMPLETE") in done
    run.findings.note(
        "callback-answered",
        create.was_answered and is_complete,
        f"The answer was {'sent' if create.was_answered else 'not sent'}; the resource is "
        f"{'complete' if is_complete else 'not complete'}.",
    )
    kept = [each for each in done if each in ((logical_id, "CREATE_COMPLETE"), ("Role", "CREATE_IN_PROGRESS"))]
    run.findings.note(
        "callback-create-first",
        kept[:1] == [(logical_id, "CREATE_COMPLETE")],
        "In this order: " + ", ".join(f"{resource} {status}" for resource, status in kept),
    )


def _note_url(run: Run, create: Received) -> None:
    url = urlsplit(str(create.raw.get("ResponseURL", "")))
    query = parse_qs(url.query)
    is_ours = create.refusal.startswith("response_url")
    run.findings.note(
        "callback-response-url",
        create.event is not None or (False if is_ours else None),
        f"https://{url.netloc}{_form(url.path)}?{'&'.join(sorted(query))}",
        refusal=create.refusal,
    )
    expires = query.get("X-Amz-Expires", [""])[0]
    seen = f"X-Amz-Expires={expires}" if expires else f"The query has {', '.join(sorted(query)) or 'nothing'}."
    run.findings.note("callback-url-lifetime", expires == str(VALID_SECONDS) if expires else None, seen)


def _form(path: str) -> str:
    """Return the path without what an ARN begins with, its separators as they came."""
    before, found, after = path.partition("stack/")
    return f"/{'arn%3A' if '%3A' in before else 'arn:'}…{found}{after}" if found else path


def ask_who_publishes(run: Run) -> None:
    """Make a stack whose topic lets in nobody but its owner: the reason of the failure names who was refused."""
    name = f"{run.id}-closed"
    topic = f"arn:{run.vendor.partition}:sns:{run.vendor.region}:{run.vendor.account_id}:rolecall-fieldtest-{run.id}"
    run.state.intend(Kind.TOPIC, Side.VENDOR, topic)
    run.vendor.client("sns").create_topic(Name=topic.rpartition(":")[2], Tags=run.tags)
    stack_id = run.create_stack(
        name,
        "",
        TemplateURL=None,
        TemplateBody=_closed_template(topic),
        Parameters=None,
        Capabilities=None,
    )
    stack, took = run.finished(stack_id)
    reason = run.first_failure(stack_id)
    if reason:
        run.sentences["callback-publisher"] = reason
    names_caller = _names(reason, run.tenant.identity.arn)
    is_wrong = "cloudformation.amazonaws.com" in reason or stack["StackStatus"] == "CREATE_COMPLETE"
    run.findings.note(
        "callback-publisher",
        True if names_caller else False if is_wrong else None,
        f"{stack['StackStatus']} after {took:.0f} seconds. {reason}".strip(),
        seconds=took,
    )


def _names(reason: str, arn: str) -> bool:
    """Whether AWS's sentence names this principal: the session, or its role alone."""
    session = arn.rpartition("/")[0] if ":assumed-role/" in arn else arn
    return session in reason


def _closed_template(topic: str) -> str:
    properties: dict[str, Any] = {"ServiceToken": topic, "ServiceTimeout": str(CLOSED_TIMEOUT)}
    resource = {"Type": "Custom::RolecallFieldTest", "Properties": properties}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Closed": resource}})


def needed_event(run: Run, stack_id: str, request_type: str) -> Received:
    """Return the event of a stack. Raises Skipped if none came, or there is no callback."""
    if run.callbacks is None:
        raise Skipped("The callback was not installed.")
    found = run.callbacks.of(stack_id, request_type)
    if found is None:
        raise Skipped(f"No event {request_type} came. {run.callbacks.problem}".rstrip())
    return found


def _tagging(run: Run) -> Any:
    def add(params: dict[str, Any], **_: Any) -> None:
        params.setdefault("Tags", run.tags)

    return add
