"""Looks up what both accounts' CloudTrail tells of our calls, some 20 minutes after them.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
import time
from typing import Any

from fieldtest.accounts import Account
from fieldtest.run import Run
from fieldtest.steps.refusals import SESSION_NAME

# How the product's own clients begin theirs (aws/clients.py).
OUR_AGENT = "Rolecall"
MOST_PAGES = 10
LOOKS = 20


def look_up(run: Run) -> None:
    """Wait, and read both event histories. What is not there by then is not seen."""
    stack = run.needed_stack()
    found: dict[str, list[dict[str, Any]]] = {}
    until = time.monotonic() + run.pace.trail
    while True:
        found = {account.side: _assumed(account, stack.role_arn.name) for account in (run.vendor, run.tenant)}
        if time.monotonic() >= until or _succeeded(found["tenant"]):
            break
        time.sleep(min(run.pace.trail / LOOKS, max(0.0, until - time.monotonic())))
    good = _succeeded(found["tenant"])
    agents = sorted({str(event.get("userAgent", "")) for event in good})
    names = {str((event.get("requestParameters") or {}).get("roleSessionName", "")) for event in good}
    run.findings.note(
        "trail-tenant-sees-sessions",
        SESSION_NAME in names and any(OUR_AGENT in agent for agent in agents) if good else None,
        f"{len(good)} calls in the tenant's event history, by the user agents {', '.join(agents) or '(none)'}.",
    )
    refused = {side: [e for e in events if e.get("errorCode")] for side, events in found.items()}
    run.findings.note(
        "trail-refusals-stay-with-us",
        not refused["tenant"] if good and refused["vendor"] else None,
        f"Refused calls in the vendor's event history: {len(refused['vendor'])}, in the tenant's: "
        f"{len(refused['tenant'])}.",
    )


def _assumed(account: Account, role_name: str) -> list[dict[str, Any]]:
    """Return the AssumeRole calls of the last hours that are about the role."""
    pages = account.client("cloudtrail").get_paginator("lookup_events")
    asked = pages.paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}],
        PaginationConfig={"MaxItems": 50 * MOST_PAGES, "PageSize": 50},
    )
    events = [json.loads(event["CloudTrailEvent"]) for page in asked for event in page["Events"]]
    return [event for event in events if role_name in json.dumps(event)]


def _succeeded(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if not event.get("errorCode")]
