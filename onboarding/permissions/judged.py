"""What one statement of a policy is about: which actions, and which resources."""

from __future__ import annotations

from onboarding.policy.document import Statement
from onboarding.policy.patterns import Patterns, covers_pattern, has_wildcard


class JudgedStatement:
    """A statement, prepared for comparing. Action names are compared in lower case."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.is_inverted = statement.not_actions is not None or statement.not_resources is not None
        actions = statement.actions if statement.not_actions is None else statement.not_actions
        self._actions = Patterns(action.lower() for action in actions)
        self._resources = Patterns(statement.resources if statement.not_resources is None else statement.not_resources)

    def names_action(self, action: str) -> bool:
        """Whether the statement is about all of the action, which can itself be a pattern."""
        if self.statement.not_actions is not None:
            return not self._actions.meet(action)
        return self._actions.cover(action)

    def may_deny_action(self, action: str) -> bool:
        """Whether the statement is about any part of the action."""
        if self.statement.not_actions is not None:
            return not self._actions.cover(action)
        return self._actions.meet(action)

    def covers_resource(self, resource: str, *, is_one_stack: bool = False) -> bool:
        """Whether the statement is about all of the resource. For `is_one_stack`, one that it matches is enough."""
        if self.statement.not_resources is not None:
            return not self._resources.meet(resource)
        if self._resources.cover(resource):
            return True
        return is_one_stack and any(
            covers_pattern(wide=resource, narrow=named) and not has_wildcard(named)
            for named in self.statement.resources
        )

    def may_deny_resource(self, resource: str) -> bool:
        """Whether the statement is about any part of the resource."""
        if self.statement.not_resources is not None:
            return not self._resources.cover(resource)
        return self._resources.meet(resource)
