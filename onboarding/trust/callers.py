"""Who can ask for a role: the ways in, what a caller on each can be, and whom a Principal names.

A caller is whole: account, type and name all follow from the ARN, so everything that a policy asks of the caller is
asked of that one text.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, combinations, product

from onboarding.policy.conditions import holds, parse_operator
from onboarding.policy.document import Condition, PolicyDocument, Statement
from onboarding.policy.effort import TooComplex, spend
from onboarding.policy.evaluate import names_action
from onboarding.policy.globs import Glob, Wild, glob, kept_within
from onboarding.policy.keys import Keys, Values
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.request_keys import (
    ABSENT,
    ASSUME_ROLE,
    MFA,
    MFA_AGE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_TYPE,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
    TOKEN_ISSUED,
    USERNAME,
    Domain,
    domain_of,
    is_multi_valued,
    stays_with_a_session,
)
from onboarding.trust.sent_by_others import sent_by_provider, sent_by_service
from onboarding.trust.shapes import EXAMPLE, Shape, principal_shape
from onboarding.trust.text_search import Want
from onboarding.trust.value_search import Demand, want_of

STRANGER = "444455556666"
# Some service or provider that no statement names.
ANYBODY = "*"
_ROOT = re.compile(r"(?:arn:(?P<partition>[a-z-]+):iam::)?(?P<account_id>[0-9]{12})(?(partition):root)", re.ASCII)
_SESSION = re.compile(r"(?P<start>arn:[a-z-]+):sts(?P<account>::[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+", re.ASCII)
_SAML, _WEB = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"
_TYPES = {"role": "AssumedRole", "user": "User"}
_EXTRAS = (TAG_SESSION, SET_SOURCE_IDENTITY)
_NAMING = 6


@dataclass(frozen=True)
class Door:
    """One way in. `actions` are all that AWS must allow, `shape` the ARNs that the caller can have (None: it has none
    of its own, and `named` is what policies call it), `caller` what the ARN must be besides. `session` is the one of
    those that a policy names by which the caller asks; empty where it is none of them.
    """

    kind: str
    actions: tuple[str, ...]
    expected: ExpectedTrust
    shape: Shape | None = None
    caller: tuple[Want, ...] = ()
    named: str = ""
    session: str = ""
    is_ours: bool = False
    is_other_id_needed: bool = False

    def domain(self, name: str) -> Domain:
        """Return what a caller on this way can send for a key."""
        has_tags, has_identity = TAG_SESSION in self.actions, SET_SOURCE_IDENTITY in self.actions
        if self.kind not in _TYPES:
            sent = sent_by_service if self.kind == "service" else sent_by_provider
            return sent(name, self.named, has_tags=has_tags, has_source_identity=has_identity)
        if self.kind == "role" and name in (MFA, MFA_AGE):
            # A second factor is a person's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
            return Domain(fixed=("false",)) if name == MFA else ABSENT
        if self.kind == "role" and stays_with_a_session(name):
            return Domain(is_multi=is_multi_valued(name))
        free = domain_of(name, has_tags=has_tags, has_source_identity=has_identity)
        # A role's session has a token; who signs with long-lived keys has none.
        return replace(free, may_be_absent=False) if (self.kind, name) == ("role", TOKEN_ISSUED) else free

    @property
    def other_id(self) -> Condition:
        """What makes a request with our own role another one than ours: its external ID, or that it has none."""
        return Condition("StringNotEquals", "sts:ExternalId", (self.expected.external_id,))

    def keys_of(self, arn: str) -> dict[str, Values | None]:
        """Return the keys that follow from who the caller is."""
        if self.kind not in _TYPES:
            return {}
        return {
            PRINCIPAL_ARN: (arn,),
            PRINCIPAL_ACCOUNT: (arn.split(":")[4],),
            PRINCIPAL_TYPE: (_TYPES[self.kind],),
            USERNAME: (arn.rpartition("/")[2],) if self.kind == "user" else None,
        }

    def principals(self, arn: str) -> frozenset[str]:
        """Return what policies may call the caller."""
        if self.kind not in _TYPES:
            kind = "Service" if self.kind == "service" else "Federated"
            # By `{"AWS": "*"}` alone a caller is let in only if that means all callers, in a Deny too.
            everybody = ("AWS:*",) if self.named == ANYBODY else (f"{kind}:{self.named}",)
            return frozenset({"*:*", f"{kind}:*", *everybody})
        account = arn.split(":")[4]
        root = f"arn:{self.expected.partition}:iam::{account}:root"
        names = {"*", account, root, arn, *([self.session] if self.session else [])}
        return frozenset({"*:*", *(f"AWS:{name}" for name in names)})


def doors_of(policy: PolicyDocument, expected: ExpectedTrust) -> Iterator[Door]:
    """Yield the ways in that are worth trying: those whose actions some Allow names."""
    allows = [s for s in policy.statements if s.effect == "Allow"]

    def is_open(action: str) -> bool:
        return any(names_action(s, action) for s in allows)

    extras = tuple(filter(is_open, _EXTRAS))
    ways = list(chain.from_iterable(combinations(extras, n) for n in range(len(extras) + 1)))
    if is_open(ASSUME_ROLE):
        sessions = {entry: roles for entry in _entries(allows, "AWS") if (roles := _of_session(entry))}
        for further in ways:
            for door in _aws_doors((ASSUME_ROLE, *further), expected):
                yield door
                # Of one role, a Deny can keep out a session and leave another.
                for session, roles in sessions.items() if door.kind == "role" else ():
                    if any(role.matches(expected.principal_arn) for role in roles) is door.is_ours:
                        yield replace(door, session=session, caller=(*door.caller, Want(roles)))
        for service, further in product(_entries([s for s in allows if names_action(s, ASSUME_ROLE)], "Service"), ways):
            yield Door("service", (ASSUME_ROLE, *further), expected, named=service)
    for kind, action in (("saml", _SAML), ("web_identity", _WEB)):
        if is_open(action):
            for provider in _entries([s for s in allows if names_action(s, action)], "Federated"):
                if (":saml-provider/" in provider) is (kind == "saml") or provider == "*":
                    yield from (Door(kind, (action, *further), expected, named=provider) for further in ways)


def _entries(allows: Sequence[Statement], kind: str) -> list[str]:
    entries = dict.fromkeys(entry for s in allows for entry in s.principals.get(kind, ()))
    is_anyone = any("*" in s.principals.get("AWS", ()) for s in allows)
    if is_anyone or any("*" in s.principals for s in allows):
        entries[ANYBODY] = None
    return list(entries)


def _aws_doors(actions: tuple[str, ...], expected: ExpectedTrust) -> Iterator[Door]:
    ours, own = _ours(expected), f"arn:{expected.partition}:iam::{expected.account_id}"
    for kind in _TYPES:
        strangers = f"arn:{expected.partition}:iam::{STRANGER}:{kind}/{EXAMPLE}"
        shape = principal_shape(
            expected.partition, kind, (strangers, f"{own}:{kind}/{EXAMPLE}", expected.principal_arn)
        )
        yield Door(kind, actions, expected, shape, (Want(ours, inside=False),))
    kind = "role" if ":role/" in expected.principal_arn else "user"
    shape = principal_shape(expected.partition, kind, (expected.principal_arn,))
    us = Want((Glob(expected.principal_arn),))
    yield Door(kind, actions, expected, shape, (us,), is_ours=True, is_other_id_needed=len(actions) == 1)


@lru_cache(maxsize=64)
def _ours(expected: ExpectedTrust) -> tuple[Glob, ...]:
    """Return what nobody else's ARN is: our name, whatever its path, since it is the only one of our account.

    Names of one account differ by more than letter case.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    start, kind = expected.principal_arn.partition("/")[0].rsplit(":", 1)
    name = expected.principal_arn.rpartition("/")[2]
    return (
        Glob(f"{start}:{kind}/{name}", ignores_case=True),
        Glob((*f"{start}:{kind}/", Wild.RUN, *f"/{name}"), ignores_case=True),
    )


