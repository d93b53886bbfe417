"""onboarding.ports.ManagedPolicies on AWS: reads AWS's managed policies with the vendor's own role.

They are the same in every account of a partition, and a role cannot read those that are attached to it without rights
that our template does not ask for. Needs iam:GetPolicy and iam:GetPolicyVersion on them, or falls back on our own copy
of what AWS had published.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#aws-managed-policies
"""

from __future__ import annotations

import json
import logging
import lzma
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from aws.answers import outcome_of, raw_code
from aws.clients import Clients
from onboarding.proof.answer import Outcome
from onboarding.proof.self_report import ManagedDocument

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

log = logging.getLogger("rolecall.aws")

# How long a policy counts as read. AWS changes one of them every few months; then only its version is asked for.
FRESH_SECONDS = 3600.0
# How long nothing is asked after a failure: no right to, or no answer.
CLOSED_SECONDS: Mapping[Outcome, float] = {Outcome.REFUSED: 600.0}
CLOSED_OTHERWISE_SECONDS = 60.0
# AWS has some 1,600 of them, of 3,400,000 characters in all. The longest has 152,297, but only AWS's own roles can have
# it; the longest that anybody can attach has 94,907.
LONGEST_DOCUMENT = 131_072
MOST_KEPT = 2_000
MOST_CHARACTERS = 8_000_000
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html: at least 20 characters, and a path of 512.
_OF_AWS = re.compile(r"arn:[a-z-]{3,20}:iam::aws:policy/[\x21-\x7e]{1,640}")
_VERSION = re.compile(r"v[0-9]{1,6}")
_UNREADABLE = (ResponseParserError, KeyError, TypeError, ValueError, AttributeError, RecursionError)
SNAPSHOT = Path(__file__).with_name("managed_policies.xz")


@dataclass(frozen=True)
class _Kept:
    """What AWS said of a policy. `document` is None if it has none of that ARN."""

    version: str
    document: ManagedDocument | None
    until: float

    @property
    def characters(self) -> int:
        return len(self.document.text) if self.document else 0


class AwsManagedPolicies:
    """Reads policies and keeps them. Every thread can use the same one."""

    def __init__(
        self,
        clients: Clients,
        *,
        now: Callable[[], float] = time.monotonic,
        snapshot: Callable[[str], ManagedDocument | None] | None = None,
    ) -> None:
        self._clients = clients
        self._now = now
        self._snapshot = snapshot or in_snapshot
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._closed_until = now()

    def read(self, arn: str) -> ManagedDocument | None:
        """Return what AWS says now, or what our copy says if AWS does not answer; None if neither knows the policy."""
        if not _OF_AWS.fullmatch(arn):
            return None
        with self._lock:
            kept, is_closed = self._kept.get(arn), self._now() < self._closed_until
        if kept is not None and (is_closed or self._now() < kept.until):
            return kept.document
        asked = None if is_closed else self._ask(arn, kept)
        if asked is not None:
            self._keep(arn, asked)
            return asked.document
        return kept.document if kept is not None else self._snapshot(arn)

    def _ask(self, arn: str, kept: _Kept | None) -> _Kept | None:
        """Return what AWS says of the policy, or None if that failed. Then nothing else is asked for a while."""
        until = self._now() + FRESH_SECONDS
        try:
            iam = self._clients.iam
            version = _VERSION.fullmatch(iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"])
            if version is None:
                raise ValueError("not the name of a version")
            if kept is not None and kept.version == version[0]:
                return replace(kept, until=until)
            told = iam.get_policy_version(PolicyArn=arn, VersionId=version[0])["PolicyVersion"]["Document"]
            text = told if isinstance(told, str) else json.dumps(told, separators=(",", ":"))
        except (ClientError, BotoCoreError) as error:
            outcome = outcome_of(error)
            if outcome in (Outcome.VANISHED, Outcome.REQUEST_INVALID):
                # AWS has no such policy, or no longer shows it.
                return _Kept("", None, until)
            self._close(outcome)
            return None
        except _UNREADABLE:
            # The body is not from IAM, but for example from a proxy.
            self._close(Outcome.SERVICE_ERROR)
            return None
        return _Kept(version[0], ManagedDocument(text) if len(text) <= LONGEST_DOCUMENT else None, until)

    def _close(self, outcome: Outcome) -> None:
        seconds = CLOSED_SECONDS.get(outcome, CLOSED_OTHERWISE_SECONDS)
        log.warning("aws.managed_policies_unread finding=%s seconds=%d", outcome, seconds)
        with self._lock:
            self._closed_until = self._now() + seconds

    def _keep(self, arn: str, asked: _Kept) -> None:
        with self._lock:
            self._kept.pop(arn, None)
            self._kept[arn] = asked
            while len(self._kept) > MOST_KEPT or sum(k.characters for k in self._kept.values()) > MOST_CHARACTERS:
                self._kept.popitem(last=False)


def why_unread(iam: Callable[[], IAMClient], *, partition: str) -> str:
    """Return AWS's code for why our own role cannot read AWS's managed policies, or an empty string if it can."""
    arn = f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"
    try:
        version = iam().get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        iam().get_policy_version(PolicyArn=arn, VersionId=version)
    except (ClientError, BotoCoreError) as error:
        return "" if outcome_of(error) is Outcome.VANISHED else raw_code(error)
    except _UNREADABLE:
        return "UnreadableAnswer"
    return ""


def snapshot_day(partition: str) -> str:
    """Return the day of our copy (2030-12-31), or an empty string if we have none for the partition."""
    return _snapshot()[0] if any(arn.startswith(f"arn:{partition}:") for arn in _snapshot()[1]) else ""


def in_snapshot(arn: str) -> ManagedDocument | None:
    """Return what our copy says of a policy of the partition `aws`, or None. The copy is read once, when first needed.

    It leaves out policies that only AWS's own service-linked roles can have.
    """
    published_on, texts = _snapshot()
    text = texts.get(arn)
    return ManagedDocument(text, published_on) if text else None


@cache
def _snapshot() -> tuple[str, Mapping[str, str]]:
    """Return the day of the copy, and each policy's text by ARN. `python -m sandbox.managed_policies` makes it."""
    published_on, *lines = lzma.decompress(SNAPSHOT.read_bytes()).decode().splitlines()
    return published_on, dict(_pair(line) for line in lines)


def _pair(line: str) -> tuple[str, str]:
    arn, _, text = line.partition(" ")
    return arn, text
