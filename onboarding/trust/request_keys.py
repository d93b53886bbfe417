"""What is known of the condition keys of a request to assume a role: of ours, and of what others can send.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from itertools import product
from typing import Final, Literal

from onboarding.policy.keys import SOME, Keys, Present, Values
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.shapes import Shape, shape_of

ASSUME_ROLE: Final = "sts:AssumeRole"
TAG_SESSION: Final = "sts:TagSession"
SET_SOURCE_IDENTITY: Final = "sts:SetSourceIdentity"

EXTERNAL_ID: Final = "sts:externalid"
PRINCIPAL_ARN: Final = "aws:principalarn"
PRINCIPAL_ACCOUNT: Final = "aws:principalaccount"
PRINCIPAL_TYPE: Final = "aws:principaltype"
USERNAME: Final = "aws:username"
MFA: Final = "aws:multifactorauthpresent"
MFA_AGE: Final = "aws:multifactorauthage"
TAG_KEYS: Final = "aws:tagkeys"
TRANSITIVE: Final = "sts:transitivetagkeys"
NOW: Final = "aws:currenttime"
EPOCH: Final = "aws:epochtime"
TIMES: Final = frozenset({NOW, EPOCH})

# Every signed request to STS carries these, with these values; STS is reached over TLS alone.
ALWAYS: Mapping[str, Values] = {
    "aws:securetransport": ("true",),
    "aws:viaawsservice": ("false",),
    "aws:principalisawsservice": ("false",),
}
# What only a service's own request carries, or another action's.
_OF_SERVICES = frozenset(
    {
        *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"),
        *("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"),
        *("aws:principalservicename", "aws:principalservicenameslist"),
        *("sts:taskpolicyarn", "sts:awsservicename", "aws:federatedprovider"),
    }
)
_OF_TAGS = frozenset({TAG_KEYS, TRANSITIVE})
_TAG = "aws:requesttag/"
SOURCE_IDENTITY: Final = "sts:sourceidentity"
MULTI_VALUED = frozenset(
    {
        *("aws:tagkeys", "sts:transitivetagkeys", "aws:principalorgpaths", "aws:sourceorgpaths"),
        *("aws:calledvia", "aws:principalservicenameslist", "sts:requestcontextproviders"),
        *("aws:resourceorgpaths", "aws:vpceorgpaths"),
    }
)
_PRESENT = frozenset({"sts:rolesessionname", "aws:requestedregion", "aws:userid"})
TOKEN_ISSUED: Final = "aws:tokenissuetime"  # noqa: S105 (the name of a key)
# How long a role's session can last, so how old its token can be.
_LONGEST_SESSION = timedelta(hours=12)
# What follows from who the caller is.
CALLER_KEYS: Final = frozenset({PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, PRINCIPAL_TYPE, USERNAME})


def is_of_services(name: str) -> bool:
    """Whether only a request that a service makes, or another action's, carries the key."""
    return name in _OF_SERVICES


def is_of_tags(name: str) -> bool:
    """Whether only a request that tags its session carries the key."""
    return name in _OF_TAGS or name.startswith(_TAG)


def tags_told(keys: Mapping[str, object]) -> frozenset[str]:
    """Return the session tags that a request surely has by its other keys; aws:TagKeys has them too."""
    transitive = keys.get(TRANSITIVE)
    named = {name.removeprefix(_TAG) for name, values in keys.items() if name.startswith(_TAG) and values}
    return frozenset(named.union(transitive if isinstance(transitive, tuple) else ()))


def is_of_provider(name: str) -> bool:
    """Whether only a request that a sign-in provider vouches for carries the key: `saml:aud`, `github.example:sub`."""
    prefix = name.partition(":")[0]
    return prefix == "saml" or "." in prefix


def stays_with_a_session(name: str) -> bool:
    """Whether a role's session can carry the key from the sign-in that began it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    (keys of a provider that are there when its session assumes a further role).
    """
    return name == "aws:federatedprovider" or is_of_provider(name)


def is_multi_valued(name: str) -> bool:
    """Whether a request can carry several values: so a provider's keys are taken, since some of them can have many."""
    return name in MULTI_VALUED or is_of_provider(name)


