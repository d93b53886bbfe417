"""What a judgement of a trust policy has to say, each at its place in the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from onboarding.ground.wording import Text, say
from onboarding.policy.document import Path


class Severity(StrEnum):
    """What a line does. LOOSE lets in somebody or something more, SHUT keeps us out, REMARK does neither."""

    LOOSE = "loose"
    SHUT = "shut"
    REMARK = "different"


@dataclass(frozen=True)
class Finding:
    """One line of a policy that there is something to say of. `statement` counts from 1, None for the whole policy.

    `found` is the value as it stands, `needed` the one to put there (either may be empty), `path` leads to the place.
    """

    code: str
    severity: Severity
    sentence: Text
    found: str = ""
    needed: str = ""
    statement: int | None = None
    path: Path = ()


WORST_FIRST = (Severity.SHUT, Severity.LOOSE, Severity.REMARK)


def in_words(findings: Sequence[Finding]) -> tuple[Text, ...]:
    """Return the findings as sentences, worst first; which statement each is about, where they are about several."""
    several = len({f.statement for f in findings} - {None}) > 1

    def said(finding: Finding) -> Text:
        # Who gets in is said together with the statement that lets them in.
        if not several or finding.statement is None or finding.severity is Severity.LOOSE:
            return finding.sentence
        return say("Statement {number}: {what}", number=finding.statement, what=finding.sentence)

    ordered = sorted(findings, key=lambda f: WORST_FIRST.index(f.severity))
    return tuple(dict.fromkeys(map(said, ordered)))
