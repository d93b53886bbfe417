"""Who else gets in? A search for a request other than ours that a trust policy allows.

For each way in (door) and each Allow: find a caller and values for which the Allow holds; as long as a Deny applies to
what was found, go on with each way to escape that Deny. Where nothing is found, nobody else gets in: what a key's
value can be is searched through, not tried out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product

from onboarding.policy.document import PolicyDocument, Statement
from onboarding.policy.effort import TooComplex, share, spend
from onboarding.policy.evaluate import Decision, Request, applies, evaluate, has_variables, names_action
from onboarding.policy.keys import Values
from onboarding.trust.callers import ANYBODY, Door, doors_of, named_by, want_of_caller
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.pinning import Found, are_all, caller_given, pinnings, without_variables
from onboarding.trust.request_keys import (
    ABSENT,
    CALLER_KEYS,
    EXTERNAL_ID,
    TAG_KEYS,
    TIMES,
    TRANSITIVE,
    Domain,
    tags_told,
)
from onboarding.trust.text_search import Want, find_text
from onboarding.trust.value_search import Demand, Nothing, find_moment, find_values, has_tag, of_transitive

_MOST_AT_A_DOOR = 300_000
# AWS makes these, so that the value that is asked for might be ours alone, or nobody's.
_MADE_BY_AWS = frozenset({"aws:userid"})
_GOING_ON, _DENYING, _TRYING, _ASKING = 50, 10, 20, 200


@dataclass(frozen=True)
class Witness:
    """A request other than ours that gets in.

    `kind` is role, user, service, saml or web_identity; `arn` is the role's or user's, the service's name or the
    provider's ARN; `actions` are all that AWS must allow; `keys` the condition keys that count, in lower case;
    `principals` the names that a policy may call the caller by; `statement` the Allow that lets it in, from 1.
    `is_ours` says whether it is our own role, and `is_certain` is False where it hangs on what nobody can know.
    """

    kind: str
    arn: str
    actions: tuple[str, ...]
    keys: Mapping[str, Values]
    principals: frozenset[str]
    statement: int
    is_ours: bool = False
    is_certain: bool = True

    @property
    def account_id(self) -> str:
        """The caller's account; empty for what has none of its own."""
        return self.arn.split(":")[4] if self.kind in ("role", "user") else ""

    @property
    def external_id(self) -> str | None:
        """The external ID it sends, or None for none."""
        sent = self.keys.get(EXTERNAL_ID)
        return sent[0] if sent else None


@dataclass(frozen=True)
class _Wanted:
    """What is asked of the caller's ARN, and of each key."""

    caller: tuple[Want, ...] = ()
    keys: Mapping[str, tuple[Demand, ...]] = field(default_factory=dict)

    def with_key(self, asked: Demand) -> _Wanted:
        name = asked.condition.name
        return _Wanted(self.caller, {**self.keys, name: (*self.keys.get(name, ()), asked)})


def find_witnesses(policy: PolicyDocument, expected: ExpectedTrust, now: datetime) -> Iterator[Witness]:
    """Yield a request other than ours that gets in, for every door and Allow through which one does.

    `policy` is one that AWS would store; `now` is aware. Raises TooComplex.
    """
    has_found = is_unfinished = False
    unsure = []
    for door in doors_of(policy, expected):
        if not are_all(policy, door):
            unsure.append(door)
        try:
            # A share of the work, so that a way in that takes too much hides nobody at another.
            with share(_MOST_AT_A_DOOR):
                found = [w for pinned in pinnings(policy, door) for w in _Search(policy, door, pinned, now).witnesses()]
        except TooComplex:
            is_unfinished = True
        else:
            has_found = has_found or bool(found)
            yield from found
    if has_found:
        return
    # What variables stand for was tried, not searched: so nobody gets in only if nobody would whatever they are.
    wider = without_variables(policy)
    if is_unfinished or any(next(_Search(wider, door, None, now).witnesses(), None) for door in unsure):
        raise TooComplex