def our_requests(names: Iterable[str], expected: ExpectedTrust, now: datetime) -> Iterator[Keys]:
    """Yield the keys of our own request, as far as we know them, for the names that a policy asks for.

    More than one where there are several: of MultiFactorAuthPresent, a role's session has `false` or nothing, and it
    can be new or hours old.
    """
    asked = frozenset(names)
    is_role = ":role/" in expected.principal_arn
    known: dict[str, Values | None] = {
        **ALWAYS,
        EXTERNAL_ID: (expected.external_id,),
        PRINCIPAL_ARN: (expected.principal_arn,),
        PRINCIPAL_ACCOUNT: (expected.account_id,),
        PRINCIPAL_TYPE: ("AssumedRole" if is_role else "User",),
        USERNAME: None if is_role else (expected.principal_arn.rpartition("/")[2],),
        **times(now),
        SOURCE_IDENTITY: None,
        MFA_AGE: None,
        "aws:assumedroot": None,
    }
    keys: dict[str, Values | Literal[Present.SOME] | None] = {}
    for name in asked:
        if name in known:
            keys[name] = known[name]
        elif is_role and stays_with_a_session(name):
            continue  # Nobody can know how the role's own session began.
        elif name in _OF_SERVICES or is_of_tags(name) or is_of_provider(name):
            keys[name] = None
        elif name in _PRESENT or name == "aws:useragent":
            keys[name] = SOME
    second_factors: list[Values | None] = [("false",), None] if MFA in asked else [None]
    is_dated = is_role and TOKEN_ISSUED in asked
    issued = [times(at)[NOW] for at in (now, now - _LONGEST_SESSION)] if is_dated else [None]
    for factor, issued_at in product(second_factors, issued):
        given = {MFA: factor, TOKEN_ISSUED: issued_at}
        yield {**keys, **{name: values for name, values in given.items() if name in asked and (name == MFA or values)}}


def times(at: datetime) -> dict[str, Values]:
    """Return the keys that say when a request is made."""
    seconds = at.astimezone(UTC).replace(microsecond=0)
    return {NOW: (seconds.strftime("%Y-%m-%dT%H:%M:%SZ"),), EPOCH: (str(int(seconds.timestamp())),)}


class ValueKind(Enum):
    """What the values of a key are."""

    TEXT = auto()
    TIME = auto()
    TRUTH = auto()
    ADDRESS = auto()


@dataclass(frozen=True)
class Domain:
    """What others can send for a key: `fixed` values, or any of the kind and shape; or nothing."""

    kind: ValueKind = ValueKind.TEXT
    shape: Shape | None = None
    may_be_absent: bool = True
    may_be_present: bool = True
    is_multi: bool = False
    fixed: Values | None = None


_WORD = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_+=,.@-"
_PRINTED = "".join(map(chr, range(32, 127)))
ANY_TEXT = replace(
    # A tag can be empty, and a policy is no longer than this.
    shape_of("", _PRINTED, shortest=0, longest=10_240, examples=("another", "x")),
    takes_any=True,
    is_possible=lambda text: len(text) <= 10_240,
)
_ACCOUNT_ID = shape_of("", "0123456789", shortest=12, longest=12, examples=("444455556666",))
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SHAPES: Mapping[str, Shape] = {
    EXTERNAL_ID: shape_of("", _WORD + ":/", shortest=2, longest=1_224, examples=("another-external-id",)),
    "sts:rolesessionname": shape_of("", _WORD, shortest=2, longest=64, examples=("session",)),
    SOURCE_IDENTITY: shape_of("", _WORD, shortest=2, longest=64, examples=("somebody",)),
    "aws:sourceaccount": _ACCOUNT_ID,
    "aws:resourceaccount": _ACCOUNT_ID,
    "aws:requestedregion": shape_of("", "abcdefghijklmnopqrstuvwxyz-0123456789", shortest=2, longest=32,
                                    examples=("us-east-1", "eu-west-1")),
}  # fmt: skip
_KINDS: Mapping[str, ValueKind] = {
    MFA: ValueKind.TRUTH,
    NOW: ValueKind.TIME,
    EPOCH: ValueKind.TIME,
    "aws:sourceip": ValueKind.ADDRESS,
    "aws:vpcsourceip": ValueKind.ADDRESS,
}
ABSENT = Domain(may_be_present=False)


def domain_of(name: str, *, has_tags: bool, has_source_identity: bool) -> Domain:
    """Return what an AWS caller other than us can send for a key, with or without tags and a source identity."""
    if name in ALWAYS:
        return Domain(fixed=ALWAYS[name], may_be_absent=False)
    if name in _OF_SERVICES or is_of_provider(name) or (is_of_tags(name) and not has_tags):
        return ABSENT
    if name == SOURCE_IDENTITY and not has_source_identity:
        return ABSENT
    return free_domain(name)


def free_domain(name: str) -> Domain:
    """Return what a key can be at all."""
    return Domain(
        kind=_KINDS.get(name, ValueKind.TEXT),
        shape=_SHAPES.get(name, ANY_TEXT),
        may_be_absent=name not in (*_PRESENT, NOW, EPOCH, SOURCE_IDENTITY, TAG_KEYS),
        is_multi=is_multi_valued(name),
    )
