"""IAM policies as values: however a policy is written, two that say the same come out alike.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
What is case-sensitive: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html (action names and
condition keys are not; Effect, ARNs and most values are).
Nothing here raises on any JSON or text: sizes and depth are bounded, and what is odd is reported, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onboarding.ground.wording import Text, clean, say
from onboarding.policy.json_text import LONGEST_TEXT, Unreadable, beyond_bounds, read_json

_LARGEST_NUMBER = 10**30

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Oddity:
    """Something in a policy that AWS's grammar does not have. Whoever judges must assume that it shuts out."""

    path: Path
    sentence: Text


@dataclass(frozen=True)
class Condition:
    """One key under one operator, both as written; `values` are sorted and single."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """The key as AWS compares it: without regard to case."""
        return self.key.lower()


@dataclass(frozen=True)
class Statement:
    """One statement; `number` counts from 1. Values are sorted and single, actions keep their spelling.

    A `not_…` that is None was not there; one that is empty was, and then excludes nothing. `principals` maps kinds
    (`AWS`, `Service`, `Federated`, `CanonicalUser`) to values; a bare `*` is `{"*": ("*",)}`.
    """

    number: int
    path: Path
    sid: str = ""
    effect: str = ""
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_principals: Mapping[str, tuple[str, ...]] | None = None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    oddities: tuple[Oddity, ...] = ()


@dataclass(frozen=True)
class PolicyDocument:
    """A policy. `source` is what it was read from, for showing it line by line."""

    version: str
    statements: tuple[Statement, ...]
    oddities: tuple[Oddity, ...]
    source: Mapping[str, Any]


def parse_policy(raw: object, *, longest: int = LONGEST_TEXT) -> PolicyDocument | Unreadable:
    """Return the policy in a dict, a JSON text or a URL-encoded JSON text (as IAM's API sends it). Never raises.

    `longest` is how many characters it can have.
    """
    document = read_json(raw, longest=longest) if isinstance(raw, str) else raw
    if isinstance(document, Unreadable):
        return document
    if not isinstance(document, dict):
        return Unreadable("not_a_policy", say("That is no policy: a policy is a JSON object with a Statement."))
    return beyond_bounds(document, longest=longest) or read_document(document)


_DOCUMENT = {name.lower(): name for name in ("Version", "Id", "Statement")}
_STATEMENT = {
    name.lower(): name
    for name in (
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    )
}
_KINDS = {name.lower(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}


def read_document(source: dict[str, Any]) -> PolicyDocument | Unreadable:
    """Return the policy in JSON that is within bounds (`beyond_bounds`). Never raises."""
    odd: list[Oddity] = []
    named = _named(source, _DOCUMENT, (), odd)
    if named is None:
        return Unreadable("key_twice", say("The same element stands twice in the policy, in different letter case."))
    raw = named.get("Statement")
    listed = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(statement, dict) for statement in listed):
        return Unreadable("no_statement", say("There is no Statement in it that can be read, so it is no policy."))
    statements = []
    for index, statement in enumerate(listed):
        path: Path = ("Statement", index) if isinstance(raw, list) else ("Statement",)
        read = _statement(statement, number=index + 1, path=path)
        if read is None:
            return Unreadable(
                "key_twice",
                say("Statement {number} has one element twice, in different letter case.", number=index + 1),
            )
        statements.append(read)
    if not listed:
        odd.append(Oddity(("Statement",), say("There is no statement in it")))
    version = named.get("Version", "")
    if "Version" in named and version not in ("2012-10-17", "2008-10-17"):
        odd.append(Oddity(("Version",), say("AWS knows no such version of the policy language")))
    return PolicyDocument(str(version) if isinstance(version, str) else "", tuple(statements), tuple(odd), source)


def _statement(source: dict[str, Any], *, number: int, path: Path) -> Statement | None:
    odd: list[Oddity] = []
    named = _named(source, _STATEMENT, path, odd)
    if named is None:
        return None
    for one, other in (("Action", "NotAction"), ("Principal", "NotPrincipal"), ("Resource", "NotResource")):
        if one in named and other in named:
            odd.append(Oddity((*path, other), say("{one} and {other} do not go together", one=one, other=other)))
    effect = named.get("Effect")
    if effect not in ("Allow", "Deny"):
        odd.append(Oddity((*path, "Effect"), say("Effect must be exactly Allow or Deny")))

    if not isinstance(named.get("Sid", ""), str):
        odd.append(Oddity((*path, "Sid"), say("A Sid is a text")))

    def texts(name: str) -> tuple[str, ...]:
        return _texts(named[name], (*path, name), odd) if name in named else ()

    def principals(name: str) -> Mapping[str, tuple[str, ...]]:
        return _principals(named[name], (*path, name), odd) if name in named else {}

    return Statement(
        number=number,
        path=path,
        sid=clean(named["Sid"]) if isinstance(named.get("Sid"), str) else "",
        effect=effect.capitalize() if isinstance(effect, str) else "",
        principals=principals("Principal"),
        not_principals=principals("NotPrincipal") if "NotPrincipal" in named else None,
        actions=texts("Action"),
        not_actions=texts("NotAction") if "NotAction" in named else None,
        resources=texts("Resource"),
        not_resources=texts("NotResource") if "NotResource" in named else None,
        conditions=_conditions(named.get("Condition"), (*path, "Condition"), odd),
        oddities=tuple(odd),
    )


def _named(source: dict[str, Any], known: Mapping[str, str], path: Path, odd: list[Oddity]) -> dict[str, Any] | None:
    """Return the elements under AWS's own spelling, or None where one is there twice."""
    if all(key in known.values() for key in source):
        return source
    named: dict[str, Any] = {}
    for key, value in source.items():
        name = known.get(key.lower(), key)
        if name in named:
            return None
        if key not in known.values():
            odd.append(Oddity((*path, key), say("AWS knows no element “{name}” here", name=clean(key, longest=60))))
        named[name] = value
    return named


def _principals(raw: Any, path: Path, odd: list[Oddity]) -> Mapping[str, tuple[str, ...]]:
    if raw == "*":
        return {"*": ("*",)}
    if not isinstance(raw, dict):
        odd.append(Oddity(path, say('A principal is “*” or names its kind, as in {"AWS": …}')))
        return {}
    kinds = _named(raw, _KINDS, path, odd)
    if kinds is None:
        odd.append(Oddity(path, say("One kind of principal stands twice")))
        return {"*": ("*",)}  # Judged as the widest there is, since it is not clear which counts.
    return {kind: _texts(values, (*path, kind), odd) for kind, values in sorted(kinds.items())}


def _conditions(raw: Any, path: Path, odd: list[Oddity]) -> tuple[Condition, ...]:
    found = []
    for operator, keys in [] if raw is None else _mapped(raw, path, odd):
        for key, values in _mapped(keys, (*path, operator), odd):
            texts = _texts(values, (*path, operator, key), odd, scalars=True)
            found.append(Condition(operator, key, texts))
    return tuple(sorted(found, key=lambda c: (c.operator, c.key)))


def _mapped(raw: Any, path: Path, odd: list[Oddity]) -> list[tuple[str, Any]]:
    if isinstance(raw, dict):
        return list(raw.items())
    odd.append(Oddity(path, say("A condition maps operators to keys, and keys to values")))
    return []


def _texts(raw: Any, path: Path, odd: list[Oddity], *, scalars: bool = False) -> tuple[str, ...]:
    """Return the one text or the list of texts; numbers and booleans count as texts in conditions alone."""
    found: dict[str, str] = {}
    for value in raw if isinstance(raw, list) else [raw]:
        if isinstance(value, str):
            found[value] = value
        elif scalars and isinstance(value, bool):
            found[str(value).lower()] = str(value).lower()
        elif scalars and isinstance(value, int | float) and abs(value) < _LARGEST_NUMBER:
            found[str(value)] = str(value)
        else:
            odd.append(Oddity(path, say("A value here is not text")))
    return tuple(sorted(found))
