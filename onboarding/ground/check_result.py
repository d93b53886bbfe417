"""What a check found, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import NOTHING, Text


class Verdict(StrEnum):
    """What a check found. Never a boolean: what we could not find out is neither a pass nor a failure."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check, in words for the tenant.

    `finding_code` is one of onboarding.diagnosis, or empty; `evidence` are lines that show why; `remedy` what to do;
    `update_url` is where the tenant updates the stack; `raw_codes` what AWS called it, for the operator alone.
    """

    check: str
    verdict: Verdict
    sentence: Text
    finding_code: str = ""
    evidence: tuple[Text, ...] = ()
    remedy: Text = NOTHING
    update_url: str = ""
    raw_codes: tuple[str, ...] = ()
