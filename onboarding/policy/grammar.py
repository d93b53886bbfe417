"""What AWS would refuse to store: such a policy cannot be a role's, so it is said before anything else.

Only what AWS documents, or was seen to answer, is refused here. Where that is unproved, the policy is judged: an empty
list, another partition's root, an operator in other letter case, the ID of a role that was deleted (AWS puts it there).
Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
Checks: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from onboarding.ground.wording import NOTHING, Text, clean, say
from onboarding.policy.document import Condition, Oddity, Path, PolicyDocument, Statement
from onboarding.policy.effort import spend
from onboarding.policy.values import instant, network, number

_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html has the forms, and
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids the unique IDs.
_FORMS: Mapping[str, re.Pattern[str]] = {
    "AWS": re.compile(
        r"\*|[0-9]{12}|A(?:ROA|IDA|GPA|NPA|IPA)[A-Z0-9]{8,}"
        r"|arn:aws[a-z-]*:iam::[0-9]{12}:(?:root|(?:role|user)/[\x21-\x7e]+)"
        r"|arn:aws[a-z-]*:sts::[0-9]{12}:(?:assumed-role/[^/\s]+/[^/\s]+|federated-user/[^/\s]+)",
        re.ASCII,
    ),
    "Service": re.compile(r"[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]+", re.ASCII),
    "Federated": re.compile(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:saml|oidc)-provider/.+|[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]+", re.ASCII
    ),
}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OPERATORS = frozenset(
    name.lower()
    for name in (
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("StringLike", "StringNotLike", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
        *("Bool", "Null", "BinaryEquals", "IpAddress", "NotIpAddress"),
        *(f"{kind}{how}" for kind in ("Numeric", "Date") for how in _COMPARISONS),
    )
)
MOST_ODDITIES = 40
# What checking one value takes, in steps.
_CHECKING = 10


def refused_by_aws(policy: PolicyDocument, *, is_trust: bool) -> tuple[Oddity, ...]:
    """Return for what AWS would refuse to store the policy, in its order; empty if nothing is known against it.

    `is_trust` tells a role's trust policy from one that says what an identity can do. One reason is enough to refuse,
    so there are at most MOST_ODDITIES.
    """
    return tuple(islice(_odd(policy, is_trust=is_trust), MOST_ODDITIES))


def _odd(policy: PolicyDocument, *, is_trust: bool) -> Iterator[Oddity]:
    yield from policy.oddities
    raws = _raw_statements(policy)
    times = Counter(_sid(raw) for raw in raws)
    for statement in policy.statements:
        spend(_CHECKING)
        raw = raws[statement.number - 1]  # Whoever judges might have left statements out.
        yield from statement.oddities
        yield from _of_sid(_sid(raw), statement.path, times)
        yield from _of_elements(statement, raw, is_trust=is_trust)
        yield from _of_actions(statement, is_trust=is_trust)
        yield from _of_principals(statement) if is_trust else _of_resources(statement)
        for condition in statement.conditions:
            yield from _of_condition(condition, (*statement.path, "Condition", condition.operator, condition.key))


def _raw_statements(policy: PolicyDocument) -> list[Mapping[str, Any]]:
    raw = next(value for name, value in policy.source.items() if name.lower() == "statement")
    return raw if isinstance(raw, list) else [raw]


def _sid(raw: Mapping[str, Any]) -> str:
    sid = raw.get("Sid", "")
    return sid if isinstance(sid, str) else ""


def _of_sid(sid: str, path: Path, times: Counter[str]) -> Iterator[Oddity]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html

    An empty one is taken, any number of times: Terraform wrote them, and AWS's own check is `[0-9A-Za-z]*`.
    """
    if not _SID.fullmatch(sid):
        yield Oddity((*path, "Sid"), say("A Sid is made of letters and digits only, from a to z"))
    if sid and times[sid] > 1:
        yield Oddity((*path, "Sid"), say("Two statements have the Sid “{sid}”", sid=clean(sid, longest=60)))


