"""What a check found, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import Text


class Verdict(StrEnum):
    """What a check found. Never a boolean: what we could not find out is neither a pass nor a failure."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check, in words for the tenant.

    `finding_code` is one of onboarding.diagnosis, or empty; `evidence` are lines that show why; `update_url` is where
    the tenant updates an outdated stack; `raw_codes` is what AWS called it, for the operator only.
    """

    check: str
    verdict: Verdict
    sentence: Text
    finding_code: str = ""
    evidence: tuple[Text, ...] = ()
    update_url: str = ""
    raw_codes: tuple[str, ...] = ()
