"""cfn/callback.yaml as what the vendor's side of the callback should be: its policies, with the names filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.stack_template.yaml_text import read_yaml


@dataclass(frozen=True)
class WantedPolicies:
    """What the policies of topic and queue say, and the IAM policy of the role that reads the queue, as JSON."""

    topic: Mapping[str, Any]
    queue: Mapping[str, Any]
    receiver: str


def wanted_policies(text: str, *, topic_arn: str, queue_arn: str) -> WantedPolicies:
    """Return the policies in the text of cfn/callback.yaml, for this topic and queue."""
    template = read_yaml(text)
    names = {"Topic": topic_arn, "Queue.Arn": queue_arn}

    def policy_of(name: str) -> Mapping[str, Any]:
        return dict(_filled(template["Resources"][name]["Properties"]["PolicyDocument"], names))

    receiver = template["Outputs"]["ReceiverPolicy"]["Value"]["Fn::Sub"].replace("${Queue.Arn}", queue_arn)
    return WantedPolicies(policy_of("TopicPolicy"), policy_of("QueuePolicy"), receiver)


def says_the_same(raw: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a policy that AWS has is the wanted one: in any order of its keys, a list of one for the one.

    Version and Id aside, which AWS adds to a policy that has none.
    """
    try:
        stands = json.loads(raw)
    except ValueError:
        return False
    return isinstance(stands, dict) and _plain(stands.get("Statement")) == _plain(wanted["Statement"])


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return names[value["Ref"]]
    if "Fn::GetAtt" in value:
        return names[".".join(value["Fn::GetAtt"])]
    return {key: _filled(inner, names) for key, inner in value.items()}


def _plain(value: Any) -> Any:
    """Return the value in one form: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html."""
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else [_plain(item) for item in value]
    if value == {"AWS": "*"}:
        return "*"
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, dict) else value
