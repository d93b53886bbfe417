"""Whom a trust policy's Principal names: us, somebody else, nobody any more.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from onboarding.trust.expected import ExpectedTrust

_ROOT = re.compile(r"(?:arn:(?P<partition>[a-z-]+):iam::)?(?P<account_id>[0-9]{12})(?(partition):root)", re.ASCII)
_SESSION = re.compile(r"arn:[a-z-]+:sts::(?P<account_id>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+", re.ASCII)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_ID = re.compile(r"A(?:ROA|IDA|GPA|NPA|IPA)[A-Z0-9]{8,}", re.ASCII)


class Named(Enum):
    """Whom an entry under Principal, AWS names."""

    EVERYBODY = auto()
    OUR_ACCOUNT = auto()
    OUR_ACCOUNT_ELSEWHERE = auto()
    OUR_ROLE = auto()
    OUR_ROLE_ELSEWHERE = auto()
    OUR_SESSION = auto()
    OTHER_ACCOUNT = auto()
    OTHER = auto()
    DEAD = auto()
    MALFORMED = auto()


US = frozenset({Named.EVERYBODY, Named.OUR_ACCOUNT, Named.OUR_ROLE})
MAYBE_US = US | {Named.OUR_ACCOUNT_ELSEWHERE, Named.OUR_ROLE_ELSEWHERE, Named.OUR_SESSION}
NOBODY = frozenset({Named.DEAD, Named.MALFORMED})


def name_principal(entry: str, expected: ExpectedTrust) -> Named:
    """Return whom one entry names. ARNs are exact here: AWS has no wildcard inside a principal's."""
    ours = expected.principal_arn
    account, session = _ROOT.fullmatch(entry), _SESSION.fullmatch(entry)
    is_our_session = session and session["account_id"] == expected.account_id and ours.endswith(f"/{session['role']}")
    rules = (
        (entry == "*", Named.EVERYBODY),
        (account and account["account_id"] != expected.account_id, Named.OTHER_ACCOUNT),
        (account and account["partition"] in (None, expected.partition), Named.OUR_ACCOUNT),
        (account, Named.OUR_ACCOUNT_ELSEWHERE),
        (entry == ours, Named.OUR_ROLE),
        (entry.startswith("arn:") and entry.split(":", 2)[2:] == ours.split(":", 2)[2:], Named.OUR_ROLE_ELSEWHERE),
        (is_our_session, Named.OUR_SESSION),
        (_UNIQUE_ID.fullmatch(entry), Named.DEAD),
        (entry.startswith("arn:"), Named.OTHER),
    )
    return next((named for is_so, named in rules if is_so), Named.MALFORMED)


def named_by(principals: Mapping[str, tuple[str, ...]], expected: ExpectedTrust) -> set[Named]:
    """Return whom a Principal names who could ever sign an AssumeRole call."""
    entries = (*principals.get("AWS", ()), *principals.get("*", ()))
    return {name_principal(entry, expected) for entry in entries}
