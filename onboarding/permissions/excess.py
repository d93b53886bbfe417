"""What a role may do that nobody asked for, by policy and by how far it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from onboarding.ground.wording import clean, say
from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.aws_actions import aws_actions, numbers_in, union
from onboarding.permissions.powers import Power, Powers
from onboarding.permissions.reach import Reach, actions_by_reach
from onboarding.permissions.rules import ANYTHING
from onboarding.policy.patterns import has_wildcard

# Of one entry of a policy. More than these are said by the entry itself: `ec2:*` tells more than six hundred names.
_MOST_NAMED = 10
# Of one group: ReadOnlyAccess would name thousands.
MOST_ACTIONS = 100


@dataclass(frozen=True)
class ExcessPermission:
    """Something the role may do that nobody asked for. `policy` is an inline policy's name or a managed one's ARN.

    `actions` are AWS's names, or the policy's own pattern where that names many. With `is_wider` they were asked for,
    but on fewer resources or under a condition. There are at most MOST_ACTIONS.
    """

    policy: str
    reach: Reach
    actions: tuple[str, ...]
    is_wider: bool = False


def grouped(powers: Powers, asked: Sequence[AskedStatement], boundary: Powers | None) -> tuple[ExcessPermission, ...]:
    """Return what is in excess, the furthest reach first, then in the order of the policies."""
    wanted = [_Wanted.of(statement, powers) for statement in asked]
    ever_asked = union(one.actions for one in wanted)
    everywhere = union(one.actions for one in wanted if one.is_everywhere)
    reaches = {**actions_by_reach(), Reach.UNKNOWN: powers.everything >> aws_actions().count << aws_actions().count}
    groups: dict[tuple[str, Reach, bool], dict[str, None]] = {}
    for power in powers.allows:
        if not power.actions & ~everywhere:
            continue
        beyond = _beyond(power, powers, wanted, boundary)
        for reach, those in reaches.items() if beyond else ():
            for is_wider, part in ((False, beyond & ~ever_asked), (True, beyond & ever_asked)):
                if part & those:
                    named = groups.setdefault((power.rule.policy, reach, is_wider), {})
                    more = _named(power, powers, part & those, reach)
                    named.update(dict.fromkeys(islice(more, MOST_ACTIONS - len(named))))
    order = list(Reach)[::-1]
    found = (ExcessPermission(policy, reach, tuple(named), wider) for (policy, reach, wider), named in groups.items())
    return tuple(sorted(found, key=lambda e: (order.index(e.reach), e.is_wider)))


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A statement that the template asks for, prepared for comparing."""

    statement: AskedStatement
    actions: int

    @classmethod
    def of(cls, statement: AskedStatement, powers: Powers) -> _Wanted:
        return cls(statement, powers.asked(statement))

    @property
    def is_everywhere(self) -> bool:
        """Whether it asks for its actions without any limit."""
        return ANYTHING in self.statement.resources and not self.statement.conditions

    def asks_for(self, resource: str) -> bool:
        """Whether it asks for all of the resource. Of stacks, one was asked for: a pattern of them is more."""
        is_fitting = not (self.statement.is_one_stack and has_wildcard(resource))
        return is_fitting and self.statement.patterns.cover(resource)


def _beyond(power: Power, powers: Powers, asked: Sequence[_Wanted], boundary: Powers | None) -> int:
    """Return the actions of an Allow that go beyond what was asked, on any of its resources."""
    conditions = set(power.rule.statement.conditions)
    wanted = [w for w in asked if w.actions & power.actions and set(w.statement.conditions) <= conditions]
    beyond = 0
    for resource in (ANYTHING,) if power.scope.is_anywhere or power.scope.is_all_but else power.scope.resources:
        left = powers.left_of(power, resource)
        for one in wanted if left else ():
            if one.asks_for(resource):
                left &= ~one.actions
        beyond |= boundary.perhaps(left, resource) if boundary else left
    return beyond


def _named(power: Power, powers: Powers, actions: int, reach: Reach) -> Iterator[str]:
    if actions.bit_count() <= _MOST_NAMED:
        yield from _spelled(powers, actions)
    elif power.rule.is_all_but_actions:
        excepted = tuple(clean(entry) for entry in power.rule.entries[:_MOST_NAMED])
        more = ("…",) if len(power.rule.entries) > _MOST_NAMED else ()
        yield say("all but {actions}", actions=excepted + more)
    else:
        for entry, those in powers.named_by_each(power.rule, reach):
            named = those & actions
            if named.bit_count() > _MOST_NAMED:
                yield clean(entry)
            else:
                yield from _spelled(powers, named)


def _spelled(powers: Powers, actions: int) -> Iterator[str]:
    known = aws_actions()
    yield from known.spelled(actions & ((1 << known.count) - 1))
    written = tuple(powers.unknown.values())
    yield from (clean(written[number][1]) for number in numbers_in(actions >> known.count))
