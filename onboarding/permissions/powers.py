"""What rules together allow on a resource: surely, and perhaps. Sets of actions are ints, as AwsActions counts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from onboarding.ground.arn import RoleArn
from onboarding.permissions.asked import AskedStatement
from onboarding.permissions.aws_actions import aws_actions, union
from onboarding.permissions.reach import Reach
from onboarding.permissions.resources import actions_that_name
from onboarding.permissions.rules import ANYTHING, Rule, Scope
from onboarding.policy.effort import spend
from onboarding.policy.keys import Keys
from onboarding.policy.patterns import covers_pattern, has_wildcard

_LIST_BUCKETS = "s3:ListAllMyBuckets"
_COMPARING = 4


@dataclass(frozen=True, eq=False)
class Power:
    """A rule for one role: the actions it is about, what it is about of resources, and whether its conditions hold."""

    rule: Rule
    scope: Scope
    actions: int
    holds: bool | None


class Powers:
    """The rules of some policies, for one role.

    Actions that our list lacks, in what was asked or allowed, get bits above all others: they are compared by name.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        asked: Sequence[AskedStatement],
        *,
        role_arn: RoleArn,
        keys: Keys,
        beside: Powers | None = None,
    ) -> None:
        """`beside` are powers whose unknown actions are to have the same bits here."""
        listed = tuple(rules)
        self._role_arn, self._keys = role_arn, keys
        self.unknown: dict[str, tuple[int, str]] = beside.unknown if beside else _unknown(listed, asked)
        self.everything = (1 << (aws_actions().count + len(self.unknown))) - 1
        self._list_buckets = aws_actions().named_by(_LIST_BUCKETS)
        self._all_buckets = f"arn:{role_arn.partition}:s3:::*"
        made = [self._power(rule) for rule in listed]
        self.allows = tuple(p for p in made if p.rule.statement.effect == "Allow" and p.holds is not False)
        self.denies = tuple(p for p in made if p.rule.is_deny and p.holds is not False)
        self._sure_denies = tuple(p for p in self.denies if p.holds and not p.rule.is_odd)
        self._denied_everywhere = union(p.actions for p in self._sure_denies if p.scope.is_anywhere)

    def _power(self, rule: Rule) -> Power:
        actions = rule.named | self._unknown_named_by(rule)
        if rule.is_all_but_actions:
            actions = self.everything & ~actions
        return Power(rule, Scope(rule, self._keys), actions, rule.holds(self._keys))

    def named_by(self, action: str) -> int:
        """Return the actions that an entry of Action names, among those that our list lacks too."""
        return aws_actions().named_by(action) or self._bit(action.lower())

    def named_by_each(self, rule: Rule, reach: Reach) -> Iterator[tuple[str, int]]:
        """Yield each entry of a rule that names actions of this reach, with all that it names."""
        entries = rule.entries_by_reach.get(reach, ())
        spend(_COMPARING * len(entries))
        for entry, named in entries:
            yield entry, named or self._bit(entry.lower())

    def asked(self, wanted: AskedStatement) -> int:
        """Return the actions that a statement of the template names."""
        return wanted.named | union(self._bit(action.lower()) for action in wanted.unknown)

    def _bit(self, lowered: str) -> int:
        found = self.unknown.get(lowered)
        return 1 << (aws_actions().count + found[0]) if found else 0

    def _unknown_named_by(self, rule: Rule) -> int:
        if not self.unknown:
            return 0
        covered = (name for name in self.unknown if name in rule.unknown_names or rule.patterns.cover(name))
        return union(map(self._bit, covered))

    def granted(self, wanted: AskedStatement, resource: str, *, at_best: bool = False) -> int:
        """Return the actions that are surely allowed on all of the resource, which `wanted` names.

        An Allow counts under the conditions that `wanted` sets itself, and a Deny where it may apply to a part.
        `at_best`, every condition that nobody can know falls out well.
        """
        can = cannot = 0
        named = self.asked(wanted)
        for power in self.allows:
            if power.actions & named and not power.rule.is_odd and (at_best or self._is_granted(power, wanted)):
                can |= power.actions & self._covered(power.scope, resource, named, is_one_stack=wanted.is_one_stack)
        for power in self._sure_denies if at_best else self.denies:
            if power.actions & named:
                cannot |= power.actions & self._met(power.scope, resource, named)
        return can & ~cannot

    def _is_granted(self, power: Power, wanted: AskedStatement) -> bool:
        return power.holds is True or power.rule.holds(self._keys, besides=wanted.conditions) is True

    def _covered(self, scope: Scope, resource: str, named: int, *, is_one_stack: bool) -> int:
        """Return which of the named actions the scope is about, on all of the resource."""
        if scope.is_anywhere:
            return named
        bound = named & ~aws_actions().unbound
        if scope.covers(resource) or (is_one_stack and _has_one(scope, resource)):
            can = bound
        elif resource != ANYTHING:
            can = 0
        else:
            forms = aws_actions().forms_of(bound)
            can = union(those for form, those in forms if scope.covers(self._own(form)))
            # What is excepted must not be part of anything that the action can name.
            can &= ~union(those for form, those in forms if scope.is_all_but and not scope.covers(self._own(form)))
        return can | self._without_resource(scope, named)

    def _met(self, scope: Scope, resource: str, named: int) -> int:
        """Return which of the named actions the scope is about, on any part of the resource."""
        if scope.is_anywhere:
            return named
        bound = named & ~aws_actions().unbound
        if not scope.meets(resource):
            met = 0
        elif resource == ANYTHING:
            forms = aws_actions().forms_of(bound)
            met = union(those for form, those in forms if scope.meets(self._own(form)))
            met |= bound >> aws_actions().count << aws_actions().count
        else:
            met = bound
        return met | self._without_resource(scope, named)

    def _without_resource(self, scope: Scope, named: int) -> int:
        """Return which of the named actions that have no kind of resource the scope is about.

        Such a request carries `*`, or for ListAllMyBuckets every bucket, as AWS's own examples have it:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
        """
        unbound = named & aws_actions().unbound
        found = unbound if unbound and scope.names(ANYTHING) else 0
        buckets = unbound & self._list_buckets
        return found | (buckets if buckets and scope.names(self._all_buckets) else 0)

    def _own(self, form: str) -> str:
        """Return a form of ARN within the role's partition and account."""
        parts = form.split(":", 5)
        if len(parts) == 6:
            parts[1] = self._role_arn.partition
            parts[4] = parts[4].replace("*", self._role_arn.account_id)
        return ":".join(parts)

    def left_of(self, power: Power, resource: str) -> int:
        """Return the actions of an Allow that are left on a resource of its own when every sure Deny is through."""
        left = power.actions & ~self._denied_everywhere
        if not power.scope.is_anywhere:
            fitting = actions_that_name(resource) & ~aws_actions().unbound
            left &= fitting | self._without_resource(power.scope, left)
        for deny in self._sure_denies:
            spend(_COMPARING)
            if deny.actions & left and not deny.scope.is_anywhere:
                denied = ~aws_actions().unbound if deny.scope.covers(resource) else 0
                left &= ~(deny.actions & (denied | self._without_resource(deny.scope, left)))
        return left

    def perhaps(self, actions: int, resource: str) -> int:
        """Return which of the actions may be allowed on a part of the resource."""
        found = 0
        for power in self.allows:
            more = power.actions & actions & ~found
            if more:
                bound = more & ~aws_actions().unbound if power.scope.meets(resource) else 0
                found |= bound | self._without_resource(power.scope, more)
        for deny in self._sure_denies:
            if deny.actions & found and deny.scope.covers(resource):
                found &= ~deny.actions
        return found


def _has_one(scope: Scope, stacks: str) -> bool:
    return not scope.is_all_but and any(
        covers_pattern(wide=stacks, narrow=named) and not has_wildcard(named) for named in scope.resources
    )


def _unknown(rules: Iterable[Rule], asked: Sequence[AskedStatement]) -> dict[str, tuple[int, str]]:
    """Return the entries that name nothing on our list by their lower case, each with a number and as it is written."""
    entries = [action for wanted in asked for action in wanted.unknown]
    entries += [entry for rule in rules if not (rule.is_deny or rule.is_all_but_actions) for entry in rule.unknown]
    written: dict[str, str] = {}
    for entry in entries:
        written.setdefault(entry.lower(), entry)
    return {lowered: (number, entry) for number, (lowered, entry) in enumerate(written.items())}
