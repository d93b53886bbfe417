"""What the stack template asks for, statement by statement, with the values of one connection filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text
from onboarding.permissions.aws_actions import named_by_all
from onboarding.policy.document import Condition, PolicyDocument, parse_policy
from onboarding.policy.patterns import Patterns
from onboarding.stack_template.functions import resolve
from onboarding.stack_template.reading import StackTemplateError
from onboarding.stack_template.template import StackTemplate
from onboarding.stack_template.yaml_text import read_yaml


@dataclass(frozen=True)
class AskedStatement:
    """One statement that the template asks for.

    While the stack is not known, `AWS::StackId` becomes a resource with `*`, for any one stack of the account.
    """

    sid: str
    title: Text
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    is_one_stack: bool = False

    @cached_property
    def named(self) -> int:
        """The actions, as AwsActions counts them."""
        return named_by_all(self.actions).together

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The actions that our list of AWS's actions lacks."""
        return named_by_all(self.actions).unknown

    @cached_property
    def patterns(self) -> Patterns:
        """The resources."""
        return Patterns(self.resources)


@dataclass(frozen=True)
class AskedPermissions:
    """The role's inline policies in a template, read once; `for_role` is cheap.

    What is the same for every role is read already; a statement with functions in it is kept as the template has it.
    """

    titles: Mapping[str, Text]
    statements: tuple[AskedStatement | Any, ...]
    mappings: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> AskedPermissions:
        """Return what a template asks for. As slow as StackTemplate.parse: call it once. Raises StackTemplateError."""
        template, document = StackTemplate.parse(text), read_yaml(text)
        role = next(r for r in document["Resources"].values() if r.get("Type") == "AWS::IAM::Role")
        titles = {permission.sid: permission.title for permission in template.permissions}
        mappings = document.get("Mappings", {})
        statements: list[AskedStatement | Any] = []
        for policy in role["Properties"]["Policies"]:
            listed = policy["PolicyDocument"]["Statement"]
            for raw in listed if isinstance(listed, list) else [listed]:
                try:
                    statements += _read(resolve(raw, names={}, mappings=mappings), titles)
                except StackTemplateError:
                    statements.append(raw)
        return cls(titles, tuple(statements), mappings)

    def for_role(self, role_arn: RoleArn, *, external_id: str, stack_arn: str = "") -> tuple[AskedStatement, ...]:
        """Return the statements as AWS makes them for the connection that this external ID was issued to.

        The account and partition are the role's. Without `stack_arn`, any one stack of the account matches.
        Raises StackTemplateError for a function that Rolecall cannot resolve.
        """
        any_stack = f"arn:{role_arn.partition}:cloudformation:*:{role_arn.account_id}:stack/*/*"
        names = {
            "AWS::Partition": role_arn.partition,
            "AWS::AccountId": role_arn.account_id,
            "AWS::StackId": stack_arn or any_stack,
            "ExternalId": external_id,
        }
        asked: list[AskedStatement] = []
        for statement in self.statements:
            if isinstance(statement, AskedStatement):
                asked.append(statement)
            else:
                resolved = resolve(statement, names=names, mappings=self.mappings)
                asked += _read(resolved, self.titles, any_stack=any_stack)
        return tuple(asked)


def _read(raw: object, titles: Mapping[str, Text], *, any_stack: str = "") -> Iterator[AskedStatement]:
    policy = parse_policy({"Statement": [raw]})
    if not isinstance(policy, PolicyDocument):
        raise StackTemplateError(f"The stack template's policy is not a policy: {policy.sentence}")
    for statement in policy.statements:
        yield AskedStatement(
            sid=statement.sid,
            title=titles.get(statement.sid, Text(statement.sid)),
            actions=statement.actions,
            resources=statement.resources,
            conditions=statement.conditions,
            is_one_stack=statement.resources == (any_stack,),
        )
