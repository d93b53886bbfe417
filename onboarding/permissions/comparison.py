"""What a deployed role may do, against what the template asks for: what is missing, and what is in excess.

Judged on what the policies say together, not on how they are written.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (a Deny wins) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from onboarding.ground.wording import NOTHING, Text, clean, say
from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.excess import MANAGED, Reach, attached_excess, managed_name, reach_of
from onboarding.permissions.judged import JudgedStatement
from onboarding.policy.document import PolicyDocument, Statement, parse_policy
from onboarding.policy.json_text import Unreadable
from onboarding.policy.patterns import Patterns, has_wildcard


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
    """Return what the role lacks and what it has too much of, whatever the policies hold.

    Raises nothing but TooComplex, where the caller has set how much work it can be.

    `asked` comes from AskedPermissions.for_role. AdministratorAccess and PowerUserAccess count as granting what they
    grant; any other managed policy is unknown to us and counts as granting nothing.
    """
    read = {name: parse_policy(policy) for name, policy in sorted(deployed.inline.items())}
    inline = [
        (name, JudgedStatement(s)) for name, p in read.items() if isinstance(p, PolicyDocument) for s in p.statements
    ]
    managed = [MANAGED[name].grants for name in map(managed_name, deployed.attached) if name in MANAGED]
    granted = [*(s for _, s in inline), *(JudgedStatement(s) for s in managed if s is not None)]
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


def _missing(asked: Sequence[AskedStatement], granted: Sequence[JudgedStatement]) -> Iterator[MissingPermission]:
    for wanted in asked:
        # For each resource: what allows something on it, and what might deny it.
        about = [(_allowing(resource, wanted, granted), _denying(resource, granted)) for resource in wanted.resources]
        lacking = tuple(
            action
            for action in wanted.actions
            if not all(
                any(s.names_action(action.lower()) for s in allows)
                and not any(s.may_deny_action(action.lower()) for s in denies)
                for allows, denies in about
            )
        )
        if lacking:
            yield MissingPermission(wanted.sid, wanted.title, lacking)


def _allowing(resource: str, wanted: AskedStatement, granted: Sequence[JudgedStatement]) -> list[JudgedStatement]:
    return [
        s
        for s in granted
        if s.statement.effect == "Allow"
        and not s.statement.oddities
        and set(s.statement.conditions) <= set(wanted.conditions)
        and s.covers_resource(resource, is_one_stack=wanted.is_one_stack)
    ]


def _denying(resource: str, granted: Sequence[JudgedStatement]) -> list[JudgedStatement]:
    return [s for s in granted if s.statement.effect == "Deny" and s.may_deny_resource(resource)]


def _excess(
    inline: Sequence[tuple[str, JudgedStatement]], asked: Sequence[AskedStatement]
) -> Iterator[ExcessPermission]:
    denies = [
        s
        for _, s in inline
        if s.statement.effect == "Deny" and not (s.statement.conditions or s.statement.oddities or s.is_inverted)
    ]
    wanted = [_Wanted(a, Patterns(action.lower() for action in a.actions), Patterns(a.resources)) for a in asked]
    for policy, judged in inline:
        statement = judged.statement
        if statement.effect != "Allow":
            continue
        if judged.is_inverted:
            element, named = (
                ("NotAction", statement.not_actions)
                if statement.not_actions is not None
                else ("NotResource", statement.not_resources)
            )
            sentence = say("{element} allows everything but what it names.", element=element)
            excepted = tuple(say("not {name}", name=clean(name)) for name in named or ())
            yield ExcessPermission(policy, excepted, sentence, Reach.EVERYTHING)
            continue
        yield from _by_sentence(policy, _beyond(statement, wanted, denies))


def _by_sentence(policy: str, found: Iterator[tuple[str, Text, Reach]]) -> Iterator[ExcessPermission]:
    groups: dict[tuple[Text, Reach], list[str]] = {}
    for action, sentence, reach in found:
        groups.setdefault((sentence, reach), []).append(clean(action))
    for (sentence, reach), actions in groups.items():
        yield ExcessPermission(policy, tuple(actions), sentence, reach)


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A statement that the template asks for, prepared for comparing."""

    asked: AskedStatement
    actions: Patterns
    resources: Patterns

    def asks_for(self, resource: str) -> bool:
        # Of stacks, one was asked for: a pattern of them is more.
        is_fitting = not (self.asked.is_one_stack and has_wildcard(resource))
        return is_fitting and self.resources.cover(resource)


def _beyond(
    statement: Statement, asked: Sequence[_Wanted], denies: Sequence[JudgedStatement]
) -> Iterator[tuple[str, Text, Reach]]:
    """Yield each action that goes beyond what was asked, with how."""

    # Many actions have the same denies and the same statements of the template, so these are compared only once.
    @cache
    def left_by(takers: tuple[JudgedStatement, ...]) -> tuple[str, ...]:
        return tuple(r for r in statement.resources if not any(t.covers_resource(r) for t in takers))

    @cache
    def all_asked_for(wanted: tuple[_Wanted, ...], resources: tuple[str, ...]) -> bool:
        return all(any(w.asks_for(resource) for w in wanted) for resource in resources)

    for action in statement.actions:
        lowered = action.lower()
        wanted = tuple(w for w in asked if w.actions.cover(lowered))
        left = left_by(tuple(deny for deny in denies if deny.names_action(lowered)))
        if not left:
            continue
        if not wanted:
            yield action, *reach_of(action)
        elif not all_asked_for(wanted, left):
            yield action, say("It was asked for on fewer resources than this."), Reach.READS
        elif not any(set(w.asked.conditions) <= set(statement.conditions) for w in wanted):
            yield action, say("It was asked for under a condition that is not there."), Reach.READS
