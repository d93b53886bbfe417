"""What the stack template asks for, statement by statement, as AWS makes it for one role.

The template's statements hold CloudFormation's functions (the role's own ARN, the stack's own ID). Those that the
template uses for that are worked out here, from the values of one connection.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text
from onboarding.policy.document import Condition, PolicyDocument, parse_policy
from onboarding.stack_template.template import StackTemplate, StackTemplateError
from onboarding.stack_template.yaml_text import read_yaml


@dataclass(frozen=True)
class AskedStatement:
    """One statement that the template asks for. A resource with `*` where the template has `AWS::StackId` stands for
    one stack of the account, whichever it is: the template does not know its own stack's ID beforehand.
    """

    sid: str
    title: Text
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    is_one_stack: bool = False


@dataclass(frozen=True)
class AskedPermissions:
    """The role's inline policies in a template, read once; `for_role` is cheap."""

    titles: Mapping[str, Text]
    policies: tuple[Any, ...]
    mappings: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> AskedPermissions:
        """Return what a template asks for. It takes as long as StackTemplate.parse: do it once, at start.

        Raises StackTemplateError as that does.
        """
        template, document = StackTemplate.parse(text), read_yaml(text)
        role = next(r for r in document["Resources"].values() if r.get("Type") == "AWS::IAM::Role")
        return cls(
            titles={permission.sid: permission.title for permission in template.permissions},
            policies=tuple(policy["PolicyDocument"] for policy in role["Properties"]["Policies"]),
            mappings=document.get("Mappings", {}),
        )

    def for_role(self, role_arn: RoleArn, *, external_id: str, stack_arn: str = "") -> tuple[AskedStatement, ...]:
        """Return the statements as AWS makes them for the connection that this external ID was issued to.

        The account and partition are the role's. `stack_arn` may be left out: then any one stack of the account
        will do. Raises StackTemplateError for a function that cannot be worked out here.
        """
        any_stack = f"arn:{role_arn.partition}:cloudformation:*:{role_arn.account_id}:stack/*/*"
        names = {
            "AWS::Partition": role_arn.partition,
            "AWS::AccountId": role_arn.account_id,
            "AWS::StackId": stack_arn or any_stack,
            "ExternalId": external_id,
        }
        asked = []
        for raw in self.policies:
            policy = parse_policy(_worked_out(raw, names, self.mappings))
            if not isinstance(policy, PolicyDocument):
                raise StackTemplateError(f"The stack template's policy is none: {policy.sentence}")
            asked += [
                AskedStatement(
                    sid=statement.sid,
                    title=self.titles.get(statement.sid, Text(statement.sid)),
                    actions=statement.actions,
                    resources=statement.resources,
                    conditions=statement.conditions,
                    is_one_stack=statement.resources == (any_stack,),
                )
                for statement in policy.statements
            ]
        return tuple(asked)


def _worked_out(value: Any, names: Mapping[str, str], mappings: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_worked_out(item, names, mappings) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return _named(argument, names)
        if function == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            known = {**names, **_worked_out(own, names, mappings)}
            return re.sub(r"\$\{([^!}]+)\}", lambda found: _named(found[1], known), text)
        if function.startswith("Fn::"):
            return _applied(function, _worked_out(argument, names, mappings), mappings)
    return {key: _worked_out(inner, names, mappings) for key, inner in value.items()}


def _applied(function: str, argument: Any, mappings: Mapping[str, Any]) -> Any:
    functions: Mapping[str, Callable[[], Any]] = {
        "Fn::Join": lambda: argument[0].join(argument[1]),
        "Fn::Split": lambda: argument[1].split(argument[0]),
        "Fn::Select": lambda: argument[1][int(argument[0])],
        "Fn::FindInMap": lambda: mappings[argument[0]][argument[1]][argument[2]],
    }
    try:
        return functions[function]()
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise StackTemplateError(f"{function} in the role's policies cannot be worked out.") from None


def _named(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise StackTemplateError(f"{name} in the role's policies cannot be worked out.")
    return names[name]
