"""Removes what a run has made, the latest first. Each removal can be repeated, and has an end.

The order matters: a tenant's stack can go only while its callback is answered, so the vendor's stack goes after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws.answers import raw_code
from fieldtest.accounts import Account, Accounts
from fieldtest.callbacks import Callbacks, open_callbacks
from fieldtest.pace import Pace, TookTooLong, wait_for
from fieldtest.run import said
from fieldtest.state import Kind, Made, Side, State

# What each service calls a thing that is not there.
_GONE = {"NoSuchBucket", "NoSuchEntity", "NoSuchEntityException", "NotFound", "NotFoundException", "404"}
_TRIES = 3
_CUSTOM = "Custom::"


class NotGone(Exception):
    """Something could not be removed. The message says why."""


@dataclass(frozen=True)
class Cleaner:
    """Removes the things of one state file."""

    accounts: Accounts
    state: State
    pace: Pace
    say: Callable[[str], None]

    def remove_all(self, callbacks: Callbacks | None = None) -> list[str]:
        """Remove what is left, and return a sentence for each thing that could not be removed.

        `callbacks` answers CloudFormation meanwhile; without it the run's queue is looked for. Goes over everything
        twice: what AWS was still making when the test ended can appear after the first time.
        """
        things = self.state.left
        if callbacks is None and any(thing.kind is Kind.STACK for thing in things):
            callbacks = open_callbacks(self.accounts, self.state.journey.run_id)
        if things:
            time.sleep(self.pace.grace)
        for thing in things:
            self.say(f"  Removing the {thing.side}'s {thing.kind} {thing.name}")
            self._problem_of(thing, callbacks)
        left = []
        for thing in things:
            if problem := self._problem_of(thing, callbacks):
                left.append(f"The {thing.side}'s {thing.kind} {thing.name}: {problem}")
            else:
                self.state.removed(thing)
        self.state.forget()
        return left

    def _problem_of(self, thing: Made, callbacks: Callbacks | None) -> str:
        """Remove it, and return why that failed, or an empty string."""
        problem = ""
        for number in range(_TRIES):
            try:
                self._remove(thing, callbacks)
            except ClientError as error:
                if said(error)[0] in _GONE:
                    return ""
                problem = ": ".join(said(error))
            except (BotoCoreError, NotGone, TookTooLong) as error:
                problem = raw_code(error) if isinstance(error, BotoCoreError) else str(error)
            else:
                return ""
            time.sleep(self.pace.ask_every * (number + 1))
        return problem

    def _remove(self, thing: Made, callbacks: Callbacks | None) -> None:
        account = self.accounts.of(thing.side)
        if thing.kind is Kind.STACK:
            _remove_stack(account, thing.name, self.pace, callbacks)
        else:
            _SIMPLE[thing.kind](account, thing.name)


def _remove_stack(account: Account, name: str, pace: Pace, callbacks: Callbacks | None) -> None:
    cloudformation = account.client("cloudformation")
    meanwhile = callbacks.answer_all if callbacks else lambda: None
    status = _status_of(cloudformation, name)
    if status == "DELETE_FAILED":
        # What hangs on is a custom resource whose Delete nobody answered: it has nothing behind it that could stay.
        cloudformation.delete_stack(StackName=name, RetainResources=_unanswered(cloudformation, name))
    elif status:
        cloudformation.delete_stack(StackName=name)

    def ended() -> str:
        found = _status_of(cloudformation, name)
        return "gone" if not found else found if found == "DELETE_FAILED" else ""

    found, _ = wait_for(
        f"Removing the stack {name}", ended, seconds=pace.stack, every=pace.ask_every, meanwhile=meanwhile
    )
    if found != "gone":
        raise NotGone(found)


def _status_of(cloudformation: Any, name: str) -> str:
    """Return the stack's status, or an empty string for one that is not there."""
    try:
        status = str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if said(error)[0] == "ValidationError" and "does not exist" in said(error)[1]:
            return ""
        raise
    return "" if status == "DELETE_COMPLETE" else status


def _unanswered(cloudformation: Any, name: str) -> list[str]:
    found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return [
        resource["LogicalResourceId"]
        for resource in found
        if resource["ResourceStatus"] == "DELETE_FAILED" and resource["ResourceType"].startswith(_CUSTOM)
    ]


def _remove_bucket(account: Account, name: str) -> None:
    s3, owner = account.client("s3"), {"ExpectedBucketOwner": account.account_id}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, **owner):
        for found in page.get("Contents", ()):
            s3.delete_object(Bucket=name, Key=found["Key"], **owner)
    s3.delete_bucket(Bucket=name, **owner)


def _remove_role(account: Account, name: str) -> None:
    account.client("iam").delete_role(RoleName=name)


def _remove_topic(account: Account, name: str) -> None:
    account.client("sns").delete_topic(TopicArn=name)


_SIMPLE: Mapping[Kind, Callable[[Account, str], None]] = {
    Kind.BUCKET: _remove_bucket,
    Kind.ROLE: _remove_role,
    Kind.TOPIC: _remove_topic,
}


def check_owner(state: State, accounts: Accounts) -> str:
    """Return why these accounts are not those of the state file, or an empty string."""
    wanted = {Side.VENDOR: state.journey.vendor_account, Side.TENANT: state.journey.tenant_account}
    for side, account_id in wanted.items():
        found = accounts.of(side).account_id
        if found != account_id:
            return f"The {side} profile is of account {found}, but {state.path} was written for {account_id}."
    return ""
