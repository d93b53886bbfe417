"""A role's policies as rules that can be compared: each statement with the actions it names, as a set.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
(an action without kinds of resource needs `*` as its resource).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from onboarding.ground.arn import RoleArn
from onboarding.ground.wording import Text, clean, say
from onboarding.permissions.aws_actions import named_by_all
from onboarding.permissions.reach import Reach, sorted_by_reach
from onboarding.policy.conditions import every, holds
from onboarding.policy.document import Condition, PolicyDocument, Statement, parse_policy
from onboarding.policy.effort import at_most, spend
from onboarding.policy.evaluate import has_variables
from onboarding.policy.globs import Wild
from onboarding.policy.json_text import Unreadable
from onboarding.policy.keys import SOME, Keys
from onboarding.policy.patterns import Patterns, has_wildcard
from onboarding.policy.variables import Missing, filled

ANYTHING = "*"
# AWS's own policies are longer than a customer's can be: ReadOnlyAccess has 94,907 characters.
LONGEST_MANAGED = 262_144
_STEPS_OF_MANAGED = 100_000_000
_CHARACTERS_A_STEP = 20


def session_keys(role_arn: RoleArn) -> Keys:
    """Return what is known of the condition keys of a request that a session of the role makes in its own account.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: a role's session
    carries aws:MultiFactorAuthPresent, which is false since the role that assumed it had no device.
    """
    absent = ("multifactorauthage", "username", "calledvia", "calledviafirst", "calledvialast", "principalservicename")
    unknown = ("currenttime", "epochtime", "requestedregion", "sourceip", "tokenissuetime", "userid")
    return {
        **{f"aws:{name}": None for name in absent},
        **{f"aws:{name}": SOME for name in unknown},
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
        self.named, self.unknown = named_by_all(self.entries)
        self.unknown_names = frozenset(entry.lower() for entry in self.unknown)
        # By service; "" for those that name several.
        self.patterns: dict[str, list[str]] = {}
        for entry in (entry.lower() for entry in self.entries if "*" in entry or "?" in entry):
            service = entry.partition(":")[0]
            self.patterns.setdefault("" if has_wildcard(service) else service, []).append(entry)

    @cached_property
    def entries_by_reach(self) -> dict[Reach, tuple[str, ...]]:
        """The entries of its Action or NotAction, each under every reach of the actions that it names."""
        return sorted_by_reach(self.entries)

    def holds(self, keys: Keys, *, besides: Sequence[Condition] = ()) -> bool | None:
        """Whether the statement's conditions hold; None where that cannot be known. `besides` count as held."""
        if not self.statement.conditions:
            return True
        conditions = (c for c in self.statement.conditions if c not in besides)
        return every(holds(c, keys, has_variables=self.fills_in) for c in conditions)


class Scope:
    """What a rule's resources are for one role: variables are filled in."""

    def __init__(self, rule: Rule, keys: Keys) -> None:
        self.is_all_but = rule.is_all_but_resources
        self.resources = tuple(_filled(r, keys) for r in rule.resources) if rule.fills_in else rule.resources
        self.is_anywhere = rule.is_anywhere

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
        return self.is_anywhere or self._patterns.cover(text) is not self.is_all_but


def _filled(resource: str, keys: Keys) -> str:
    """Return the resource with its variables; as it is where one is not known, or is a plain `*`, `?` or `$`."""
    tokens = filled(resource, keys, reads_wildcards=True) if "${" in resource else resource
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
        assert all(rule.entries_by_reach is not None for rule in read.rules)
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