def want_of_caller(asked: Demand, door: Door, variables: Keys | None) -> Want | bool:
    """Return a condition on the caller as what it wants of the ARN, or whether it is as asked for every one."""
    condition, name = asked.condition, asked.condition.name
    fixed: dict[str, Values | None] = {PRINCIPAL_TYPE: (_TYPES[door.kind],)}
    if door.kind == "role":
        fixed[USERNAME] = None
    if name in fixed:
        known = {**(variables or {}), name: fixed[name]}
        return holds(condition, known, has_variables=variables is not None) in (asked.wanted, None)
    start = f"arn:{door.expected.partition}:iam::"

    def within(pattern: Glob) -> Iterable[Glob]:
        if name == PRINCIPAL_ACCOUNT:
            account = kept_within(pattern.tokens, ":")
            return (Glob((*start, *account, ":", Wild.RUN), ignores_case=pattern.ignores_case),)
        user = (*start, *[Wild.ONE] * 12, *":user")
        # A name by itself, or behind a path; `*` alone is every user, and its search can see so at once.
        named = (*user, Wild.RUN, "/", *kept_within(pattern.tokens, "/"))
        return (
            Glob((*user, "/", Wild.RUN) if pattern.tokens == (Wild.RUN,) else named, ignores_case=pattern.ignores_case),
        )

    is_negated = parse_operator(condition.operator).is_negated
    want = want_of(condition, variables, inside=asked.wanted is not is_negated,
                   within=None if name == PRINCIPAL_ARN else within)  # fmt: skip
    if want is not None:
        return want
    if name != PRINCIPAL_ARN and parse_operator(condition.operator).kind is not None:
        raise TooComplex  # An account or a name, compared as a number: no pattern says that.
    known = {**(variables or {}), name: ("x",)}
    return holds(condition, known, has_variables=variables is not None) in (asked.wanted, None)


