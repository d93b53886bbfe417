"""What a stack of topics and queues has beside them, and moto's CloudFormation skips while saying CREATE_COMPLETE.

Policies of topics and queues, subscriptions and alarms are made in moto's SNS, SQS and CloudWatch from the template.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudformation.parsing import clean_json
from moto.cloudwatch.models import cloudwatch_backends
from moto.moto_api._internal import mock_random
from moto.sns.models import Topic, sns_backends
from moto.sqs.models import sqs_backends

from sandbox.cloudformation.gradual_stack import GradualStack

TYPES = {"AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::Subscription", "AWS::CloudWatch::Alarm"}
_SUBSCRIBED = ("FilterPolicyScope", "FilterPolicy", "DeliveryPolicy", "RedrivePolicy", "SubscriptionRoleArn")


@dataclass(frozen=True)
class Made:
    """One of these resources, in the form that moto's templates resolve `Ref` from."""

    physical_resource_id: str
    properties: Mapping[str, Any]


def takes_messaging(stack: GradualStack, logical_id: str) -> bool:
    """Whether the resource is one of those that this module makes."""
    return stack.template_dict["Resources"][logical_id]["Type"] in TYPES


def make_messaging(stack: GradualStack, logical_id: str) -> str:
    """Make the resource, or bring it up to date, and return its physical ID. Raises moto's errors. Under MOTO_LOCK."""
    declared = stack.template_dict["Resources"][logical_id]
    properties = clean_json(declared.get("Properties") or {}, stack.resource_map)
    kind = declared["Type"]
    if kind == "AWS::SNS::TopicPolicy":
        for topic in _topics(stack, properties):
            topic.policy = json.dumps(properties["PolicyDocument"])
    elif kind == "AWS::SQS::QueuePolicy":
        for queue in _queues(stack, properties):
            queue.policy = json.dumps(properties["PolicyDocument"])
    known = stack.resource_map._parsed_resources.get(logical_id)
    physical_id = known.physical_resource_id if isinstance(known, Made) else _new_id(stack, logical_id)
    if kind == "AWS::SNS::Subscription":
        physical_id = _subscribe(stack, properties)
    elif kind == "AWS::CloudWatch::Alarm":
        physical_id = properties.get("AlarmName") or physical_id
        _put_alarm(stack, physical_id, properties)
    stack.resource_map._parsed_resources[logical_id] = Made(physical_id, properties)
    return physical_id


def unmake_messaging(stack: GradualStack, logical_id: str) -> None:
    """Delete the resource. Does nothing when it was not made. Under MOTO_LOCK."""
    made = stack.resource_map._parsed_resources.pop(logical_id, None)
    if not isinstance(made, Made):
        return
    kind = stack.template_dict["Resources"][logical_id]["Type"]
    if kind == "AWS::SNS::TopicPolicy":
        for topic in _topics(stack, made.properties):
            topic._policy_json = topic._create_default_topic_policy(stack.region_name, stack.account_id, topic.name)
    elif kind == "AWS::SQS::QueuePolicy":
        for queue in _queues(stack, made.properties):
            queue.policy = None
    elif kind == "AWS::SNS::Subscription":
        sns_backends[stack.account_id][stack.region_name].unsubscribe(made.physical_resource_id)
    else:
        cloudwatch_backends[stack.account_id][stack.region_name].delete_alarms([made.physical_resource_id])


def _topics(stack: GradualStack, properties: Mapping[str, Any]) -> list[Topic]:
    known = sns_backends[stack.account_id][stack.region_name].topics
    return [known[arn] for arn in properties["Topics"] if arn in known]


def _queues(stack: GradualStack, properties: Mapping[str, Any]) -> list[Any]:
    known = sqs_backends[stack.account_id][stack.region_name].queues
    names = [url.rpartition("/")[2] for url in properties["Queues"]]
    return [known[name] for name in names if name in known]


def _subscribe(stack: GradualStack, properties: Mapping[str, Any]) -> str:
    backend = sns_backends[stack.account_id][stack.region_name]
    made = backend.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
    if str(properties.get("RawMessageDelivery", "")).lower() == "true":
        # moto takes any text for yes, "false" too.
        backend.set_subscription_attributes(made.arn, "RawMessageDelivery", "true")
    for name in _SUBSCRIBED:
        if name in properties:
            value = properties[name]
            backend.set_subscription_attributes(made.arn, name, value if isinstance(value, str) else json.dumps(value))
    return str(made.arn)


def _put_alarm(stack: GradualStack, name: str, properties: Mapping[str, Any]) -> None:
    cloudwatch_backends[stack.account_id][stack.region_name].put_metric_alarm(
        name=name,
        namespace=properties["Namespace"],
        metric_name=properties["MetricName"],
        comparison_operator=properties["ComparisonOperator"],
        evaluation_periods=int(properties["EvaluationPeriods"]),
        datapoints_to_alarm=int(properties["DatapointsToAlarm"]) if "DatapointsToAlarm" in properties else None,
        period=int(properties["Period"]),
        threshold=float(properties["Threshold"]),
        statistic=properties.get("Statistic", ""),
        extended_statistic=properties.get("ExtendedStatistic"),
        description=properties.get("AlarmDescription", ""),
        dimensions=properties.get("Dimensions", []),
        alarm_actions=properties.get("AlarmActions", []),
        ok_actions=properties.get("OKActions"),
        insufficient_data_actions=properties.get("InsufficientDataActions"),
        unit=properties.get("Unit"),
        actions_enabled=properties.get("ActionsEnabled", True),
        treat_missing_data=properties.get("TreatMissingData"),
        tags=properties.get("Tags"),
    )


def _new_id(stack: GradualStack, logical_id: str) -> str:
    return f"{stack.name}-{logical_id}-{mock_random.get_random_string(12).upper()}"
