"""AssumeRole's parameters, refused as STS refuses them.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.aws_errors import AwsError, validation_error

SHORTEST_SECONDS, DEFAULT_SECONDS, LONGEST_SECONDS = 900, 3600, 43200
CHAINED_SECONDS = 3600
# Not the product's parser, which forgives blanks around a pasted ARN: STS forgives nothing.
_ROLE_ARN = re.compile(r"arn:(?:aws|aws-cn|aws-us-gov):iam::\d{12}:role/(?:[\x21-\x7e]+/)?[\w+=,.@-]{1,64}", re.ASCII)


class RefusedCall(Exception):
    """STS refuses the call. `error` is for the caller, `reason` for the log."""

    def __init__(self, error: AwsError, *, reason: str = "") -> None:
        super().__init__(error.code)
        self.error = error
        self.reason = reason or f"{error.code}: {error.message}"


@dataclass(frozen=True, kw_only=True)
class AssumeRoleCall:
    """AssumeRole's parameters, each of them valid."""

    role_arn: str
    session_name: str
    external_id: str | None
    duration_seconds: int
    session_policy: str | None
    source_identity: str | None
    tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Rule:
    shortest: int
    longest: int
    pattern: re.Pattern[str]


# STS's patterns are Java's, where \w is ASCII by default.
_RULES = {
    "RoleArn": _Rule(
        shortest=20,
        longest=2048,
        pattern=re.compile(r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF]+", re.ASCII),
    ),
    "RoleSessionName": _Rule(shortest=2, longest=64, pattern=re.compile(r"[\w+=,.@-]*", re.ASCII)),
    "SourceIdentity": _Rule(shortest=2, longest=64, pattern=re.compile(r"[\w+=,.@-]*", re.ASCII)),
    "ExternalId": _Rule(shortest=2, longest=1224, pattern=re.compile(r"[\w+=,.@:\/-]*", re.ASCII)),
    "Policy": _Rule(shortest=1, longest=2048, pattern=re.compile(r"[\u0009\u000A\u000D\u0020-\u00FF]+", re.ASCII)),
}
_REQUIRED = ("RoleArn", "RoleSessionName")


def parse_call(form: Mapping[str, str]) -> AssumeRoleCall:
    """Read the call's form fields. Raises RefusedCall with all their faults in one ValidationError, as STS does."""
    faults = [fault for name, rule in _RULES.items() for fault in _faults(name, form.get(name), rule)]
    seconds = _seconds(form.get("DurationSeconds"), faults)
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise RefusedCall(validation_error(count + "; ".join(faults)))
    if _ROLE_ARN.fullmatch(form["RoleArn"]) is None:
        raise RefusedCall(validation_error(f"{form['RoleArn']} is invalid"))
    _check_policy(form.get("Policy"))
    return AssumeRoleCall(
        role_arn=form["RoleArn"],
        session_name=form["RoleSessionName"],
        external_id=form.get("ExternalId"),
        duration_seconds=seconds,
        session_policy=form.get("Policy"),
        source_identity=form.get("SourceIdentity"),
        tags=dict(zip(_members(form, "Tags", ".Key"), _members(form, "Tags", ".Value"), strict=False)),
        transitive_tag_keys=_members(form, "TransitiveTagKeys"),
    )


def check_duration(call: AssumeRoleCall, *, longest_seconds: int, is_chained: bool) -> None:
    """Refuse a session longer than the role or role chaining allows. Raises RefusedCall."""
    if is_chained and call.duration_seconds > CHAINED_SECONDS:
        raise RefusedCall(
            validation_error(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
            )
        )
    if call.duration_seconds > longest_seconds:
        raise RefusedCall(
            validation_error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        )


def _members(form: Mapping[str, str], name: str, field: str = "") -> tuple[str, ...]:
    """Return a list's members, in order: the query protocol numbers them from 1."""
    found: list[str] = []
    while (key := f"{name}.member.{len(found) + 1}{field}") in form:
        found.append(form[key])
    return tuple(found)


def _faults(name: str, value: str | None, rule: _Rule) -> list[str]:
    if value is None:
        return [_fault(name, None, "Member must not be null")] if name in _REQUIRED else []
    faults = []
    if len(value) < rule.shortest:
        faults.append(_fault(name, value, f"Member must have length greater than or equal to {rule.shortest}"))
    if len(value) > rule.longest:
        faults.append(_fault(name, value, f"Member must have length less than or equal to {rule.longest}"))
    if rule.pattern.fullmatch(value) is None:
        faults.append(_fault(name, value, f"Member must satisfy regular expression pattern: {rule.pattern.pattern}"))
    return faults


def _fault(name: str, value: str | None, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: {constraint}"


def _seconds(raw: str | None, faults: list[str]) -> int:
    if raw is None:
        return DEFAULT_SECONDS
    if re.fullmatch(r"-?\d{1,9}", raw, re.ASCII) is None:
        raise RefusedCall(AwsError(status=400, code="MalformedInput", message="DurationSeconds is not an integer"))
    seconds = int(raw)
    if seconds < SHORTEST_SECONDS:
        faults.append(
            _fault("DurationSeconds", raw, f"Member must have value greater than or equal to {SHORTEST_SECONDS}")
        )
    if seconds > LONGEST_SECONDS:
        faults.append(_fault("DurationSeconds", raw, f"Member must have value less than or equal to {LONGEST_SECONDS}"))
    return seconds


def _check_policy(raw: str | None) -> None:
    if raw is None:
        return
    try:
        is_object = isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise RefusedCall(
            AwsError(status=400, code="MalformedPolicyDocument", message="This policy contains invalid Json")
        )
