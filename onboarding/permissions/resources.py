"""Which actions can name a resource: an Allow of s3:ListBucket on objects, `arn:aws:s3:::b/*`, allows nothing.

Source: AWS's forms of ARN in aws_actions.txt, and for buckets, whose names have no slash,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from onboarding.permissions.aws_actions import aws_actions
from onboarding.policy.effort import at_most, spend
from onboarding.policy.globs import ARN_PARTS
from onboarding.policy.patterns import has_wildcard, matches_pattern, start_of

_BUCKET = ["s3", "", "", "*"]
# In steps: comparing a resource with one kind.
_COMPARING = 12
_PLENTY = 1_000_000


@dataclass(frozen=True)
class _Kind:
    """A kind of resource: what its ARNs say after the partition and service, and the actions that can name it."""

    region: str
    account: str
    rest: str
    start: str
    end: str
    is_bucket: bool
    actions: int

    def meets(self, region: str, account: str, rest: str) -> bool:
        """Whether an ARN of this kind can have these parts."""
        if not (_can_be(self.region, region) and _can_be(self.account, account)):
            return False
        if self.is_bucket and "/" in rest:
            return False
        if not has_wildcard(rest):
            return matches_pattern(rest, self.rest)
        begun, ended = start_of(rest), _end_of(rest)
        # More than beginning and end would be much work, and what is in doubt counts as fitting.
        return (begun.startswith(self.start) or self.start.startswith(begun)) and (
            ended.endswith(self.end) or self.end.endswith(ended)
        )


def actions_that_name(resource: str) -> int:
    """Return the actions that can name the resource, which can be a pattern, as AwsActions counts them.

    All of them where that cannot be told: it is no whole ARN, has a variable, or is of no kind that our list has.
    """
    parts = resource.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS or has_wildcard(parts[2]) or "${" in resource or not _is_account(parts[4]):
        return -1
    kinds = _kinds().get(parts[2], ())
    spend(_COMPARING * len(kinds))
    found = 0
    for kind in kinds:
        if kind.meets(*parts[3:]):
            found |= kind.actions
    return found | _always() if found else -1


def _end_of(pattern: str) -> str:
    """Return what stands after the last wildcard."""
    return pattern[max(pattern.rfind("*"), pattern.rfind("?")) + 1 :]


def _can_be(of_kind: str, part: str) -> bool:
    return of_kind in ("*", part) or not part or has_wildcard(part)


def _is_account(part: str) -> bool:
    """Whether it looks like an account. If not, a `*` before it stands for more than one part of the ARN."""
    return part in ("", "aws") or part.replace("*", "").replace("?", "").isdecimal() or set(part) <= {"*", "?"}


@cache
def _kinds() -> Mapping[str, tuple[_Kind, ...]]:
    """Return the kinds of resource by the service in their ARNs."""
    with at_most(_PLENTY):  # Done once, so no judgement may pay for it.
        found: dict[str, list[_Kind]] = {}
        for form, actions in aws_actions().forms:
            service, *parts = form.split(":", ARN_PARTS - 1)[2:] or [""]
            if len(parts) == ARN_PARTS - 3:
                is_bucket = [service, *parts] == _BUCKET
                region, account, rest = parts
                kind = _Kind(region, account, rest, start_of(rest), _end_of(rest), is_bucket, actions)
                found.setdefault(service, []).append(kind)
        return {service: tuple(kinds) for service, kinds in found.items()}


@cache
def _always() -> int:
    """Return the actions that our list lacks, and those with a form that names no service."""
    found = -1 << aws_actions().count
    for form, actions in aws_actions().forms:
        parts = form.split(":", ARN_PARTS - 1)
        if len(parts) < ARN_PARTS or has_wildcard(parts[2]):
            found |= actions
    return found
