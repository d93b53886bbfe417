"""Trust policies that chance makes: nobody thought of them, and AWS would store them."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.oracle.conditions import (
    INTERN,
    KEYS,
    RIGHT,
    ROLE,
    ROOT,
    STRANGER,
    TENANT,
    USER,
    VENDOR,
    Key,
    make_condition,
)

Policy = dict[str, Any]

SESSION = f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/worker"
OKTA, GITHUB = f"arn:aws:iam::{TENANT}:saml-provider/okta", f"arn:aws:iam::{TENANT}:oidc-provider/github.example"
PRINCIPALS = (ROOT, ROOT, ROOT, ROLE, ROLE, VENDOR, "*", INTERN, USER, f"arn:aws:iam::{STRANGER}:root", SESSION)
PRINCIPALS += (f"arn:aws:iam::{STRANGER}:role/northwind-rolecall", "AROAEXAMPLEEXAMPLEEX", STRANGER)
ACTIONS: tuple[Any, ...] = ("sts:AssumeRole",) * 6 + ("sts:*", "*", "STS:assumerole", "sts:Assume*", "sts:TagSession")
ACTIONS += (["sts:AssumeRole", "sts:TagSession"], ["sts:AssumeRole", "sts:SetSourceIdentity"], "sts:AssumeRole*")
ACTIONS += (["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],)
OURS = {"StringEquals": {"sts:ExternalId": RIGHT}, "ArnEquals": {"aws:PrincipalArn": ROLE}}
WHO_AND_ID = tuple(key for key in KEYS if key.name in {"sts:ExternalId", "aws:PrincipalArn"})
OF_PROVIDERS = (
    Key("SAML:aud", ("StringEquals", "StringLike", "StringNotEquals"), ("https://signin.aws.amazon.com/saml", "*")),
    Key("github.example:sub", ("StringEquals", "StringLike", "StringNotLike"), ("repo:acme/app", "repo:acme/*")),
)


def make_policy(chance: Random) -> Policy:
    allows = [_allow(chance) for _ in range(chance.choice([1, 1, 1, 1, 2, 3]))]
    denies = [_deny(chance) for _ in range(chance.choice([0, 0, 1, 1, 2]))]
    statements = allows + denies
    chance.shuffle(statements)
    version = chance.choice([{"Version": "2012-10-17"}] * 8 + [{"Version": "2008-10-17"}, {}])
    return {**version, "Statement": statements}


def _allow(chance: Random) -> Policy:
    way = chance.random()
    if way < 0.05:
        return _federated(chance)
    if way < 0.65:
        return _nearly_ours(chance)
    principal = {"AWS": _one_or_more(chance, PRINCIPALS)}
    if way < 0.7:
        principal["Service"] = "ec2.amazonaws.com"
    return _statement(chance, "Allow", principal, chance.choice([0, 1, 1, 2, 2, 3]))


def _nearly_ours(chance: Random) -> Policy:
    """Our own statement, with one condition changed, left out or added, and at times another principal or action."""
    block = {operator: dict(keys) for operator, keys in OURS.items()}
    what = chance.random()
    if what < 0.4:
        del block[chance.choice(list(block))]
    if 0.2 < what < 0.9:
        make_condition(chance, chance.choice(WHO_AND_ID) if chance.random() < 0.6 else None).put_into(block)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": chance.choice([ROOT, ROOT, ROLE, "*", VENDOR])},
        "Action": chance.choice(ACTIONS) if chance.random() < 0.3 else "sts:AssumeRole",
    }
    return {**statement, "Condition": block} if block else statement


def _federated(chance: Random) -> Policy:
    saml = chance.random() < 0.5
    statement: Policy = {
        "Effect": "Allow",
        "Principal": {"Federated": OKTA if saml else GITHUB},
        "Action": "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity",
    }
    block: dict[str, Any] = {}
    make_condition(chance, OF_PROVIDERS[0 if saml else 1]).put_into(block)
    return {**statement, "Condition": block} if chance.random() < 0.8 else statement


def _deny(chance: Random) -> Policy:
    principal = {"AWS": "*" if chance.random() < 0.75 else _one_or_more(chance, PRINCIPALS)}
    return _statement(chance, "Deny", principal, chance.choice([0, 1, 1, 1, 2, 3]) if principal != {"AWS": "*"} else 1)


def _statement(chance: Random, effect: str, principal: Policy, conditions: int) -> Policy:
    named = {"NotAction": "sts:TagSession"} if chance.random() < 0.03 else {"Action": chance.choice(ACTIONS)}
    statement: Policy = {"Effect": effect, "Principal": principal, **named}
    block: dict[str, Any] = {}
    for _ in range(conditions + (chance.random() < 0.2)):
        make_condition(chance).put_into(block)
    return {**statement, "Condition": block} if block else statement


def _one_or_more(chance: Random, entries: tuple[str, ...]) -> Any:
    count = chance.choice([1, 1, 1, 2])
    return chance.choice(entries) if count == 1 else [chance.choice(entries) for _ in range(count)]
