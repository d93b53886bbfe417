"""What a deployed role may do, against what the template asks for: what is missing, and what is in excess.

Judged on what the policies say together, not on how they are written.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (a Deny wins) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from onboarding.ground.wording import NOTHING, Text, clean, say
from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.excess import MANAGED, Reach, attached_excess, managed_name, reach_of
from onboarding.policy.document import Condition, PolicyDocument, Statement, parse_policy
from onboarding.policy.json_text import Unreadable
from onboarding.policy.patterns import covers_pattern, has_wildcard, patterns_meet


@dataclass(frozen=True)
class DeployedPermissions:
    """What is on the role: inline policies by name (in any form that parse_policy takes), ARNs of attached managed
    policies, and the ARN of its permissions boundary if it has one.
    """

    inline: Mapping[str, object]
    attached: tuple[str, ...] = ()
    boundary_arn: str | None = None


@dataclass(frozen=True)
class MissingPermission:
    """Actions of one of the template's statements that the role cannot do as asked."""

    sid: str
    title: Text
    actions: tuple[str, ...]


@dataclass(frozen=True)
class ExcessPermission:
    """Something the role may do that nobody asked for. `policy` is an inline policy's name or a managed one's ARN."""

    policy: str
    actions: tuple[str, ...]
    sentence: Text
    severity: Reach


@dataclass(frozen=True)
class PermissionComparison:
    """What came of it. While a policy is `unreadable` (name, sentence), neither list is complete.

    A boundary may take away what it does not list, and we cannot read it: with one, `missing` may be too short.
    """

    missing: tuple[MissingPermission, ...]
    excess: tuple[ExcessPermission, ...]
    boundary_arn: str | None
    boundary_sentence: Text
    unreadable: tuple[tuple[str, Text], ...]

    @property
    def is_exact(self) -> bool:
        """Whether the role may do what was agreed, nothing less and nothing more, for all that we could read."""
        return not (self.missing or self.excess or self.boundary_arn or self.unreadable)


def compare_permissions(deployed: DeployedPermissions, asked: Sequence[AskedStatement]) -> PermissionComparison:
    """Return what the role lacks and what it has too much of. Never raises, whatever the policies hold.

    `asked` comes from AskedPermissions.for_role. AdministratorAccess and PowerUserAccess count as granting what they
    grant; any other managed policy is unknown to us and counts as granting nothing.
    """
    read = {name: parse_policy(policy) for name, policy in sorted(deployed.inline.items())}
    inline = [(name, s) for name, p in read.items() if isinstance(p, PolicyDocument) for s in p.statements]
    managed = [MANAGED[name].grants for name in map(managed_name, deployed.attached) if name in MANAGED]
    granted = [*(s for _, s in inline), *(s for s in managed if s is not None)]
    boundary = deployed.boundary_arn
    return PermissionComparison(
        missing=tuple(_missing(asked, granted)),
        excess=(
            *_excess(inline, asked),
            *(ExcessPermission(arn, *attached_excess(arn)) for arn in dict.fromkeys(deployed.attached)),
        ),
        boundary_arn=boundary,
        boundary_sentence=_BOUNDARY.filled(boundary=clean(boundary)) if boundary else NOTHING,
        unreadable=tuple(_unreadable(read)),
    )


_BOUNDARY = say(
    "The permissions boundary {boundary} is set on the role. It may take away whatever it does not list itself; "
    "we cannot read it."
)


def _unreadable(read: Mapping[str, PolicyDocument | Unreadable]) -> Iterator[tuple[str, Text]]:
    for name, policy in read.items():
        if isinstance(policy, Unreadable):
            yield name, policy.sentence
        else:
            odd = [*policy.oddities, *(o for s in policy.statements for o in s.oddities)]
            yield from [(name, say("{what}.", what=odd[0].sentence))] if odd else []


def _missing(asked: Sequence[AskedStatement], granted: Sequence[Statement]) -> Iterator[MissingPermission]:
    for wanted in asked:
        lacking = tuple(action for action in wanted.actions if not _may(action, wanted, granted))
        if lacking:
            yield MissingPermission(wanted.sid, wanted.title, lacking)


def _may(action: str, wanted: AskedStatement, granted: Sequence[Statement]) -> bool:
    about = [statement for statement in granted if _names_action(statement, action)]
    allows = [
        s for s in about if s.effect == "Allow" and not s.oddities and set(s.conditions) <= set(wanted.conditions)
    ]
    denies = [s for s in granted if s.effect == "Deny" and _may_deny_action(s, action)]
    return all(
        any(_covers_resource(s, resource, wanted) for s in allows)
        and not any(_may_deny_resource(s, resource) for s in denies)
        for resource in wanted.resources
    )