def named_by(statement: Statement, door: Door) -> Want | bool:
    """Return whom of the callers at this door a statement's Principal names: all, none, or those whose ARN is so."""
    principals = statement.principals
    if statement.not_principals is not None or "*" in principals:
        return True
    if door.kind not in _TYPES:
        entries = principals.get("Service" if door.kind == "service" else "Federated", ())
        # Whether {"AWS": "*"} means services and those who sign in through a provider too, no page says.
        is_everybody = door.named == ANYBODY and "*" in principals.get("AWS", ())
        return is_everybody or door.named in entries or "*" in entries
    entries = principals.get("AWS", ())
    # Whose canonical ID that is, nobody can know: it might be anyone's.
    if "*" in entries or "CanonicalUser" in principals:
        return True
    spend(_NAMING * len(entries))
    meant = (entry for entry in entries if entry == door.session or not _is_session(entry))
    named = (_named(entry, door.expected.partition) for entry in meant)
    patterns = tuple(chain.from_iterable(named))
    return Want(patterns) if patterns else False


@lru_cache(maxsize=256)
def _named(entry: str, partition: str) -> tuple[Glob, ...]:
    """Return the ARNs of those whom one entry names, or may name: AWS takes no wildcard inside a principal's ARN."""
    account = _ROOT.fullmatch(entry)
    if account:
        is_near = account["partition"] in (None, partition)
        return (glob(f"arn:{partition}:iam::{account['account_id']}:*"),) if is_near else ()
    return _of_session(entry) or ((glob(entry),) if entry.startswith("arn:") else ())


@lru_cache(maxsize=256)
def _is_session(entry: str) -> bool:
    return _SESSION.fullmatch(entry) is not None


def _of_session(entry: str) -> tuple[Glob, ...]:
    """Return the ARNs of the role whose one session the entry names; nothing for any other entry."""
    session = _SESSION.fullmatch(entry)
    if session is None:
        return ()
    start = f"{session['start']}:iam{session['account']}:role/"
    return Glob(start + session["role"]), Glob((*start, Wild.RUN, *f"/{session['role']}"))
