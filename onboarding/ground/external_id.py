"""External IDs: minted here, never typed by the tenant, never chosen by a request.

An external ID is not a secret (whoever can view the role sees it); what matters is that it is unguessable,
unique to one connection and picked by the vendor.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

ExternalId = NewType("ExternalId", str)

# No hyphen in the prefix: the stack template splits the ID at its hyphens to name the role.
PREFIX_PATTERN = r"[a-z][a-z0-9]{1,19}"
HANDLE_PATTERN = r"[a-z0-9]{8}"
EXTERNAL_ID_PATTERN = rf"{PREFIX_PATTERN}-{HANDLE_PATTERN}-[0-9a-f]{{32}}"

ISSUES_PER_CONNECTION = 20
# As long as the longest link of a hand-over works: who made the stack with an ID that was shown before the link was
# sent must still find it accepted when the link is opened.
UNPINNED_LIFETIME = timedelta(days=7)

_HANDLE_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class IssuedId:
    """An external ID as it was issued to one connection; `number` counts from 1 within that connection."""

    external_id: ExternalId
    connection_id: str
    number: int
    issued_at: datetime


def mint_handle() -> str:
    """Return a connection's public name: 8 characters that can stand in a role name."""
    return "".join(secrets.choice(_HANDLE_ALPHABET) for _ in range(8))


def mint(*, prefix: str, handle: str) -> ExternalId:
    """Return a new external ID `<prefix>-<handle>-<32 hex>`, 128 bits of it from the system's generator."""
    return ExternalId(f"{prefix}-{handle}-{secrets.token_hex(16)}")


def is_well_formed(text: str) -> bool:
    """Whether the text could be an ID of ours."""
    return re.fullmatch(EXTERNAL_ID_PATTERN, text, re.ASCII) is not None


def near_misses(external_id: ExternalId) -> dict[str, ExternalId]:
    """Return IDs that a sound trust policy refuses and a loose one accepts, by what they try.

    `wrong` keeps prefix and handle, so that `StringLike northwind-7kq2m9xd-*` is caught; `wrong_case` differs only
    in letter case, so that `StringEqualsIgnoreCase` is.
    """
    stem, _, _ = external_id.rpartition("-")
    return {"wrong": ExternalId(f"{stem}-{secrets.token_hex(16)}"), "wrong_case": ExternalId(external_id.upper())}


def candidates(
    issued: Sequence[IssuedId], *, pinned: ExternalId | None, turn: int, now: datetime
) -> tuple[ExternalId, ...]:
    """Return the IDs that one round of checking tries: the pinned or newest one and, in turn, one other.

    Two at most, so that a connection with many issued IDs costs AWS no more calls than one with few. An ID that
    was issued but never pinned stays acceptable for seven days: somebody might have copied it before a reload.
    """
    newest_first = sorted(issued, key=lambda i: i.number, reverse=True)
    acceptable = [
        i.external_id for i in newest_first if i.external_id == pinned or now - i.issued_at <= UNPINNED_LIFETIME
    ]
    if not acceptable:
        return ()
    first = pinned if pinned in acceptable else acceptable[0]
    others = [e for e in acceptable if e != first]
    if not others:
        return (first,)
    return (first, others[turn % len(others)])
