"""One run of the field test: its accounts, what it has made and seen so far, and what its steps hand on."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from fieldtest.accounts import Account, Accounts
from fieldtest.callbacks import Callbacks
from fieldtest.facts import Findings
from fieldtest.pace import Pace, wait_for
from fieldtest.state import Kind, Side, State
from onboarding.ground.arn import RoleArn
from onboarding.ground.external_id import ExternalId, mint, mint_handle
from onboarding.ports import Clock

TAG = "rolecall:fieldtest"
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


class Skipped(Exception):
    """A step cannot be taken, because an earlier one did not give what it needs. The message says what."""


@dataclass(frozen=True)
class TenantStack:
    """A stack in the tenant's account, as the wizard would have it made."""

    name: str
    external_id: ExternalId
    stack_id: str
    role_arn: RoleArn


@dataclass
class Run:
    """What the steps share. `template` is the stack template as it stands in the project, not baked."""

    accounts: Accounts
    state: State
    findings: Findings
    pace: Pace
    clock: Clock
    say: Callable[[str], None]
    template: str
    callback_template: str
    template_url: str = ""
    baked: str = ""
    stack: TenantStack | None = None
    callbacks: Callbacks | None = None
    problems: list[str] = field(default_factory=list)
    # What AWS said why a stack failed, by the fact that it is about.
    sentences: dict[str, str] = field(default_factory=dict)
    handle: str = field(default_factory=mint_handle)

    @property
    def id(self) -> str:
        """The run's ID, which also begins the name of all that it makes."""
        return self.state.journey.run_id

    @property
    def vendor(self) -> Account:
        """The vendor's account."""
        return self.accounts.vendor

    @property
    def tenant(self) -> Account:
        """The tenant's account."""
        return self.accounts.tenant

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tag of all that the run makes."""
        return [{"Key": TAG, "Value": self.id}]

    def mint(self, handle: str = "") -> ExternalId:
        """Return a new external ID, as the product makes them."""
        return mint(prefix=self.id, handle=handle or self.handle)

    def meanwhile(self) -> None:
        """Answer CloudFormation, if it waits for the callback."""
        if self.callbacks is not None:
            self.callbacks.answer_all()

    def needed_stack(self) -> TenantStack:
        """Return the tenant's stack. Raises Skipped if it was not made."""
        if self.stack is None:
            raise Skipped("The tenant's stack was not made.")
        return self.stack

    def create_stack(self, name: str, external_id: str, **others: Any) -> str:
        """Begin to make a stack from the published template in the tenant's account, and return its ID.

        An argument that is None is left out. Raises ClientError for what CloudFormation refuses.
        """
        if not self.template_url and "TemplateBody" not in others:
            raise Skipped("The template was not published.")
        arguments: dict[str, Any] = {
            "StackName": name,
            "TemplateURL": self.template_url,
            "Capabilities": CAPABILITIES,
            "Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": external_id}],
            "Tags": self.tags,
            **others,
        }
        given = {key: value for key, value in arguments.items() if value is not None}
        self.state.intend(Kind.STACK, Side.TENANT, name)
        return str(self.tenant.client("cloudformation").create_stack(**given)["StackId"])

    def finished(self, stack_id: str) -> tuple[dict[str, Any], float]:
        """Wait until a stack of the tenant's has ended, and return it and the seconds. Raises TookTooLong."""
        cloudformation = self.tenant.client("cloudformation")

        def ended() -> dict[str, Any] | None:
            stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        return wait_for(
            "A stack of the tenant's",
            ended,
            seconds=self.pace.stack,
            every=self.pace.ask_every,
            meanwhile=self.meanwhile,
        )

    def events(self, stack_id: str) -> list[dict[str, Any]]:
        """Return the events of a stack of the tenant's, the oldest first."""
        pages = self.tenant.client("cloudformation").get_paginator("describe_stack_events")
        listed = [event for page in pages.paginate(StackName=stack_id) for event in page["StackEvents"]]
        return listed[::-1]

    def first_failure(self, stack_id: str) -> str:
        """Return why the first resource of a stack of the tenant's could not be made, or an empty string."""
        failed = [event for event in self.events(stack_id) if event["ResourceStatus"] == "CREATE_FAILED"]
        return str(failed[0].get("ResourceStatusReason", "")) if failed else ""


def new_run_id() -> str:
    """Return a run's ID. It can be an external ID's prefix and a part of a bucket's name."""
    return f"ft{secrets.token_hex(5)}"


def said(error: ClientError) -> tuple[str, str]:
    """Return AWS's code and sentence."""
    found = error.response.get("Error", {})
    return str(found.get("Code", "")), str(found.get("Message", ""))
