"""Trust policies that nobody thought of: the right one changed in places, and odd ones made by a grammar."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from onboarding.trust.expected import ExpectedTrust, corrected_policy

VENDOR, STRANGER = "999988887777", "123412341234"
ROLE, INTERN = f"arn:aws:iam::{VENDOR}:role/northwind-rolecall", f"arn:aws:iam::{VENDOR}:role/intern"
ROOT, USER = f"arn:aws:iam::{VENDOR}:root", f"arn:aws:iam::{VENDOR}:user/ann"
SESSION = f"arn:aws:sts::{VENDOR}:assumed-role/northwind-rolecall/worker"
RIGHT = "northwind-7kq2m9xd-" + "0123456789abcdef" * 2
NEAR, FAR = "northwind-7kq2m9xd-" + "9" * 32, "northwind-zz99zz99-" + "1e" * 16
EXPECTED = ExpectedTrust("aws", VENDOR, ROLE, RIGHT)
OURS = corrected_policy(EXPECTED)

ARNS = [
    ROOT,
    VENDOR,
    ROLE,
    INTERN,
    USER,
    SESSION,
    "*",
    "AROAEXAMPLEEXAMPLEEX",
    STRANGER,
    f"arn:aws:iam::{STRANGER}:root",
]
ARNS += [
    ROOT.replace("aws", "aws-cn"),
    ROLE.replace("aws", "aws-cn"),
    f"arn:aws:iam::{VENDOR}:role/*",
    ROLE + "l",
    " ",
    "",
]
ARNS += [ROLE.replace(VENDOR, STRANGER), f"{ROLE} ", ROLE.upper()]
VALUES = [RIGHT, NEAR, FAR, RIGHT.upper(), f"{RIGHT} ", "northwind-7kq2m9xd-*", "*", "?" * len(RIGHT), "", *ARNS]
VALUES += [
    "true",
    "false",
    True,
    False,
    None,
    7,
    f"arn:aws:iam::{VENDOR}:*",
    "arn:*:iam::*:role/north*",
    "${aws:PrincipalArn}",
]
KEYS = ["sts:ExternalId", "STS:externalid", "aws:PrincipalArn", "aws:principalarn", "aws:PrincipalAccount"]
KEYS += ["aws:PrincipalType", "sts:RoleSessionName", "aws:SourceAccount", "aws:MultiFactorAuthPresent"]
BASES = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool", "Null", "IpAddress"]
BASES += ["StringNotEquals", "StringNotLike", "ArnNotLike", "ArnNotEquals", "StringNotEqualsIgnoreCase", "stringequals"]
ACTIONS = [
    "sts:AssumeRole",
    "STS:assumerole",
    "sts:*",
    "*",
    "sts:Assume?ole",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "",
]


def one_or_more(values: list[Any]) -> st.SearchStrategy[Any]:
    single = st.sampled_from(values)
    return single | st.lists(single, max_size=3)


operators = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "ForAnyValue:", "ForAllValues:"]),
    st.sampled_from(BASES),
    st.sampled_from(["", "", "", "IfExists"]),
)
conditions = st.dictionaries(
    operators, st.dictionaries(st.sampled_from(KEYS), one_or_more(VALUES), max_size=2) | st.just("odd"), max_size=3
)
principals = (
    st.dictionaries(st.sampled_from(["AWS", "Service", "Federated", "aws"]), one_or_more(ARNS), max_size=2)
    | st.sampled_from(["*", ROOT, None])
    | st.just({"AWS": ROOT})
)
odd_statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny", "allow"])},
    optional={
        "Principal": principals,
        "Action": one_or_more(ACTIONS),
        "Condition": conditions,
        "NotAction": one_or_more(ACTIONS),
        "NotPrincipal": principals,
        "Sid": st.just("Odd"),
        "Resource": st.just("*"),
    },
)
conditioned = st.builds(
    lambda wanted, more: {**OURS["Statement"][0], "Condition": {**wanted, **more}},
    st.sampled_from([OURS["Statement"][0]["Condition"], {"StringEquals": {"sts:ExternalId": RIGHT}}, {}]),
    conditions,
)
likely = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        "Principal": st.sampled_from([ROOT, ROLE, "*", [ROOT, INTERN], VENDOR]).map(lambda entry: {"AWS": entry}),
        "Action": st.sampled_from(["sts:AssumeRole", "sts:*", ["sts:AssumeRole", "sts:TagSession"]]),
        "Condition": st.fixed_dictionaries(
            {},
            optional={
                operator: st.fixed_dictionaries(
                    {}, optional={"sts:ExternalId": one_or_more(VALUES[:8]), "aws:PrincipalArn": one_or_more(ARNS)}
                )
                for operator in ["StringEquals", "StringLike", "ArnEquals", "StringNotEquals", "StringEqualsIgnoreCase"]
            },
        ),
    }
)
statements = st.one_of(st.just(OURS["Statement"][0]), conditioned, likely, odd_statements)
odd_policies = st.fixed_dictionaries(
    {"Statement": st.lists(statements, min_size=1, max_size=3) | statements},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "2030-01-01"]), "Id": st.just("x")},
)


@st.composite
def mutated_policies(draw: st.DrawFn) -> Any:
    """The right policy with one to three places changed, removed or added to."""
    policy = deepcopy(OURS)
    for _ in range(draw(st.integers(1, 3))):
        at: Any = policy["Statement"][0]
        while isinstance(at, dict) and at:
            key = draw(st.sampled_from(sorted(at)))
            if not isinstance(at[key], dict) or draw(st.integers(0, 3)) == 0:
                change = draw(st.sampled_from(["remove", "value", "list", "rename"]))
                if change == "remove":
                    del at[key]
                elif change == "rename":
                    at[draw(st.sampled_from([*BASES, *KEYS, "NotAction", "NotPrincipal", key + "IfExists"]))] = at.pop(
                        key
                    )
                elif change == "value":
                    at[key] = draw(st.sampled_from(VALUES) | st.sampled_from(ACTIONS))
                else:
                    at[key] = [at[key], draw(st.sampled_from(VALUES) | st.sampled_from(ACTIONS))]
                break
            at = at[key]
    return policy


policies = mutated_policies() | odd_policies
