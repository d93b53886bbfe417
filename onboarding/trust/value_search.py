"""Finding a value of one condition key for which some conditions hold and others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from onboarding.policy.conditions import either, glob_of, holds, matches, parse_operator
from onboarding.policy.document import Condition
from onboarding.policy.effort import TooComplex, spend
from onboarding.policy.globs import Glob
from onboarding.policy.keys import Keys, Values
from onboarding.policy.values import instant, network
from onboarding.policy.variables import Missing
from onboarding.trust.candidates import around, candidates, in_ranges, readable
from onboarding.trust.request_keys import ANY_TEXT, Domain, ValueKind, times
from onboarding.trust.shapes import Shape, shape_of
from onboarding.trust.text_search import Want, find_text


class Nothing(Enum):
    """There is no such value."""

    THERE_IS_NONE = "none"


NOTHING: Final = Nothing.THERE_IS_NONE
_TRYING = 20


@dataclass(frozen=True)
class Demand:
    """A condition, and whether it is to hold."""

    condition: Condition
    wanted: bool


@dataclass(frozen=True)
class _About:
    """A condition as a question about one value: does it match one of the condition's, or none (`inside` False)?"""

    condition: Condition
    inside: bool


def find_values(
    name: str, asked: Sequence[Demand], domain: Domain, *, variables: Keys | None, now: datetime
) -> Values | Nothing | None:
    """Return values for the key with which every condition on it is as wanted; None for its absence.

    `variables` are the keys that fill in `${…}`, None for a policy that has none. What a condition does that we do not
    know, it does as wanted. Raises TooComplex.
    """
    if domain.may_be_absent and _is_right(asked, {name: None}, variables):
        return None
    if not domain.may_be_present:
        return NOTHING
    if domain.fixed is not None:
        return domain.fixed if _is_right(asked, {name: domain.fixed}, variables) else NOTHING
    every, one_each = _sorted_out(asked)
    if every is None:
        return NOTHING
    groups = [[*every, about] for about in one_each] or [every]
    if not domain.is_multi:
        groups = [[*every, *one_each]]
    found = [_find_one(name, group, domain, variables, now) for group in groups]
    values = tuple(dict.fromkeys(value for value in found if value is not None))
    return values if None not in found else NOTHING


def find_moment(
    asked: Mapping[str, Sequence[Demand]], *, variables: Keys | None, now: datetime
) -> dict[str, Values] | None:
    """Return the keys of one moment, now or later, at which every condition on any of them is as wanted; or None.

    aws:CurrentTime and aws:EpochTime say the same in two ways.
    """
    limits = readable(instant, (value for several in asked.values() for a in several for value in a.condition.values))
    starts = now.timestamp()
    for seconds in around([starts, *limits]):
        spend(_TRYING)
        try:
            said = times(datetime.fromtimestamp(int(seconds), UTC))
        except (OverflowError, ValueError, OSError):
            continue
        if seconds >= int(starts) and all(_is_right(a, {name: said[name]}, variables) for name, a in asked.items()):
            return said
    kinds = (parse_operator(a.condition.operator).kind for several in asked.values() for a in several)
    if any(kind is not None and kind.reads_wildcards for kind in kinds):
        # Patterns of text tell more dates apart than were tried.
        raise TooComplex
    return None


def has_tag(tag: str) -> Demand:
    """Return the condition that a session's tags have this one among them. Letter case does not tell tags apart."""
    return Demand(Condition("ForAnyValue:StringEqualsIgnoreCase", "aws:TagKeys", (tag,)), True)


def of_transitive(asked: Iterable[Demand]) -> Iterator[Demand]:
    """Yield what is asked of each of a session's tags, for those that are passed on: these are some of them."""
    for a in asked:
        operator = parse_operator(a.condition.operator)
        of_each = "ForAllValues" if a.wanted else "ForAnyValue"
        # Without a quantifier, that none is so is asked of each.
        is_of_each = operator.quantifier == of_each or (not operator.quantifier and operator.is_negated is a.wanted)
        if is_of_each and operator.kind is not None:
            rest = a.condition.operator.rpartition(":")[2].removesuffix("IfExists")
            yield Demand(Condition(f"{of_each}:{rest}", "sts:TransitiveTagKeys", a.condition.values), a.wanted)