def _names_action(statement: Statement, action: str) -> bool:
    """Whether the statement is about all of the action, which may itself be a pattern."""
    if statement.not_actions is not None:
        return not any(patterns_meet(named.lower(), action.lower()) for named in statement.not_actions)
    return any(covers_pattern(wide=named.lower(), narrow=action.lower()) for named in statement.actions)


def _covers_resource(statement: Statement, resource: str, wanted: AskedStatement) -> bool:
    if statement.not_resources is not None:
        return not any(patterns_meet(named, resource) for named in statement.not_resources)
    if any(covers_pattern(wide=named, narrow=resource) for named in statement.resources):
        return True
    return wanted.is_one_stack and any(
        covers_pattern(wide=resource, narrow=named) and not has_wildcard(named) for named in statement.resources
    )


def _may_deny_action(statement: Statement, action: str) -> bool:
    if statement.not_actions is not None:
        return not any(covers_pattern(wide=named.lower(), narrow=action.lower()) for named in statement.not_actions)
    return any(patterns_meet(named.lower(), action.lower()) for named in statement.actions)


def _may_deny_resource(statement: Statement, resource: str) -> bool:
    if statement.not_resources is not None:
        return not any(covers_pattern(wide=named, narrow=resource) for named in statement.not_resources)
    return any(patterns_meet(named, resource) for named in statement.resources)


def _excess(inline: Sequence[tuple[str, Statement]], asked: Sequence[AskedStatement]) -> Iterator[ExcessPermission]:
    denies = [s for _, s in inline if s.effect == "Deny" and not s.conditions and not s.oddities]
    for policy, statement in inline:
        if statement.effect != "Allow":
            continue
        if statement.not_actions is not None or statement.not_resources is not None:
            element, named = (
                ("NotAction", statement.not_actions)
                if statement.not_actions is not None
                else ("NotResource", statement.not_resources)
            )
            sentence = say("{element} allows everything but what it names.", element=element)
            excepted = tuple(say("not {name}", name=clean(name)) for name in named or ())
            yield ExcessPermission(policy, excepted, sentence, Reach.EVERYTHING)
            continue
        yield from _by_sentence(policy, _beyond(statement, asked, denies))


def _by_sentence(policy: str, found: Iterator[tuple[str, Text, Reach]]) -> Iterator[ExcessPermission]:
    groups: dict[tuple[Text, Reach], list[str]] = {}
    for action, sentence, reach in found:
        groups.setdefault((sentence, reach), []).append(clean(action))
    for (sentence, reach), actions in groups.items():
        yield ExcessPermission(policy, tuple(actions), sentence, reach)


def _beyond(
    statement: Statement, asked: Sequence[AskedStatement], denies: Sequence[Statement]
) -> Iterator[tuple[str, Text, Reach]]:
    """Yield each action that goes beyond what was asked, with how."""
    for action in statement.actions:
        wanted = [a for a in asked if any(_is_within(action, named) for named in a.actions)]
        left = [r for r in statement.resources if not any(_takes_away(deny, action, r) for deny in denies)]
        if not left:
            continue
        if not wanted:
            yield action, *reach_of(action)
        elif not all(any(_asks_for(a, resource) for a in wanted) for resource in left):
            yield action, say("It was asked for on fewer resources than this."), Reach.READS
        elif not any(_is_as_narrow(statement.conditions, a) for a in wanted):
            yield action, say("It was asked for under a condition that is not there."), Reach.READS


def _is_within(action: str, named: str) -> bool:
    return covers_pattern(wide=named.lower(), narrow=action.lower())


def _asks_for(wanted: AskedStatement, resource: str) -> bool:
    # Of stacks, one was asked for: a pattern of them is more.
    is_fitting = not (wanted.is_one_stack and has_wildcard(resource))
    return is_fitting and any(covers_pattern(wide=named, narrow=resource) for named in wanted.resources)


def _is_as_narrow(conditions: Sequence[Condition], wanted: AskedStatement) -> bool:
    return set(wanted.conditions) <= set(conditions)


def _takes_away(deny: Statement, action: str, resource: str) -> bool:
    if deny.not_actions is not None or deny.not_resources is not None:
        return False
    return _names_action(deny, action) and any(covers_pattern(wide=n, narrow=resource) for n in deny.resources)
