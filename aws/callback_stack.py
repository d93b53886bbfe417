"""Makes, updates and deletes the vendor's side of the callback in one region: a stack of CloudFormation's.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html, API_UpdateStack.html,
API_DescribeStacks.html and API_DescribeStackEvents.html beside it, and for the statuses
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from aws.advice import advice_on
from aws.answers import outcome_of, raw_code
from onboarding.ground.wording import clean
from onboarding.proof.answer import Outcome

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

PAUSE_SECONDS = 2.0
# Ten minutes: the seven resources take about one.
MOST_PAUSES = 300
# The reason names whole ARNs.
LONGEST_REASON = 600

_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_CAN_BE_UPDATED = (*_GOOD, "UPDATE_ROLLBACK_COMPLETE")
# What is worth another try while we wait.
_PASSING = (Outcome.THROTTLED, Outcome.TIMED_OUT, Outcome.SERVICE_ERROR, Outcome.UNREACHABLE)
_RIGHTS = (
    "Give the identity that you run this with the rights that docs/operations.md lists (Callbacks, Install it), "
    "or run it as somebody who has them."
)


class Done(StrEnum):
    """What `install` did."""

    MADE = "made"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Installed:
    """The stack is complete. `outputs` are those of cfn/callback.yaml by name."""

    done: Done
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class CallbackFailed:
    """Why something was not done: a sentence for the operator, and what to do about it."""

    message: str
    hint: str


@dataclass(frozen=True)
class StackState:
    """The stack as CloudFormation describes it. `reason` is why its last change failed, or an empty string."""

    stack_id: str
    status: str
    reason: str
    outputs: Mapping[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether its last change succeeded."""
        return self.status in _GOOD


