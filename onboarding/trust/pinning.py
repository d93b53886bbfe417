"""Policy variables in a search: what to take as given, since then it is known what they stand for.

Some likely things are tried, so a search with them shows that somebody gets in, and never that nobody does: for that,
the policy is searched once more as if every condition with a variable were met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, product

from onboarding.policy.document import Condition, PolicyDocument
from onboarding.policy.effort import spend
from onboarding.policy.evaluate import has_variables
from onboarding.policy.globs import Glob, glob
from onboarding.policy.keys import Values
from onboarding.policy.variables import PLAIN, Missing, filled, names_in
from onboarding.trust.callers import STRANGER, Door
from onboarding.trust.request_keys import CALLER_KEYS, PRINCIPAL_ACCOUNT, PRINCIPAL_ARN, Domain
from onboarding.trust.shapes import Shape
from onboarding.trust.text_search import Want, find_text

_MOST_PINNED, _MOST_CALLERS = 6, 12
_READING, _CHOOSING = 10, 60
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")

Found = Mapping[str, Values | None]


def without_variables(policy: PolicyDocument) -> PolicyDocument:
    """Return a policy without variables that allows all that this one does: all of its conditions with any are met."""
    if not has_variables(policy):
        return policy
    kept = []
    for statement in policy.statements:
        plain = tuple(c for c in statement.conditions if not any(names_in(v) - PLAIN for v in c.values))
        if plain == statement.conditions or statement.effect == "Allow":
            kept.append(replace(statement, conditions=plain))
    return replace(policy, statements=tuple(kept))


def pinnings(policy: PolicyDocument, door: Door) -> Iterator[Found | None]:
    """Yield what to take as given of a policy with variables, since what they stand for is then known: an account, or
    a caller, and values of other keys; the likeliest of each. None for a policy that has no variables.
    """
    named = _named(policy)
    if named <= PLAIN:
        yield {} if named else None
        return
    if named - PLAIN == {PRINCIPAL_ACCOUNT} and door.shape is not None and not door.is_ours:
        for account in _accounts(policy) or (*_mentioned(policy), STRANGER):
            yield {PRINCIPAL_ACCOUNT: (account,)}
        return
    conditions = [c for s in policy.statements for c in s.conditions]
    free = sorted(named - CALLER_KEYS - PLAIN)
    said = _said(conditions)
    choices = [_choices(said.get(name, ()), door.domain(name)) for name in free]
    for caller in _callers(policy, door, conditions):
        for values in islice(product(*choices), _MOST_PINNED**2):
            yield {**door.keys_of(caller), **dict(zip(free, values, strict=True))}


def caller_given(pinned: Found, door: Door) -> tuple[Want, ...]:
    """Return what the caller's ARN must be for what is taken as given of the caller."""
    arn, account = pinned.get(PRINCIPAL_ARN), pinned.get(PRINCIPAL_ACCOUNT)
    if arn:
        return (Want((Glob(arn[0]),)),)
    return (Want((glob(f"arn:{door.expected.partition}:iam::{account[0]}:*"),)),) if account else ()


def are_all(policy: PolicyDocument, door: Door) -> bool:
    """Whether what `pinnings` yields is all that there can be: the account or the caller is known beforehand."""
    named = _named(policy) - PLAIN
    if door.is_ours:
        return named <= CALLER_KEYS
    return not named or (named == {PRINCIPAL_ACCOUNT} and bool(_accounts(policy)))


def _named(policy: PolicyDocument) -> frozenset[str]:
    """Return the keys that the policy's variables name, if it has any."""
    if not has_variables(policy):
        return frozenset()
    return frozenset(n for s in policy.statements for c in s.conditions for v in c.values for n in names_in(v))


def _accounts(policy: PolicyDocument) -> tuple[str, ...]:
    """Return the accounts of all whom the policy's Allows name; nothing where one names everybody."""
    entries = [e for s in policy.statements if s.effect == "Allow" for e in s.principals.get("AWS", ("*",))]
    found = [_ACCOUNT.search(entry) for entry in entries if not entry.startswith("A")]
    return tuple(dict.fromkeys(match[0] for match in found if match)) if None not in found else ()


def _mentioned(policy: PolicyDocument) -> tuple[str, ...]:
    named = [entry for s in policy.statements for entry in s.principals.get("AWS", ())]
    values = [v for s in policy.statements for c in s.conditions for v in c.values]
    return tuple(dict.fromkeys(a for text in (*named, *values) for a in _ACCOUNT.findall(text)))


def _callers(policy: PolicyDocument, door: Door, conditions: Sequence[Condition]) -> list[str]:
    if door.shape is None:
        return [""]
    shape = door.shape
    named = [entry for s in policy.statements for entry in s.principals.get("AWS", ())]
    start = f"arn:{door.expected.partition}:iam::"
    texts = [*shape.examples, *named, *(f"{start}{account}:{door.kind}/another" for account in _mentioned(policy))]
    fitting = (t for t in dict.fromkeys(texts) if shape.is_possible(t) and all(w.is_met(t) for w in door.caller))
    patterns = [v for c in conditions for v in c.values if v.startswith("arn:")]
    found = (_caller_like(pattern, door, shape) for pattern in patterns)
    return list(islice(dict.fromkeys(filter(None, chain(found, fitting))), _MOST_CALLERS))


def _caller_like(pattern: str, door: Door, shape: Shape) -> str | None:
    """Return a caller whose ARN matches the pattern, its variables filled in for a likely caller."""
    tokens = filled(pattern, door.keys_of(shape.examples[0]), reads_wildcards=True)
    return None if isinstance(tokens, Missing) else find_text(shape, (*door.caller, Want((Glob(tokens),))))


def _said(conditions: Sequence[Condition]) -> Mapping[str, Sequence[str]]:
    """Return the values without variables that the policy compares each key with."""
    said: dict[str, list[str]] = {}
    for condition in conditions:
        spend(_READING * len(condition.values))
        said.setdefault(condition.name, []).extend(v for v in condition.values if "${" not in v)
    return said


def _choices(said: Sequence[str], domain: Domain) -> list[Values | None]:
    spend(_CHOOSING)
    if domain.fixed is not None:
        return [domain.fixed]
    shape = domain.shape
    texts = [text.replace("*", "x") for text in said[:_MOST_PINNED]]
    possible = [t for t in (*texts, *(shape.examples if shape else ())) if shape is None or shape.is_possible(t)]
    choices: list[Values | None] = [None] if domain.may_be_absent else []
    return [*choices, *((t,) for t in dict.fromkeys(possible) if domain.may_be_present)][:_MOST_PINNED]