def _of_elements(statement: Statement, raw: Mapping[str, Any], *, is_trust: bool) -> Iterator[Oddity]:
    """Which elements a statement must have, and which it must not have.

    AWS says "Has prohibited field Resource" of a trust policy, and "Policy document should not specify a principal" of
    others. NotPrincipal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if not {"Action", "NotAction"} & raw.keys():
        yield Oddity(statement.path, say("A statement needs an Action"))
    needed, wrong = ("Principal", ("Resource", "NotResource")) if is_trust else ("Resource", ("Principal",))
    if not {needed, f"Not{needed}"} & raw.keys() or raw.get(needed) == {}:
        yield Oddity(statement.path, say("A statement of such a policy needs a {element}", element=needed))
    for element in (*wrong, "NotPrincipal"):
        if element in raw:
            what = say("A trust policy has no {element}") if is_trust else say("A permissions policy has no {element}")
            yield Oddity((*statement.path, element), what.filled(element=element))


def _of_actions(statement: Statement, *, is_trust: bool) -> Iterator[Oddity]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html

    AWS answers "Actions/Conditions must be prefaced by a vendor" and, for a trust policy, "AssumeRole policy may only
    specify STS AssumeRole actions".
    """
    for element, actions in (("Action", statement.actions), ("NotAction", statement.not_actions or ())):
        spend(_CHECKING * len(actions))
        for action in actions:
            service, colon, name = action.partition(":")
            shown = clean(action, longest=60)
            if not (colon and service and name) and (not action or action.strip("*")):
                yield Oddity(
                    (*statement.path, element), say("“{action}” names no service, as in sts:AssumeRole", action=shown)
                )
            elif is_trust and element == "Action" and colon and service.lower() != "sts" and "*" not in service:
                what = say("A trust policy can only hold actions of sts, and “{action}” is not one", action=shown)
                yield Oddity((*statement.path, element), what)


def _of_principals(statement: Statement) -> Iterator[Oddity]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

    A bare "*" is refused in a trust policy, while {"AWS": "*"} is taken: AWS answers `Invalid principal in policy:
    "STAR":"*"`. "You cannot use a wildcard to match part of a principal name or ARN", nor to mean all sessions.
    """
    for kind, names in statement.principals.items():
        path = (*statement.path, "Principal")
        if kind == "*":
            yield Oddity(path, say('A trust policy cannot have “*” alone as its Principal, only {"AWS": "*"}'))
            continue
        form = _FORMS.get(kind)
        spend(_CHECKING * len(names))
        for name in names:
            shown = clean(name, longest=120)
            if ("*" in name or "?" in name) and (kind, name) != ("AWS", "*"):
                yield Oddity((*path, kind), say("A principal cannot hold a wildcard: “{name}”", name=shown))
            elif form and not form.fullmatch(name):
                yield Oddity((*path, kind), say("“{name}” is no principal of the kind {kind}", name=shown, kind=kind))


def _of_resources(statement: Statement) -> Iterator[Oddity]:
    """AWS answers `Resource … must be in ARN format or "*"`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    for element, resources in (("Resource", statement.resources), ("NotResource", statement.not_resources or ())):
        spend(_CHECKING * len(resources))
        for resource in resources:
            if not resource.startswith("arn:") and not any(mark in resource for mark in ("*", "?", "${")):
                what = say("“{resource}” is neither an ARN nor “*”", resource=clean(resource, longest=120))
                yield Oddity((*statement.path, element), what)


def _of_condition(condition: Condition, path: Path) -> Iterator[Oddity]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

    AWS answers "Invalid Condition type" to an unknown operator. Null has no IfExists.
    """
    written = condition.operator.lower()
    name = written.removeprefix("forallvalues:").removeprefix("foranyvalue:").removesuffix("ifexists")
    if name not in _OPERATORS or (name == "null" and written.endswith("ifexists")):
        operator = clean(condition.operator, longest=60)
        yield Oddity(path[:-1], say("AWS knows no condition operator “{operator}”", operator=operator))
    if ":" not in condition.key:
        key = clean(condition.key, longest=60)
        yield Oddity(path, say("“{key}” names no service, as in sts:ExternalId", key=key))
    read, what = _VALUES.get(_kind(name), (None, NOTHING))
    for value in condition.values if read else ():
        spend(_CHECKING)
        if read and "${" not in value and read(value) is None:
            yield Oddity(path, what.filled(value=clean(value, longest=60)))


def _kind(operator: str) -> str:
    return next((kind for kind in _VALUES if operator.startswith(kind) or operator == f"not{kind}"), "")


def _truth(value: str) -> bool | None:
    return True if value.lower() in ("true", "false") else None


# By the beginning of an operator's name: what reads its values, None for what cannot be read, and what is said then.
_VALUES: Mapping[str, tuple[Callable[[str], object], Text]] = {
    "bool": (_truth, say("“{value}” is neither true nor false")),
    "null": (_truth, say("“{value}” is neither true nor false")),
    "numeric": (number, say("“{value}” is not a number")),
    "date": (instant, say("“{value}” is not a date such as 2030-01-31T12:00:00Z")),
    "ipaddress": (network, say("“{value}” is not an IP address or range, such as 203.0.113.0/24")),
}
