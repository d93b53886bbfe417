"""A role's policies as rules that can be compared: each statement with the actions it names, as a set.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
(an action without kinds of resource needs `*` as its resource).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text, clean, say
from onboarding.permissions.aws_actions import named_by_all
from onboarding.permissions.reach import Reach, reaches_of
from onboarding.policy.conditions import every, holds
from onboarding.policy.document import Condition, PolicyDocument, Statement, parse_policy
from onboarding.policy.effort import at_most, spend
from onboarding.policy.evaluate import has_variables
from onboarding.policy.globs import Wild
from onboarding.policy.json_text import Unreadable
from onboarding.policy.keys import SOME, Keys
from onboarding.policy.patterns import Patterns
from onboarding.policy.variables import Missing, filled

ANYTHING = "*"
# AWS's own policies are longer than a customer's can be: ReadOnlyAccess has 94,907 characters.
LONGEST_MANAGED = 262_144
_STEPS_OF_MANAGED = 100_000_000
_CHARACTERS_A_STEP = 20
# In steps, of an entry of Action: finding out how far it reaches.
_SORTING = 30


def session_keys(role_arn: RoleArn, now: datetime) -> Keys:
    """Return what is known of the condition keys of a request that a new session of the role makes in its own account.

    `now` (with its zone) is when the request is made, and when the session began: a Deny of sessions older than a date,
    as the console's "Revoke active sessions" writes it, binds no later one.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: a role's session
    carries aws:MultiFactorAuthPresent, which is false since the role that assumed it had no device.
    """
    absent = ("multifactorauthage", "username", "calledvia", "calledviafirst", "calledvialast", "principalservicename")
    unknown = ("requestedregion", "sourceip", "userid")
    at = now.astimezone(UTC)
    instant = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        **{f"aws:{name}": None for name in absent},
        **{f"aws:{name}": SOME for name in unknown},
        "aws:currenttime": (instant,),
        "aws:tokenissuetime": (instant,),
        "aws:epochtime": (str(int(at.timestamp())),),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
        "aws:principalisawsservice": ("false",),
        "aws:multifactorauthpresent": ("false",),
        "aws:principaltype": ("AssumedRole",),
        "aws:principalarn": (str(role_arn),),
        "aws:principalaccount": (role_arn.account_id,),
        "aws:resourceaccount": (role_arn.account_id,),
    }


class Rule:
    """A statement of a policy, prepared for comparing. The same for every role, until `of` fills in one's values."""

    def __init__(self, policy: str, statement: Statement, *, fills_in: bool) -> None:
        self.policy, self.statement, self.fills_in = policy, statement, fills_in
        self.is_deny, self.is_odd = statement.effect == "Deny", bool(statement.oddities)
        self.is_all_but_actions = statement.not_actions is not None
        self.is_all_but_resources = statement.not_resources is not None
        self.entries = statement.actions if statement.not_actions is None else statement.not_actions
        self.resources = statement.resources if statement.not_resources is None else statement.not_resources
        self.is_anywhere = ANYTHING in self.resources and not self.is_all_but_resources
        named = named_by_all(self.entries)
        self.named_by_each, self.named, self.unknown = named.each, named.together, named.unknown
        self.unknown_names = frozenset(entry.lower() for entry in self.unknown)

    @cached_property
    def entries_by_reach(self) -> dict[Reach, tuple[tuple[str, int], ...]]:
        """The entries of its Action or NotAction with what each names, under every reach of the actions among that."""
        spend(_SORTING * len(self.entries))
        found: dict[Reach, list[tuple[str, int]]] = {}
        for entry, named in zip(self.entries, self.named_by_each, strict=True):
            for reach in reaches_of(named):
                found.setdefault(reach, []).append((entry, named))
        return {reach: tuple(entries) for reach, entries in found.items()}

    @cached_property
    def patterns(self) -> Patterns:
        """The entries of its Action or NotAction with a wildcard, in lower case."""
        return Patterns(entry.lower() for entry in self.entries if "*" in entry or "?" in entry)

    def holds(self, keys: Keys, *, besides: Sequence[Condition] = ()) -> bool | None:
        """Whether the statement's conditions hold; None where that cannot be known. `besides` count as held."""
        if not self.statement.conditions:
            return True
        conditions = (c for c in self.statement.conditions if c not in besides)
        return every(holds(c, keys, has_variables=self.fills_in) for c in conditions)


