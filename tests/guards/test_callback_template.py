"""What the vendor's side of the callback lets whom do: the template keeps to it, and each statement can be named."""

from __future__ import annotations

import json
import re

from cfnlint import ManualArgs
from cfnlint.api import lint
from cfnlint.helpers import REGIONS

from config import PROJECT
from onboarding.ground.external_id import PREFIX_PATTERN
from onboarding.stack_template.yaml_text import read_yaml

TEXT = (PROJECT / "cfn" / "callback.yaml").read_text(encoding="utf-8")
TEMPLATE = read_yaml(TEXT)
RESOURCES = TEMPLATE["Resources"]
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
RECEIVER = json.loads(TEMPLATE["Outputs"]["ReceiverPolicy"]["Value"]["Fn::Sub"])
ARN_OF_THE_QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}


def statements(name):
    return RESOURCES[name]["Properties"]["PolicyDocument"]["Statement"]


def test_cfn_lint_finds_nothing_in_it_in_any_region():
    assert [str(found) for found in lint(TEXT, config=ManualArgs(regions=list(REGIONS)))] == []


def test_the_only_parameter_is_the_prefix_of_the_installation():
    ((name, parameter),) = TEMPLATE["Parameters"].items()

    assert name == "Prefix"
    assert parameter["AllowedPattern"] == PREFIX_PATTERN


def test_strangers_can_publish_and_do_nothing_else():
    allowed = [(s["Effect"], s["Action"], s["Resource"]) for s in statements("TopicPolicy")]

    assert allowed == [("Allow", "sns:Publish", {"Ref": "Topic"})] * 2
    (strangers,) = [s for s in statements("TopicPolicy") if s["Principal"] == {"AWS": "*"}]
    assert strangers["Condition"] == {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}


def test_only_the_topic_can_send_to_the_queue():
    assert statements("QueuePolicy") == [
        {
            "Sid": "OnlyTheTopicCanSend",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": ARN_OF_THE_QUEUE,
            "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}},
        }
    ]


def test_the_policy_for_our_role_reads_the_one_queue_and_nothing_else():
    (statement,) = RECEIVER["Statement"]

    assert statement["Resource"] == "${Queue.Arn}"
    assert statement["Action"] == [
        *("sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage")
    ]


def test_no_resource_carries_a_key_that_publishers_or_our_role_would_need_rights_on():
    assert "Kms" not in json.dumps(RESOURCES)
    assert all(RESOURCES[name]["Properties"]["SqsManagedSseEnabled"] == "true" for name in ("Queue", "DeadLetters"))


def test_an_event_is_tried_for_as_long_as_a_stack_waits():
    queue = RESOURCES["Queue"]["Properties"]

    assert int(queue["VisibilityTimeout"]) * int(queue["RedrivePolicy"]["maxReceiveCount"]) == 300


def test_operations_argues_every_statement_by_its_name():
    named = {s["Sid"] for s in (*statements("TopicPolicy"), *statements("QueuePolicy"), *RECEIVER["Statement"])}

    assert {sid for sid in named if not re.search(rf"`{sid}`", OPERATIONS)} == set()
