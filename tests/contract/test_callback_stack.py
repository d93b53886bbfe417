"""The stack of the callback, made by a CloudFormation that goes through what AWS's can."""

from __future__ import annotations

from itertools import count

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from aws.callback_stack import CallbackFailed, CallbackStack, Done, Installed

NAME, REGION = "rolecall-callback-northwind", "eu-west-1"
ARN = f"arn:aws:cloudformation:{REGION}:999988887777:stack/{NAME}/"
OUTPUTS = [{"OutputKey": "TopicArn", "OutputValue": "arn"}]


def refusal(operation, code="AccessDenied", message="User: arn is not authorized to perform it"):
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}, operation)


class CloudFormation:
    """One stack at most. `then` are the statuses that a change goes through, each seen once; an error is raised."""

    def __init__(self, status="", *, then=(), reason="", changes=True):
        self.status, self.then, self.reason, self.changes = status, list(then), reason, changes
        self.calls, self.events, self._numbers = [], [], count(1)
        self.stack_id = f"{ARN}0"
        if status:
            self._happened(status)

    def describe_stacks(self, **asked):
        if self.then and self.is_changing:
            step = self.then.pop(0)
            if isinstance(step, Exception):
                raise step
            self._happened(step)
        if not self.status or (self.status == "DELETE_COMPLETE" and asked["StackName"] == NAME):
            raise refusal("DescribeStacks", "ValidationError", "Stack with id x does not exist")
        outputs = OUTPUTS if self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else []
        return {"Stacks": [{"StackId": self.stack_id, "StackStatus": self.status, "Outputs": outputs}]}

    def describe_stack_events(self, **asked):
        return {"StackEvents": self.events[::-1]}

    def create_stack(self, **given):
        self.calls.append("create")
        self.stack_id = f"{ARN}{next(self._numbers)}"
        self._happened("CREATE_IN_PROGRESS")

    def update_stack(self, **given):
        self.calls.append("update")
        if not self.changes:
            raise refusal("UpdateStack", "ValidationError", "No updates are to be performed.")
        self._happened("UPDATE_IN_PROGRESS")

    def delete_stack(self, **asked):
        self.calls.append("delete")
        self._happened("DELETE_IN_PROGRESS")
        if not self.then or self.then[0] != "DELETE_FAILED":
            self.then.insert(0, "DELETE_COMPLETE")

    @property
    def is_changing(self):
        return self.status.endswith("_IN_PROGRESS")

    def _happened(self, status):
        if "ROLLBACK_IN_PROGRESS" in status:
            self._event("Topic", "CREATE_FAILED", self.reason)
            self._event("Queue", "CREATE_FAILED", "Resource creation cancelled")
        self.status = status
        self._event(NAME, status, "", self.stack_id)

    def _event(self, logical_id, status, reason, physical_id=""):
        event = {"EventId": str(next(self._numbers)), "LogicalResourceId": logical_id, "ResourceStatus": status}
        self.events.append({**event, "ResourceStatusReason": reason, "PhysicalResourceId": physical_id})


def stack(cloudformation, *, told=None):
    tell = [].append if told is None else told.append
    return CallbackStack(lambda: cloudformation, name=NAME, region=REGION, tell=tell, pause=lambda seconds: None)


def install(cloudformation, *, told=None):
    return stack(cloudformation, told=told).install("template", prefix="northwind")


def test_where_there_is_none_it_is_made_and_each_step_told():
    told = []

    done = install(CloudFormation(then=["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]), told=told)

    assert done == Installed(Done.MADE, {"TopicArn": "arn"})
    assert told[-1] == f"{NAME}: CREATE_COMPLETE"


def test_a_complete_one_is_updated_and_its_old_steps_are_not_told_again():
    told = []
    aws = CloudFormation("CREATE_COMPLETE", then=["UPDATE_COMPLETE"])

    assert install(aws, told=told) == Installed(Done.UPDATED, {"TopicArn": "arn"})
    assert told == [f"{NAME}: UPDATE_IN_PROGRESS", f"{NAME}: UPDATE_COMPLETE"]


def test_one_that_is_up_to_date_is_left_as_it_is():
    told = []

    done = install(CloudFormation("UPDATE_COMPLETE", changes=False), told=told)

    assert done == Installed(Done.UNCHANGED, {"TopicArn": "arn"})
    assert told == []


def test_one_that_somebody_else_is_making_is_waited_for():
    aws = CloudFormation("CREATE_IN_PROGRESS", then=["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], changes=False)

    assert install(aws) == Installed(Done.UNCHANGED, {"TopicArn": "arn"})
    assert aws.calls == ["update"]


def test_one_that_is_rolled_back_gives_the_first_failure_as_the_reason():
    reason = "User: arn:aws:iam::999988887777:user/x is not authorized to perform: SNS:CreateTopic"
    aws = CloudFormation(then=["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"], reason=reason)

    done = install(aws)

    assert isinstance(done, CallbackFailed)
    assert done.message == f"CloudFormation rolled the stack {NAME} back: Topic: {reason}"


def test_an_update_that_is_rolled_back_gives_its_reason_too():
    aws = CloudFormation(
        "CREATE_COMPLETE", then=["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"], reason="No."
    )

    assert "rolled the stack" in install(aws).message
    assert install(CloudFormation("UPDATE_ROLLBACK_COMPLETE", changes=False)).done is Done.UNCHANGED


def test_what_an_earlier_rollback_left_is_deleted_and_made_again():
    told = []
    aws = CloudFormation("ROLLBACK_COMPLETE", then=["CREATE_COMPLETE"])

    assert install(aws, told=told) == Installed(Done.MADE, {"TopicArn": "arn"})
    assert aws.calls == ["delete", "create"]
    assert "An earlier try was rolled back" in told[0]


@pytest.mark.parametrize("status", ["ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"])
def test_what_only_a_person_can_repair_is_named_and_left_alone(status):
    aws = CloudFormation(status)

    done = install(aws)

    assert f"{NAME} is {status}" in done.message
    assert "CloudFormation console" in done.hint
    assert aws.calls == []


@pytest.mark.parametrize(
    "passing",
    [refusal("DescribeStacks", "Throttling", "Rate exceeded"), EndpointConnectionError(endpoint_url="https://x")],
    ids=["throttled", "unreachable"],
)
def test_what_passes_by_itself_is_waited_for(passing):
    assert install(CloudFormation(then=[passing, passing, "CREATE_COMPLETE"])).done is Done.MADE


def test_one_that_never_ends_is_not_waited_for_for_ever():
    done = install(CloudFormation("CREATE_IN_PROGRESS"))

    assert "still being changed after 10 minutes" in done.message


def test_a_refusal_is_said_in_awss_own_words_with_whose_turn_it_is():
    aws = CloudFormation()
    aws.create_stack = lambda **given: (_ for _ in ()).throw(refusal("CreateStack"))

    done = install(aws)

    assert "User: arn is not authorized" in done.message
    assert "docs/operations.md" in done.hint


def test_removing_deletes_it_and_says_whether_there_was_one():
    aws = CloudFormation("CREATE_COMPLETE")

    assert stack(aws).remove() is True
    assert aws.calls == ["delete"]
    assert stack(CloudFormation()).remove() is False


def test_one_that_cannot_be_deleted_says_so():
    done = stack(CloudFormation("CREATE_COMPLETE", then=["DELETE_FAILED"])).remove()

    assert f"{NAME} is DELETE_FAILED" in done.message
