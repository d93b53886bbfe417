"""What the callback's parts of a stack template have to keep to, as a function over its document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPE = "Custom::RolecallCallback"
TOKEN = re.compile(
    r"arn:\$\{AWS::Partition\}:sns:\$\{AWS::Region\}:\$\{AccountId\}:rolecall-callback-[a-z][a-z0-9]{1,19}"
)


def callback_faults(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong: all of it stands there, or nothing, and it tells the vendor no more than it says."""
    made = {name: r for name, r in document["Resources"].items() if r["Type"] == TYPE}
    conditions = document.get("Conditions", {})
    explained = document.get("Metadata", {}).get("Callback")
    roles = [r["Properties"] for r in document["Resources"].values() if r["Type"] == "AWS::IAM::Role"]
    conditional = [tag for role in roles for tag in role.get("Tags", []) if "Fn::If" in tag["Value"]]
    if not made:
        left = {"Conditions": conditions, "Metadata, Callback": explained, "the role's tag": conditional}
        yield from (f"{name} stands there without a callback" for name, there in left.items() if there)
        return
    if len(made) > 1 or set(conditions) != {"HasCallback"}:
        yield f"the callbacks are {list(made)}, the conditions {list(conditions)}"
    for name, resource in made.items():
        yield from _faults_of(name, resource)
        tag = {"Key": "callback", "Value": {"Fn::If": ["HasCallback", {"Ref": name}, "none"]}}
        if conditional != [tag]:
            yield f"the role's conditional tags are {conditional}"
    yield from _faults_of_the_condition(conditions.get("HasCallback"))
    yield from (f"the callback has no {key}" for key in ("Title", "Reads", "Why", "NeverReads") if not explained[key])


def regions_of(condition: Any) -> list[str]:
    """The regions that a condition is true in."""
    if "Fn::Equals" in condition:
        return [condition["Fn::Equals"][1]]
    return [region for inner in condition["Fn::Or"] for region in regions_of(inner)]


def _faults_of(name: str, resource: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"Callback[0-9a-f]{8}", name):
        yield f"the callback is called {name}"
    if set(resource) != {"Type", "Condition", "Properties"} or resource["Condition"] != "HasCallback":
        yield f"{name} has {sorted(resource)}"
    properties = resource.get("Properties", {})
    token = properties.get("ServiceToken")
    text, values = token["Fn::Sub"] if isinstance(token, dict) else (token, {})
    account = {"AccountId": {"Fn::FindInMap": ["Vendor", "TrustedPrincipal", "AccountId"]}}
    if not TOKEN.fullmatch(text or "") or values != account:
        yield f"{name} reports to {token}"
    others = {key: value for key, value in properties.items() if key != "ServiceToken"}
    if others != {"ServiceTimeout": "300", "ExternalId": {"Ref": "ExternalId"}}:
        yield f"{name} tells {others}"


def _faults_of_the_condition(condition: Any) -> Iterator[str]:
    """Fn::Equals on the stack's region alone, or Fn::Or of two to ten of such conditions."""
    if not isinstance(condition, dict) or len(condition) != 1:
        yield f"a condition is {condition}"
        return
    ((function, argument),) = condition.items()
    if function == "Fn::Or":
        if not 2 <= len(argument) <= 10:
            yield f"an Fn::Or has {len(argument)} conditions"
        for inner in argument:
            yield from _faults_of_the_condition(inner)
    elif function != "Fn::Equals" or argument[0] != {"Ref": "AWS::Region"} or not isinstance(argument[1], str):
        yield f"a condition is {condition}"