class _Unfinished(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.failure = CallbackFailed(message, hint)


class CallbackStack:
    """The callback's stack of one region. `tell` gets a line for each step of CloudFormation's while we wait."""

    def __init__(
        self,
        cloudformation: Callable[[], CloudFormationClient],
        *,
        name: str,
        region: str,
        tell: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cloudformation = cloudformation
        self._name, self._region = name, region
        self._tell, self._pause = tell, pause
        self._told: set[str] = set()

    def install(self, text: str, *, prefix: str) -> Installed | CallbackFailed:
        """Make the stack of this template, or update it, and wait until it is complete. Can be repeated.

        A stack that is being changed is waited for. One whose making was rolled back has nothing in it: it is deleted
        and made again.
        """
        try:
            return self._install(text, prefix)
        except (ClientError, BotoCoreError) as error:
            return failed(error, region=self._region)
        except _Unfinished as found:
            return found.failure

    def remove(self) -> bool | CallbackFailed:
        """Delete the stack and wait until it is gone. Return whether there was one."""
        try:
            found = self._settled()
            if found is not None:
                self._delete(found)
        except (ClientError, BotoCoreError) as error:
            return failed(error, region=self._region)
        except _Unfinished as unfinished:
            return unfinished.failure
        return found is not None

    def state(self) -> StackState | None:
        """Return the stack, or None if there is none. Raises ClientError or BotoCoreError."""
        return self._described(self._name)

    def _install(self, text: str, prefix: str) -> Installed:
        found = self._settled()
        if found is not None and found.status == "ROLLBACK_COMPLETE":
            self._tell(f"An earlier try was rolled back: {found.reason} It is deleted and made again.")
            self._delete(found)
            found = None
        wanted: dict[str, Any] = {
            "StackName": self._name,
            "TemplateBody": text,
            "Parameters": [{"ParameterKey": "Prefix", "ParameterValue": prefix}],
        }
        if found is None:
            done = Done.MADE
            self._cloudformation().create_stack(**wanted, OnFailure="ROLLBACK")
        elif found.status in _CAN_BE_UPDATED:
            done = self._update(wanted)
        else:
            raise self._stuck(found)
        ended = self._settled()
        if ended is None or not (ended.is_complete or (done is Done.UNCHANGED and ended.status in _CAN_BE_UPDATED)):
            raise self._stuck(ended)
        return Installed(done, ended.outputs)

    def _update(self, wanted: Mapping[str, Any]) -> Done:
        try:
            self._cloudformation().update_stack(**wanted)
        except ClientError as error:
            if "No updates are to be performed" in _message(error):
                return Done.UNCHANGED
            raise
        return Done.UPDATED

    def _delete(self, found: StackState) -> None:
        self._cloudformation().delete_stack(StackName=found.stack_id)
        left = self._settled(found.stack_id)
        if left is not None:
            raise self._stuck(left)

    def _stuck(self, found: StackState | None) -> _Unfinished:
        if found is None:
            return _Unfinished(f"The stack {self._name} was deleted meanwhile.", "Run the command again.")
        if found.status in ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
            again = "Repair that, and run the command again: it begins anew."
            return _Unfinished(f"CloudFormation rolled the stack {self._name} back: {found.reason}", again)
        return _Unfinished(
            f"The stack {self._name} is {found.status}: {found.reason}",
            "Repair that in the CloudFormation console of the region, and run the command again.",
        )

    def _settled(self, stack_id: str = "") -> StackState | None:
        """Wait until nothing changes the stack, and return it, or None if there is none. Raises _Unfinished."""
        for _ in range(MOST_PAUSES):
            try:
                found = self._described(stack_id or self._name)
                if found is None:
                    return None
                self._tell_news(found)
            except (ClientError, BotoCoreError) as error:
                if outcome_of(error) not in _PASSING:
                    raise
            else:
                if not found.status.endswith("_IN_PROGRESS") or found.status == "REVIEW_IN_PROGRESS":
                    return found
            self._pause(PAUSE_SECONDS)
        raise _Unfinished(
            f"The stack {self._name} is still being changed after {MOST_PAUSES * PAUSE_SECONDS / 60:g} minutes.",
            "Look at its events in the CloudFormation console, and run the command again: it goes on waiting.",
        )

    def _described(self, name: str) -> StackState | None:
        try:
            (stack,) = self._cloudformation().describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if raw_code(error) == "ValidationError" and "does not exist" in _message(error):
                return None
            raise
        status = str(stack["StackStatus"])
        if status == "DELETE_COMPLETE":
            return None
        is_bad = status not in _GOOD and not status.endswith("_IN_PROGRESS")
        reason = self._reason(stack["StackId"]) or stack.get("StackStatusReason", "") if is_bad else ""
        outputs = {out["OutputKey"]: out["OutputValue"] for out in stack.get("Outputs", [])}
        shown = clean(reason, longest=LONGEST_REASON) or "AWS gives no reason."
        return StackState(stack["StackId"], status, shown if is_bad else "", outputs)

    def _events(self, stack_id: str) -> list[Any]:
        """Return the latest events, newest first."""
        return list(self._cloudformation().describe_stack_events(StackName=stack_id)["StackEvents"])

    def _reason(self, stack_id: str) -> str:
        """Return why the stack's last change failed: the first failure in it, since later ones only follow from it."""
        reason = ""
        for event in self._events(stack_id):
            status, why = str(event.get("ResourceStatus", "")), event.get("ResourceStatusReason", "")
            if status.endswith("_FAILED") and why and "cancelled" not in why.lower():
                reason = f"{event['LogicalResourceId']}: {why}"
            is_of_the_stack = event.get("PhysicalResourceId") == stack_id
            if is_of_the_stack and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
                break
        return reason

    def _tell_news(self, found: StackState) -> None:
        """Tell what happened since the last look. What was there at the first look is no news, if nothing goes on."""
        is_first = not self._told
        for event in reversed(self._events(found.stack_id)):
            if event["EventId"] in self._told:
                continue
            self._told.add(event["EventId"])
            if not is_first or found.status.endswith("_IN_PROGRESS"):
                why = f" ({event['ResourceStatusReason']})" if event.get("ResourceStatusReason") else ""
                self._tell(
                    f"{event['LogicalResourceId']}: {event['ResourceStatus']}{clean(why, longest=LONGEST_REASON)}"
                )


def failed(error: ClientError | BotoCoreError, *, region: str) -> CallbackFailed:
    """Return what an error of CloudFormation's, SNS's or SQS's means, and what to do."""
    outcome = outcome_of(error)
    if outcome is Outcome.REFUSED:
        return CallbackFailed(f"AWS refuses in {region}: {_message(error) or raw_code(error)}", _RIGHTS)
    message, hint = advice_on(error, outcome) or (
        f"AWS answers {raw_code(error)} in {region}: {_message(error)}",
        "Look the code up, or run the command again.",
    )
    return CallbackFailed(message, hint)


def _message(error: ClientError | BotoCoreError) -> str:
    """Return AWS's own sentence."""
    message = str(error.response.get("Error", {}).get("Message", "")) if isinstance(error, ClientError) else ""
    return clean(message, longest=LONGEST_REASON)