class Scope:
    """What a rule's resources are for one role: variables are filled in.

    A resource with a variable that the request lacks names nothing: a role has no `${aws:username}`.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """

    def __init__(self, rule: Rule, keys: Keys) -> None:
        self.is_all_but = rule.is_all_but_resources
        self.resources = rule.resources
        if rule.fills_in:
            filled_in = (_filled(resource, keys) for resource in rule.resources)
            self.resources = tuple(resource for resource in filled_in if resource is not None)
        self.is_anywhere = rule.is_anywhere
        self._named: dict[str, bool] = {}

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns(self.resources)

    def covers(self, resource: str) -> bool:
        """Whether it is about all of the resource, which can itself be a pattern."""
        if self.is_anywhere:
            return True
        return not self._patterns.meet(resource) if self.is_all_but else self._patterns.cover(resource)

    def meets(self, resource: str) -> bool:
        """Whether it is about any part of the resource."""
        if self.is_anywhere:
            return True
        return not self._patterns.cover(resource) if self.is_all_but else self._patterns.meet(resource)

    def names(self, text: str) -> bool:
        """Whether it is about what a request without a resource carries instead, `*` for most actions."""
        if text not in self._named:
            self._named[text] = self.is_anywhere or self._patterns.cover(text) is not self.is_all_but
        return self._named[text]


def _filled(resource: str, keys: Keys) -> str | None:
    """Return the resource with its variables; None where the request lacks one.

    It is left as it is where a variable is not known, or is a plain `*`, `?` or `$`.
    """
    tokens = filled(resource, keys, reads_wildcards=True) if "${" in resource else resource
    if tokens is Missing.ABSENT:
        return None
    if isinstance(tokens, Missing) or any(plain in resource for plain in ("${*}", "${?}", "${$}")):
        return resource
    return "".join(token.value if isinstance(token, Wild) else token for token in tokens)


@dataclass(frozen=True)
class ReadPolicy:
    """A policy's rules, and what is wrong with it, if anything: then the rules may not be all."""

    name: str
    rules: tuple[Rule, ...] = ()
    problem: Text | None = None


def read_inline(name: str, document: object) -> ReadPolicy:
    """Return what an inline policy says, in any form that parse_policy takes. Raises nothing but TooComplex."""
    return _read(name, parse_policy(document))


def read_managed(arn: str, document: object) -> ReadPolicy:
    """Return what a managed policy says; read once for all roles, so give its text where you have it.

    Raises nothing but TooComplex. What it costs is counted by its length, whether or not it was read before.
    """
    try:
        text = document if isinstance(document, str) else json.dumps(document)
    except (TypeError, ValueError, RecursionError):
        return _read(arn, parse_policy(None))
    spend(len(text) // _CHARACTERS_A_STEP)
    return _read_text(arn, text) if len(text) <= LONGEST_MANAGED else _read(arn, parse_policy(text))


@lru_cache(maxsize=64)
def _read_text(arn: str, text: str) -> ReadPolicy:
    with at_most(_STEPS_OF_MANAGED):
        read = _read(arn, parse_policy(text, longest=LONGEST_MANAGED))
        # Worked out now, or the first judgement that asks would pay for it.
        assert all(rule.patterns is not None and rule.entries_by_reach is not None for rule in read.rules)
    return read


def _read(name: str, policy: PolicyDocument | Unreadable) -> ReadPolicy:
    if isinstance(policy, Unreadable):
        return ReadPolicy(name, problem=_cannot_be_read(name, policy.sentence))
    odd = [*policy.oddities, *(o for s in policy.statements for o in s.oddities)]
    rules = tuple(Rule(name, statement, fills_in=has_variables(policy)) for statement in policy.statements)
    problem = _cannot_be_read(name, say("{what}.", what=odd[0].sentence)) if odd else None
    return ReadPolicy(name, rules, problem)


def _cannot_be_read(name: str, why: Text) -> Text:
    return say("The policy {policy} cannot be read: {why}", policy=clean(name), why=why)
