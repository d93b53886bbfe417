"""Policies that are bad for whoever judges them: long lists against long lists, near misses, patterns, oddities."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.abuse.texts import TEXTS, Text

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of inline policies, in sum; a trust policy
# can have 2,048 characters, and more if AWS raises that.
LONGEST_POLICY = 10_240

Policy = dict[str, Any]
Sized = Callable[[int], Policy]
_OURS = "arn:aws:iam::999988887777:role/northwind-rolecall"
_STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/northwind-7kq2m9xd/0a1b2c3d-0000-1111-2222-333344445555"


def policy(*statements: Policy) -> Policy:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _trust(principal: object = None, condition: object = None) -> Policy:
    allowed = {"Effect": "Allow", "Principal": principal or {"AWS": _OURS}, "Action": "sts:AssumeRole"}
    return {**allowed, "Condition": condition or {"StringEquals": {"sts:ExternalId": "northwind-7kq2m9xd-0"}}}


def statement(action: object, resource: object = "*", effect: str = "Allow", **more: object) -> Policy:
    """Return one statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


# Each makes a policy of so many parts; `sized` finds how many fit.
_OF_PARTS: dict[str, Callable[[int], Policy]] = {
    "near-miss principals": lambda n: policy(_trust({"AWS": [f"{_OURS[:-1]}{i}" for i in range(n)]})),
    "near-miss accounts": lambda n: policy(_trust({"AWS": [f"{i:012}" for i in range(n)]})),
    "near-miss external IDs": lambda n: policy(
        _trust(condition={"StringEquals": {"sts:ExternalId": [f"northwind-7kq2m9xd-{i:032x}" for i in range(n)]}})
    ),
    "patterns of external IDs": lambda n: policy(
        _trust(condition={"StringLike": {"sts:ExternalId": [f"*{i}*north*" for i in range(n)]}})
    ),
    "trusting statements": lambda n: policy(*(_trust() for _ in range(n))),
    "trusting and denying statements": lambda n: policy(*(_trust() | {"Effect": e} for e in ("Allow", "Deny") * n)),
    "condition operators": lambda n: policy(
        _trust(condition={f"StringLike{i}": {"sts:ExternalId": "*"} for i in range(n)})
    ),
    "condition keys": lambda n: policy(_trust(condition={"StringLike": {f"aws:k{i}": "*" for i in range(n)}})),
    "kinds of principal": lambda n: policy(_trust({f"AWS{i}": "*" for i in range(n)})),
    "elements": lambda n: policy({**_trust(), **{f"Sid{i}": "x" for i in range(n)}}),
    "actions": lambda n: policy(statement([f"s3:Get{i}" for i in range(n)])),
    "actions against denies": lambda n: policy(
        statement([f"s3:*{i}" for i in range(n)]), *(statement([f"s3:G*{i}"], effect="Deny") for i in range(n // 4))
    ),
    "resources against denies": lambda n: policy(
        statement("s3:GetObject", [f"arn:aws:s3:::*{i}" for i in range(n)]),
        *(statement("s3:GetObject", f"arn:aws:s3:::*a*{i}", "Deny") for i in range(n // 4)),
    ),
    "actions and resources against denies": lambda n: policy(
        statement([f"s:{i}" for i in range(n)], [f"{i}" for i in range(n)]),
        statement([f"s:*{i}" for i in range(n)], [f"*{i}" for i in range(n)], "Deny"),
    ),
    "wildcards that meet what was asked": lambda n: policy(
        *(statement(f"*e*c*{i:x}*", f"*:*:*:{i:x}*", "Deny") for i in range(n))
    ),
    "actions nobody asked for": lambda n: policy(statement([f"iam:PassRole{i:x}" for i in range(n)])),
    "odd effects": lambda n: policy(*({"Effect": f"k{i:x}", f"k{i:x}": f"k{i:x}"} for i in range(n))),
    "statements": lambda n: policy(*(statement(f"s3:{i}*") for i in range(n))),
    "statements with conditions": lambda n: policy(
        *(statement("s3:*", Condition={"StringLike": {f"k{i}": "*", f"l{i}": "*"}}) for i in range(n))
    ),
    "exceptions": lambda n: policy({"Effect": "Allow", "NotAction": [f"a{i}:*" for i in range(n)], "NotResource": "x"}),
    "exceptions from denies": lambda n: policy(
        statement("*"),
        {"Effect": "Deny", "NotAction": [f"*{i}*" for i in range(n)], "NotResource": [f"*{i}" for i in range(n)]},
    ),
    "patterns that meet": lambda n: policy(statement(f"*{'a*' * n}", effect="Deny"), statement(f"{'*a' * n}b")),
    "wanted actions in many ways": lambda n: policy(*(statement("iam:Get*", f"*{i}") for i in range(n))),
    "stacks": lambda n: policy(statement("cloudformation:DescribeStacks", [f"{_STACK[:-1]}{i}" for i in range(n)])),
    "near-miss stacks": lambda n: policy(statement("x:y", f"{_STACK[:40]}" * n)),
    "lists in lists": lambda n: policy(statement(json.loads("[" * min(n, 900) + "]" * min(n, 900)))),
    "empty lists": lambda n: policy(statement([[] for _ in range(n)])),
    "numbers": lambda n: policy(_trust(condition={"NumericEquals": {"k": list(range(n))}})),
    "actions against a deny each": lambda n: policy(
        statement([f"a:{i:x}" for i in range(n)], [f"{i:x}" for i in range(n)]),
        *(statement(f"a:{i:x}*", "y*", "Deny") for i in range(n)),
    ),
    "long wildcards": lambda n: policy(
        statement([f"s3:*a*a*a*a*{i:x}" for i in range(n)]),
        statement([f"s3:*a*a*a*b*{i:x}" for i in range(n)], "arn:aws:s3:::x", "Deny"),
    ),
}
# Each makes a policy with one text in it.
_OF_A_TEXT: dict[str, Callable[[str], Policy]] = {
    "Sid": lambda text: policy(statement("s3:Get*", Sid=text)),
    "action": lambda text: policy(statement(text), statement(["s3:G*", "*"], effect="Deny")),
    "resource": lambda text: policy(statement("s3:GetObject", text), statement("s3:*", f"*{text[:20]}*", "Deny")),
    "principal": lambda text: policy(_trust({"AWS": text})),
    "kind of principal": lambda text: policy(_trust({text: "*"})),
    "condition's value": lambda text: policy(_trust(condition={"StringLike": {"sts:ExternalId": text}})),
    "condition's key": lambda text: policy(_trust(condition={"StringLike": {text: "x"}})),
    "operator": lambda text: policy(_trust(condition={text: {"sts:ExternalId": "x"}})),
    "element": lambda text: {**policy(statement("*")), text: text[:9]},
    "version": lambda text: {**policy(_trust()), "Version": text},
    "effect": lambda text: policy(statement("*", effect=text)),
}


def _length(policy: Policy) -> int:
    return len(json.dumps(policy, separators=(",", ":")))


def _sized(make: Callable[[int], Policy]) -> Sized:
    """Return what makes the policy of as many parts as fit into a length."""

    def fitting(length: int) -> Policy:
        count = max(1, 10 * length // max(1, _length(make(20)) - _length(make(10))))
        while count > 1 and _length(make(count)) > length:
            count = count * 19 // 20
        return make(count)

    return fitting


def _with_text(make: Callable[[str], Policy], text: Text) -> Sized:
    def fitting(length: int) -> Policy:
        room = length
        while room > 1 and (taken := _length(make(text(room)))) > length:
            room = min(room - 1, room * length // taken)
        return make(text(room))

    return fitting


POLICIES: dict[str, Sized] = {name: _sized(make) for name, make in _OF_PARTS.items()}
# Every place once with what is bad for patterns, and every text once in the place that most code reads.
_PATTERNS = {name: text for name, text in TEXTS.items() if "*" in name or "arn:" in name}
TEXTS_IN_POLICIES: dict[str, Sized] = {
    **{
        f"{place}: {name}": _with_text(make, text)
        for place, make in _OF_A_TEXT.items()
        for name, text in _PATTERNS.items()
    },
    **{f"action: {name}": _with_text(_OF_A_TEXT["action"], text) for name, text in TEXTS.items()},
}
ALL_POLICIES = {**POLICIES, **TEXTS_IN_POLICIES}


def as_pasted(policy: Sized) -> Text:
    """Return the text that the AWS CLI prints of a role with that trust policy."""
    before, after = '{"Role":{"Arn":"arn:aws:iam::111122223333:role/x","AssumeRolePolicyDocument":', "}}"
    return lambda length: before + json.dumps(policy(max(0, length - 90)), separators=(",", ":")) + after