def _is_right(asked: Sequence[Demand], keys: Keys, variables: Keys | None) -> bool:
    known = {**(variables or {}), **keys}
    return all(holds(a.condition, known, has_variables=variables is not None) in (a.wanted, None) for a in asked)


def _sorted_out(asked: Iterable[Demand]) -> tuple[list[_About] | None, list[_About]]:
    """Return what every value must be, and what one value at least must be; None where the key has to be absent."""
    every: list[_About] = []
    one_each: list[_About] = []
    for a in asked:
        operator = parse_operator(a.condition.operator)
        if operator.is_null:
            if _is_right([a], {a.condition.name: ("x",)}, None):
                continue
            return None, []
        if operator.kind is None:
            continue
        inside = a.wanted is not operator.is_negated
        # With a quantifier, whether all values count or one; without, a negated operator is about all of them.
        is_about_all = operator.quantifier == "ForAllValues" or (not operator.quantifier and operator.is_negated)
        (every if is_about_all is a.wanted else one_each).append(_About(a.condition, inside))
    return every, one_each


def _find_one(name: str, abouts: Sequence[_About], domain: Domain, variables: Keys | None, now: datetime) -> str | None:
    wants: list[Want] = []
    others: list[_About] = []
    for about in abouts:
        want = want_of(about.condition, variables, inside=about.inside)
        if want is None:
            others.append(about)
        else:
            wants.append(want)

    questions = [_question(about, variables) for about in abouts]

    def is_right(value: str) -> bool:
        return all(question(value) for question in questions)

    for value in candidates(name, domain.kind, [v for about in others for v in about.condition.values], now=now):
        spend(_TRYING)
        if is_right(value):
            return value
    if domain.kind is ValueKind.TRUTH or (domain.kind is not ValueKind.TEXT and not wants):
        return None
    checks = [*([is_right] if others else []), *_READABLE.get(domain.kind, ())]
    found = find_text(_FORMS.get(domain.kind) or domain.shape or ANY_TEXT, wants, checks)
    # A value asked for as text and as a number: what was tried is not all that there is, so "no" would be a guess.
    is_named = any(w.inside and all(p.literal is not None for p in w.patterns) for w in wants)
    if found is None and checks and wants and not is_named:
        raise TooComplex
    return found


# What a date or an address can look like, for a condition that compares it as text.
_READABLE: Mapping[ValueKind, tuple[Callable[[str], bool], ...]] = {
    ValueKind.TIME: (lambda text: instant(text) is not None,),
    ValueKind.ADDRESS: (lambda text: "/" not in text and network(text) is not None,),
}
_FORMS: Mapping[ValueKind, Shape] = {
    kind: replace(shape_of("", characters, shortest=1, longest=45), fillings=fillings)
    for kind, characters, fillings in (
        (ValueKind.TIME, "0123456789-:TZ.+", ("01-01T00:00:00Z", "01T00:00:00Z", "00:00:00Z", "0", "")),
        (ValueKind.ADDRESS, "0123456789.:abcdef", ("1.2.3", "1.2", "1", "")),
    )
}


def _question(about: _About, variables: Keys | None) -> Callable[[str], bool]:
    """Return whether a value is as wanted, as a function of it."""
    operator, asked_for = parse_operator(about.condition.operator), about.condition.values
    if operator.base == "IpAddress":
        is_within = in_ranges(asked_for)
        return lambda value: is_within(value) is about.inside

    def meets(value: str) -> bool:
        answer = either(matches(wanted, value, operator, variables) for wanted in asked_for)
        return answer is None or answer is about.inside

    return meets


def want_of(
    condition: Condition,
    variables: Keys | None,
    *,
    inside: bool,
    within: Callable[[Glob], Iterable[Glob]] | None = None,
) -> Want | None:
    """Return a condition as patterns, or None where it compares something else than text.

    What a variable stands for and nobody knows matches as wanted. `within` says how each pattern is written in the
    text that is searched, where the key is only a part of that.
    """
    operator = parse_operator(condition.operator)
    if operator.kind is None or operator.kind.matcher is not None:
        return None
    patterns: list[Glob] = []
    for value in condition.values:
        spend(len(value))
        pattern = glob_of(value, operator.kind, variables)
        if isinstance(pattern, Missing):
            return Want((), inside=False)
        if isinstance(pattern, Glob):
            patterns += within(pattern) if within else [pattern]
    return Want(tuple(patterns), inside)
