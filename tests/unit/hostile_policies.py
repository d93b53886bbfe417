"""Policies as long as AWS takes them, each shaped to cost whoever compares them as much as it can."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_INLINE = 10_240
LONGEST_TRUST = 4_096

Policy = dict[str, Any]


def statement(effect: str, actions: Sequence[str], resources: Sequence[str] = ("*",)) -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": list(resources)}


def policy(*statements: dict[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def size_of(document: Policy) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def numbered(text: str, count: int) -> list[str]:
    return [text.format(f"{n:x}") for n in range(count)]


SHAPES: dict[str, Callable[[int], Policy]] = {
    "actions, resources and denies": lambda n: policy(
        statement("Allow", numbered("a:{}", n), numbered("{}", n)), statement("Deny", numbered("b:{}*", n), ["y"])
    ),
    "actions and many denies": lambda n: policy(
        statement("Allow", numbered("a:{}", n), numbered("{}", n)),
        *(statement("Deny", [action], ["y*"]) for action in numbered("a:{}*", n)),
    ),
    "long wildcards": lambda n: policy(
        statement("Allow", numbered("s3:*a*a*a*a*{}", n)),
        statement("Deny", numbered("s3:*a*a*a*b*{}", n), ["arn:aws:s3:::x"]),
    ),
    "wildcards that meet what was asked": lambda n: policy(
        *(statement("Deny", [f"*e*c*{t}*"], [f"*:*:*:{t}*"]) for t in numbered("{}", n))
    ),
    "two endless patterns": lambda n: policy(
        statement("Allow", ["s3:" + "*a" * n], ["*a" * n]), statement("Deny", ["s3:" + "*a" * n + "b"], ["*a*b" * n])
    ),
    "everything but": lambda n: policy(
        {"Effect": "Allow", "NotAction": numbered("a{}", n), "Resource": "*"},
        {"Effect": "Deny", "NotAction": numbered("*a*{}*", n), "NotResource": numbered("*a*{}*", n)},
    ),
    "statements": lambda n: policy(*(statement("Allow", ["iam:PassRole"]) for _ in range(n))),
    "conditions": lambda n: policy(
        *(
            {**statement("Allow", ["ec2:*"]), "Condition": {"StringLike": {key: ["a*b*" + key]}}}
            for key in numbered("k{}", n)
        )
    ),
    "odd elements": lambda n: policy(*({"Effect": key, key: key} for key in numbered("k{}", n))),
    "actions nobody asked for": lambda n: policy(statement("Allow", numbered("iam:PassRole{}", n))),
}


def of_size(shape: str, size: int) -> Policy:
    """Return the longest policy of that shape that is not over the size."""
    small, large = 1, size
    while small < large:
        middle = (small + large + 1) // 2
        small, large = (middle, large) if size_of(SHAPES[shape](middle)) <= size else (small, middle - 1)
    return SHAPES[shape](small)
