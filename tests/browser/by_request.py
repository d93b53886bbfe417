"""The quick path without its windows, for tests about what comes after it: the same requests, and no console drawn."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from onboarding.model import Flow
from tests.browser.visitor import Wizard

REGION = "us-east-1"


def launch(wizard: Wizard, account_id: str | None = None, *, region: str = "") -> dict[str, str]:
    """Name the account and launch, and return what the address of the AWS console says of the stack.

    `account_id` is the visitor's own unless it is given; it can be empty.
    """
    visitor = wizard.visitor
    named = visitor.account_id if account_id is None else account_id
    fields = {"flow": Flow.QUICK_CREATE, "region": region or wizard.row["region"], "account_id": named}
    answer = visitor.submit(wizard.url(1), wizard.url("launch"), follows=False, **fields)
    assert answer.status == 303, answer.text()
    address = answer.headers["location"]
    # The sandbox's console is told AWS's own address.
    address = dict(parse_qsl(urlsplit(address).query)).get("url", address)
    return dict(parse_qsl(urlsplit(address).fragment.partition("?")[2]))


def create_stack(
    wizard: Wizard, asked: dict[str, str], *, fault: str = "", region: str = REGION, account_id: str = ""
) -> str:
    """Create the stack that the launch asked for, with one of the sandbox's faults if named, and return its name.

    `account_id` is where, if not in the account that the tenant named.
    """
    cloudformation_of(wizard, region=region, account_id=account_id).create_stack(
        StackName=asked["stackName"],
        TemplateURL=asked["templateURL"],
        Parameters=[
            {"ParameterKey": name.removeprefix("param_"), "ParameterValue": value}
            for name, value in asked.items()
            if name.startswith("param_")
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "rolecall:sandbox-fault", "Value": fault}] if fault else [],
    )
    return asked["stackName"]


def launch_and_create(wizard: Wizard, *, fault: str = "") -> str:
    """Launch and create the stack, and return its name."""
    return create_stack(wizard, launch(wizard), fault=fault)


def connect(wizard: Wizard) -> None:
    """Connect the account, and wait until the page has moved to success by itself."""
    launch_and_create(wizard)
    wizard.see_success()


def delete_stack(wizard: Wizard, name: str) -> None:
    """Delete the stack, and wait until it is gone."""
    cloudformation = cloudformation_of(wizard)
    stack_id = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=name)
    see_stack(wizard, stack_id, "DELETE_COMPLETE")


def see_stack(wizard: Wizard, name_or_id: str, status: str, *, region: str = REGION) -> None:
    """Wait until the stack's own status says so."""
    cloudformation, deadline = cloudformation_of(wizard, region=region), time.monotonic() + 15
    while (found := cloudformation.describe_stacks(StackName=name_or_id)["Stacks"][0]["StackStatus"]) != status:
        assert time.monotonic() < deadline, found
        # The page lives on meanwhile.
        wizard.page.wait_for_timeout(100)


def events_of(wizard: Wizard, name: str, *, region: str = REGION) -> list[dict[str, Any]]:
    """Return the stack's events, the oldest first."""
    found = cloudformation_of(wizard, region=region).describe_stack_events(StackName=name)["StackEvents"]
    return sorted(found, key=lambda event: event["Timestamp"])


def first_failure(wizard: Wizard, name: str, *, region: str = REGION) -> str:
    """Return why the first resource failed, as the Events page shows it."""
    failed = [e for e in events_of(wizard, name, region=region) if e["ResourceStatus"] == "CREATE_FAILED"]
    return str(failed[0]["ResourceStatusReason"])


def time_of_event(wizard: Wizard, name: str, resource_type: str, status: str) -> float:
    """Return when the stack's resource of that type came to that status, in seconds since 1970."""
    found = [e for e in events_of(wizard, name) if (e["ResourceType"], e["ResourceStatus"]) == (resource_type, status)]
    return float(found[0]["Timestamp"].timestamp())


def cloudformation_of(wizard: Wizard, *, region: str = REGION, account_id: str = "") -> Any:
    """Return CloudFormation for the administrator of an account: of the one that was named, if no other is given."""
    account_id = account_id or wizard.row["account_id"] or wizard.visitor.account_id
    return wizard.visitor.sandbox.client("cloudformation", account_id, region=region)
