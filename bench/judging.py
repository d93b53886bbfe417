"""What judging costs, apart from asking AWS: of an ordinary role, of one with ReadOnlyAccess, and of the worst ones.

`make bench` prints it. The worst fill what a role can have (10,240 characters of inline policies, 8,192 of trust)
with what is much work: near misses, patterns against patterns, an Allow against many Denies.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bench.stub_aws import AGREEMENT
from onboarding.proof.checks import judge
from onboarding.proof.probe import Probe

ORDINARY_MS, WORST_MS = 1.0, 50.0
LONGEST_INLINE, LONGEST_TRUST = 10_240, 8_192
_ROUNDS, _WORST_ROUNDS = 300, 5
_US, _ROLE = "arn:aws:iam::999988887777:root", "arn:aws:iam::999988887777:role/northwind-rolecall"
# moto has the text of AWS's managed policies; only the sandbox and tests import moto, so another process reads it.
_READ_ONLY = (
    "import json, moto.iam.aws_managed_policies as m;"
    "print(json.dumps(json.loads(m.aws_managed_policies_data)['ReadOnlyAccess']['Document']))"
)

Statement = dict[str, Any]


def measure(probe: Probe) -> list[tuple[str, float, float | None]]:
    """Return what was judged, the milliseconds that it took, and the target if there is one."""
    rows: list[tuple[str, float, float | None]] = [
        ("an ordinary role", _median(probe, _ROUNDS), ORDINARY_MS),
        ("one with ReadOnlyAccess too", _median(_with_read_only(probe), _WORST_ROUNDS * 4), None),
    ]
    for part, roles in (("trust", _worst_trust(probe)), ("inline", _worst_inline(probe))):
        worst = {name: _median(role, _WORST_ROUNDS) for name, role in roles}
        name = max(worst, key=lambda each: worst[each])
        rows.append((f"the worst of {len(worst)} ({part}): {name}", worst[name], WORST_MS))
    return rows


def _median(probe: Probe, rounds: int) -> float:
    """Return the median of the processor time; the first round only warms up."""
    took = []
    for _ in range(rounds + 1):
        started = time.thread_time()
        judge(probe, AGREEMENT)
        took.append((time.thread_time() - started) * 1000)
    return statistics.median(took[1:])


def _with_read_only(probe: Probe) -> Probe:
    read = subprocess.run([sys.executable, "-c", _READ_ONLY], capture_output=True, text=True, check=True)
    return _with_inline(probe, json.loads(read.stdout))


def _with_inline(probe: Probe, document: object) -> Probe:
    report = probe.self_report
    assert report is not None and report.inline_policies is not None
    return replace(probe, self_report=replace(report, inline_policies={**report.inline_policies, "more": document}))


def _with_trust(probe: Probe, document: object) -> Probe:
    assert probe.self_report is not None
    return replace(probe, self_report=replace(probe.self_report, trust_policy=document))


def _worst_trust(probe: Probe) -> Iterator[tuple[str, Probe]]:
    for name, make in _TRUST.items():
        yield name, _with_trust(probe, _filled(make, LONGEST_TRUST))


def _worst_inline(probe: Probe) -> Iterator[tuple[str, Probe]]:
    for name, make in _INLINE.items():
        yield name, _with_inline(probe, _filled(make, LONGEST_INLINE))


def _filled(make: Callable[[int], list[Statement]], longest: int) -> dict[str, Any]:
    """Return the policy of as many parts as fit."""

    def policy(count: int) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": make(count)}

    count = 1
    while len(json.dumps(policy(count + max(1, count // 20)), separators=(",", ":"))) <= longest:
        count += max(1, count // 20)
    return policy(count)


def _trust(key: str = "", operator: str = "StringLike", values: object = "*", effect: str = "Allow") -> Statement:
    statement = {"Effect": effect, "Principal": {"AWS": _US}, "Action": "sts:AssumeRole"}
    return {**statement, "Condition": {operator: {key: values}}} if key else statement


def _may(actions: object, resource: object = "*", effect: str = "Allow") -> Statement:
    return {"Effect": effect, "Action": actions, "Resource": resource}


_ID, _ARN = "sts:ExternalId", "aws:PrincipalArn"
_TRUST: dict[str, Callable[[int], list[Statement]]] = {
    "near-miss external IDs": lambda n: [
        _trust(_ID, "StringEquals", [f"northwind-7kq2m9xd-{i:032x}" for i in range(n)])
    ],
    "patterns of external IDs": lambda n: [_trust(_ID, values=[f"*{i}*north*" for i in range(n)])],
    "patterns of roles": lambda n: [_trust(_ARN, "ArnLike", [f"arn:aws:iam::9999*:role/*{i}*a*" for i in range(n)])],
    "one Allow against many Denies": lambda n: [
        _trust(_ID),
        *(_trust(_ID, "StringLike", f"*{i}*", "Deny") for i in range(n)),
    ],
    "Denies of all but patterns": lambda n: [
        _trust(_ARN, values="*north*"),
        *(_trust(_ARN, "StringNotLike", [f"*{i}*z", _ROLE], "Deny") for i in range(n)),
    ],
    "many Allows": lambda n: [_trust(_ID, "StringEquals", f"northwind-{i}") for i in range(n)],
    "many keys": lambda n: [_trust(f"aws:k{i}") for i in range(n)],
    "variables": lambda n: [_trust(_ID, values=[f"{i}${{aws:PrincipalAccount}}*" for i in range(n)])],
}
_INLINE: dict[str, Callable[[int], list[Statement]]] = {
    "many actions": lambda n: [_may([f"s3:Get{i}*" for i in range(n)])],
    "actions against Denies": lambda n: [
        _may([f"s3:*{i}" for i in range(n)]),
        *(_may(f"s3:G*{i}", effect="Deny") for i in range(n // 4)),
    ],
    "patterns against patterns": lambda n: [
        _may([f"s3:*a*a*{i:x}" for i in range(n)], f"arn:aws:s3:::*{n}"),
        _may([f"s3:*a*b*{i:x}" for i in range(n)], "arn:aws:s3:::*x", "Deny"),
    ],
    "many statements": lambda n: [_may(f"s3:{i}*", f"arn:aws:s3:::*{i}") for i in range(n)],
}