class _Search:
    """The search through one door, with some things taken as given where the policy has variables."""

    def __init__(self, policy: PolicyDocument, door: Door, pinned: Found | None, now: datetime) -> None:
        self._policy, self._door, self._pinned, self._now = policy, door, pinned, now
        about = [[s for s in policy.statements if names_action(s, action)] for action in door.actions]
        self._allows = [
            [s for s in statements if s.effect == "Allow" and named_by(s, door) is not False] for statements in about
        ]
        denies = [
            (action, statement)
            for action, statements in zip(door.actions, about, strict=True)
            for statement in statements
            if statement.effect == "Deny"
        ]
        # First those with few ways out: where there is none, that is seen at once.
        self._denies = sorted(denies, key=lambda deny: len(deny[1].conditions))
        names = {c.name for statements in about for s in statements for c in s.conditions}
        self._names = (names | (pinned or {}).keys() | {EXTERNAL_ID}) - (CALLER_KEYS if door.shape else frozenset())

    def witnesses(self) -> Iterator[Witness]:
        """Yield one witness for each Allow of the first action that lets one in."""
        for first in self._allows[0]:
            for allows in product([first], *self._allows[1:]):
                witness = self._by(allows)
                if witness is not None:
                    yield witness
                    break

    def _by(self, allows: Sequence[Statement]) -> Witness | None:
        spend(_TRYING)
        given = caller_given(self._pinned, self._door) if self._pinned else ()
        wanted: _Wanted | None = _Wanted((*self._door.caller, *given))
        for statement in allows:
            wanted = self._naming(wanted, statement, wanted_in=True) if wanted else None
            for condition in statement.conditions:
                wanted = self._with(wanted, Demand(condition, True)) if wanted else None
        if wanted is None:
            return None
        if self._door.is_other_id_needed:
            wanted = wanted.with_key(Demand(self._door.other_id, True))
        return self._settle(wanted, allows, set())

    def _naming(self, wanted: _Wanted, statement: Statement, *, wanted_in: bool) -> _Wanted | None:
        """Return what is wanted with a caller whom the statement names, or does not; None where there is none."""
        named = named_by(statement, self._door)
        if isinstance(named, Want):
            return _Wanted((*wanted.caller, replace(named, inside=wanted_in)), wanted.keys)
        return wanted if named is wanted_in else None

    def _with(self, wanted: _Wanted, asked: Demand) -> _Wanted | None:
        """Return what is wanted with one condition more, or None where that cannot be."""
        if asked.condition.name not in CALLER_KEYS or self._door.shape is None:
            return wanted.with_key(asked)
        want = want_of_caller(asked, self._door, self._pinned)
        if isinstance(want, Want):
            return _Wanted((*wanted.caller, want), wanted.keys)
        return wanted if want else None

    def _settle(self, wanted: _Wanted, allows: Sequence[Statement], seen: set[frozenset[object]]) -> Witness | None:
        """Return a witness with all that is wanted, escaping one Deny after the other; None where there is none."""
        spend(_GOING_ON + _DENYING * len(self._denies))
        key = frozenset((*wanted.caller, *(asked for several in wanted.keys.values() for asked in several)))
        if key in seen:
            return None
        seen.add(key)
        request = self._find(wanted)
        if request is None:
            return None
        does = has_variables(self._policy)
        hit = next((d for a, d in self._denies if applies(d, replace(request, action=a), has_variables=does)), None)
        if hit is None:
            return self._witness(request, allows)
        ways = [
            self._naming(wanted, hit, wanted_in=False),
            *(self._with(wanted, Demand(c, False)) for c in hit.conditions),
        ]
        found = (self._settle(way, allows, seen) for way in ways if way is not None)
        return next((witness for witness in found if witness is not None), None)

    def _find(self, wanted: _Wanted) -> Request | None:
        """Return a request of which all that is wanted is so."""
        arn = ""
        if self._door.shape is not None:
            sought = find_text(self._door.shape, wanted.caller)
            if sought is None:
                return None
            arn = sought
        keys: dict[str, Values | None] = {}
        names = self._names | wanted.keys.keys()
        if names >= TIMES:
            found = find_moment({n: wanted.keys.get(n, ()) for n in TIMES}, variables=self._pinned, now=self._now)
            if found is None:
                return None
            keys, names = {**found}, names - TIMES
        # aws:TagKeys comes last, since it names the tags that the other keys have.
        for name in sorted(names, key=TAG_KEYS.__eq__):
            spend(_ASKING)
            asked = wanted.keys.get(name, ())
            if name == TRANSITIVE:
                asked = (*asked, *of_transitive(wanted.keys.get(TAG_KEYS, ())))
            if name == TAG_KEYS:
                asked = (*asked, *(has_tag(tag) for tag in sorted(tags_told(keys))))
            values = find_values(name, asked, self._domain(name), variables=self._pinned, now=self._now)
            if isinstance(values, Nothing):
                return None
            keys[name] = values
        return Request(self._door.actions[0], {**keys, **self._door.keys_of(arn)}, self._door.principals(arn))

    def _domain(self, name: str) -> Domain:
        if self._pinned is None or name not in self._pinned:
            return self._door.domain(name)
        values = self._pinned[name]
        return ABSENT if values is None else Domain(fixed=values, may_be_absent=False)

    def _witness(self, request: Request, allows: Sequence[Statement]) -> Witness:
        decided = {evaluate([self._policy], replace(request, action=action)) for action in self._door.actions}
        arns = request.keys.get("aws:principalarn")
        return Witness(
            kind=self._door.kind,
            arn=arns[0] if isinstance(arns, tuple) else self._door.named,
            actions=self._door.actions,
            keys={name: values for name, values in request.keys.items() if isinstance(values, tuple)},
            principals=request.principals,
            # What a statement adds to our own session is that statement's doing.
            statement=allows[-1 if self._door.is_ours else 0].number,
            is_ours=self._door.is_ours,
            is_certain=decided == {Decision.ALLOWED} and not self._names & _MADE_BY_AWS and self._door.named != ANYBODY,
        )
