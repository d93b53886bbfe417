"""Conditions that chance makes, realistic to nasty, and the strings that requests draw from them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from string import ascii_lowercase
from typing import Any

VENDOR, STRANGER, TENANT = "999988887777", "123412341234", "111122223333"
ROLE = f"arn:aws:iam::{VENDOR}:role/northwind-rolecall"
INTERN, PATHED = f"arn:aws:iam::{VENDOR}:role/intern", f"arn:aws:iam::{VENDOR}:role/team/northwind-rolecall"
USER, ROOT = f"arn:aws:iam::{VENDOR}:user/ann", f"arn:aws:iam::{VENDOR}:root"
HANDLE = "northwind-7kq2m9xd"
RIGHT = f"{HANDLE}-" + "0123456789abcdef" * 2
NEAR, FAR = f"{HANDLE}-" + "9" * 32, "northwind-zz99zz99-" + "1e" * 16
NOW = "2030-05-17T12:00:00Z"

STRINGS = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike")
STRINGS += ("StringNotEqualsIgnoreCase",)
ARNS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
DATES, NUMBERS = tuple(f"Date{order}" for order in ORDERS), tuple(f"Numeric{order}" for order in ORDERS)
ADDRESSES = ("IpAddress", "NotIpAddress")


@dataclass(frozen=True)
class Key:
    """A condition key: the operators that AWS has for it, and values that a policy may have."""

    name: str
    operators: tuple[str, ...]
    values: tuple[str, ...]
    is_list: bool = False
    weight: int = 1


ID_VALUES = (RIGHT, RIGHT, RIGHT, NEAR, FAR, RIGHT.upper(), f"{HANDLE}-*", "northwind-*", "*", "*z", "*-*f", "?" * 51)
ID_VALUES += (f"{RIGHT[:30]}*{RIGHT[-2:]}", "${aws:PrincipalAccount}", "north${*}")
ARN_VALUES = (ROLE, ROLE, ROLE, INTERN, USER, PATHED, f"arn:aws:iam::{VENDOR}:role/*", f"arn:aws:iam::{VENDOR}:*")
ARN_VALUES += (
    f"arn:aws:iam::{VENDOR}:role/north*",
    "arn:aws:iam::*:role/northwind-rolecall",
    "arn:*:iam::*:role/north*",
)
ARN_VALUES += (f"arn:aws:iam::{VENDOR}:role/*z", "arn:aws:iam::${aws:PrincipalAccount}:role/northwind-rolecall")
ARN_VALUES += (f"arn:aws:iam::{STRANGER}:role/?ntern", f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/*")
INSTANTS = ("2016-05-01T12:00:00Z", "2030-05-17", "2030-05-18T00:00:00+02:00", "2099-01-01T00:00:00Z", "2031")

KEYS = (
    Key("sts:ExternalId", STRINGS, ID_VALUES, weight=8),
    Key("aws:PrincipalArn", STRINGS + ARNS, ARN_VALUES, weight=8),
    Key("aws:PrincipalAccount", STRINGS, (VENDOR, STRANGER, "9999*", TENANT, "*"), weight=2),
    Key("aws:PrincipalType", STRINGS, ("AssumedRole", "User", "Assumed*", "assumedrole")),
    Key("aws:PrincipalOrgID", STRINGS, ("o-vendor0001", "o-tenant0001", "o-*")),
    Key("aws:PrincipalTag/Team", STRINGS, ("a", "b*", "*")),
    Key("aws:username", STRINGS, ("ann", "a*", "*")),
    Key("sts:RoleSessionName", STRINGS, ("worker", "rolecall-*", "${aws:username, 'worker'}", "*"), weight=2),
    Key("aws:SourceIp", ADDRESSES, ("203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0", "198.51.100.7", "2001:db8::/32")),
    Key("aws:CurrentTime", DATES, INSTANTS, weight=2),
    Key("aws:CurrentTime", ("StringLike", "StringNotLike"), ("2030*", "2031-*", "*-05-*", NOW)),
    Key("aws:SourceIp", ("StringEquals", "StringLike", "StringNotLike"), ("203.0.113.7", "10.*", "*:*", "192.0.2.?")),
    Key("aws:EpochTime", NUMBERS + DATES, ("1462104000", "1905249600", "4070908800")),
    Key("aws:SecureTransport", ("Bool",), ("true", "false")),
    Key("aws:SecureTransport", STRINGS, ("true", "false", "t*", "True")),
    Key("aws:ViaAWSService", ("Bool",), ("true", "false")),
    Key("aws:MultiFactorAuthPresent", STRINGS, ("true", "false", "True")),
    Key("aws:MultiFactorAuthPresent", ("Bool",), ("true", "false")),
    Key("aws:MultiFactorAuthAge", NUMBERS, ("60", "3600", "0")),
    Key("aws:SourceArn", ARNS, (ROLE, "arn:aws:s3:::*")),
    Key("aws:SourceAccount", STRINGS, (VENDOR, TENANT)),
    Key("aws:RequestedRegion", STRINGS, ("us-east-1", "eu-*", "us-*")),
    Key("aws:RequestTag/Team", STRINGS, ("a", "b*", "*")),
    Key("aws:TagKeys", STRINGS, ("Team", "Cost*", "team", "*"), is_list=True),
    Key("sts:TransitiveTagKeys", STRINGS, ("Team", "Cost"), is_list=True),
    Key("sts:SourceIdentity", STRINGS, ("ann", "a*", "*")),
)
_WEIGHTS = [key.weight for key in KEYS]


@dataclass
class Made:
    """One condition that chance made."""

    key: Key
    operator: str
    values: list[str] = field(default_factory=list)

    def put_into(self, block: dict[str, Any]) -> None:
        block.setdefault(self.operator, {})[self.key.name] = self.values if len(self.values) > 1 else self.values[0]


def make_condition(chance: Random, key: Key | None = None) -> Made:
    chosen = key or chance.choices(KEYS, _WEIGHTS)[0]
    if chance.random() < 0.06:
        return Made(chosen, "Null", [chance.choice(["true", "false"])])
    operator = chance.choice(chosen.operators)
    wanted = list(dict.fromkeys(chance.choice(chosen.values) for _ in range(chance.choice([1, 1, 1, 2, 3]))))
    quantifier = chance.choice(["ForAllValues:", "ForAnyValue:"]) if chosen.is_list or chance.random() < 0.08 else ""
    return Made(chosen, f"{quantifier}{operator}{'IfExists' if chance.random() < 0.15 else ''}", wanted)


def instance(chance: Random, pattern: str, known: dict[str, str]) -> str:
    """Return a text that the pattern can match: its variables, stars and question marks filled in."""

    def filled(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        return name if name in "*?$" else known.get(name.strip().lower(), default.strip(" '"))

    text = re.sub(r"\$\{([^}]*)\}", filled, pattern)
    runs = ["", "z", "a", "f", "-", "ann", "intern", "7kq2m9xd-0", "/", "northwind-rolecall", "role/intern"]
    return "".join(
        chance.choice(runs) if c == "*" else chance.choice(ascii_lowercase + "0-") if c == "?" else c for c in text
    )


def changed(chance: Random, text: str) -> str:
    """Return the text with one little thing changed, as a near miss."""
    return chance.choice(
        [text, text, f"{text}z", f"z{text}", text[:-1], text.upper(), text.swapcase(), text.replace("0", "1", 1)]
    )
