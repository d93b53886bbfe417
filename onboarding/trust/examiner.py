"""The trust-policy examiner: the tenant pastes what AWS prints of a role, and reads which line is not right.

For the cases that AWS answers alike (AccessDenied): another external ID, another account, a missing condition, a
slip in an ARN. A pure function of what was pasted; it asks AWS nothing.
Source: https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from onboarding.ground.arn import RoleArn, parse_role_arn, spaced
from onboarding.ground.external_id import UNPINNED_LIFETIME, IssuedId, is_well_formed
from onboarding.ground.refused import Refused
from onboarding.ground.wording import NOTHING, Text, clean, say, together
from onboarding.policy.json_text import Unreadable
from onboarding.trust.comparison import compare_trust, corrected_text
from onboarding.trust.differences import Severity, TrustDifference, how_it_differs
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.pasted import read_pasted
from onboarding.trust.printed import PrintedPolicy

_MOST_NOTES = 5
_WORST_FIRST = (Severity.SHUT, Severity.LOOSE, Severity.DIFFERENT)
_ID_CODES = frozenset({"external_id_other", "external_id_misspelt", "external_id_several", "external_id_ignores_case"})


class ExaminationVerdict(StrEnum):
    """FINE is said only where AWS lets us in with the external ID and nobody else; unusual but safe is FINE too."""

    FINE = "fine"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class ExaminedLine:
    """One line of the pasted policy as AWS prints it. `mark` is a Severity's value, or empty where nothing is wrong."""

    number: int
    text: str
    mark: str = ""
    note: Text = NOTHING


@dataclass(frozen=True)
class Examination:
    """What came of it: sentences for the tenant, worst first; `corrected` is the policy to copy, as JSON."""

    verdict: ExaminationVerdict
    differences: tuple[TrustDifference, ...]
    sentences: tuple[Text, ...]
    corrected: str
    lines: tuple[ExaminedLine, ...] = ()


def examine(
    raw: object,
    *,
    expected: ExpectedTrust,
    issued: Sequence[IssuedId],
    claimed: RoleArn | None,
    now: datetime,
) -> Examination:
    """Return what is wrong with the role that somebody pasted, line by line. Never raises, whatever `raw` is.

    `issued` are the external IDs of this connection, `claimed` the role that the tenant named (None for none
    yet), `now` an aware time.
    """
    corrected = corrected_text(expected)
    pasted = read_pasted(raw, role_arn=str(claimed) if claimed else None)
    if isinstance(pasted, Unreadable):
        return Examination(ExaminationVerdict.UNREADABLE, (), (pasted.sentence,), corrected)
    of_role = tuple(_role_differences(pasted.role_arn, claimed))
    of_policy = tuple(_explained(d, expected, issued, now) for d in compare_trust(pasted.policy, expected))
    differences = of_role + of_policy
    differs = any(d.severity is not Severity.DIFFERENT for d in differences)
    return Examination(
        verdict=ExaminationVerdict.DIFFERS if differs else ExaminationVerdict.FINE,
        differences=differences,
        sentences=tuple(_sentences(differences, differs=differs, knows_role=bool(pasted.role_arn))),
        corrected=corrected,
        lines=tuple(_lines(pasted.policy.source, of_policy)),
    )


def _sentences(differences: Sequence[TrustDifference], *, differs: bool, knows_role: bool) -> Iterator[Text]:
    if not differs:
        yield say("This trust policy lets us in with your external ID, and nobody else.")
        if not knows_role:
            yield say("We saw the policy alone, so make sure that it is the policy of the role you named here.")
    for severity in _WORST_FIRST:
        for d in differences:
            if d.severity is severity:
                is_placed = d.statement and len(_statements(differences)) > 1
                yield (
                    say("Statement {number}: {what}", number=d.statement, what=d.sentence) if is_placed else d.sentence
                )


def _statements(differences: Sequence[TrustDifference]) -> set[int | None]:
    return {d.statement for d in differences} - {None}


def _role_differences(pasted_arn: str, claimed: RoleArn | None) -> Iterator[TrustDifference]:
    """Yield how the role that was pasted is another one than the role that was named."""
    if not pasted_arn or claimed is None:
        return
    pasted = _arn(pasted_arn)
    if pasted is None:
        sentence = say("The role’s ARN in it cannot be read, so we cannot tell whether it is the role you named.")
        yield TrustDifference("role_unclear", Severity.SHUT, sentence, clean(pasted_arn), clean(str(claimed)))
        return
    theirs, ours = spaced(pasted.account_id), spaced(claimed.account_id)
    rules = (
        ("role_in_other_partition", pasted.partition, claimed.partition, say("This role is in another part of AWS.")),
        (
            "role_in_other_account",
            pasted.account_id,
            claimed.account_id,
            say(
                "This role is in account {theirs}; you named account {ours}. "
                "Sign in to that one, or name this one here.",
                theirs=theirs,
                ours=ours,
            ),
        ),
        (
            "role_renamed",
            pasted.name,
            claimed.name,
            say(
                "This role is called {theirs}; the one you named is {ours}.",
                theirs=clean(pasted.name),
                ours=clean(claimed.name),
            ),
        ),
        (
            "role_path_differs",
            pasted.path,
            claimed.path,
            say(
                "This role has the path {path} in its ARN. Paste its whole ARN in the last step.",
                path=clean(pasted.path),
            ),
        ),
    )
    for code, found, needed, sentence in rules:
        if found != needed:
            yield TrustDifference(code, Severity.SHUT, sentence, clean(str(found)), clean(str(needed)))


def _arn(text: str) -> RoleArn | None:
    try:
        return parse_role_arn(text)
    except Refused:
        return None


def _explained(
    difference: TrustDifference, expected: ExpectedTrust, issued: Sequence[IssuedId], now: datetime
) -> TrustDifference:
    """Return the difference with what we know of the external ID it found."""
    if difference.code not in _ID_CODES or difference.found == expected.external_id:
        return difference
    known = _about_id(difference.found, expected, issued, now)
    return replace(difference, sentence=together(difference.sentence, known))


def _about_id(found: str, expected: ExpectedTrust, issued: Sequence[IssuedId], now: datetime) -> Text:
    """Return where another external ID comes from, or nothing for a text that is only a slip, or no ID."""
    if not is_well_formed(expected.external_id) or not is_well_formed(found):
        return NOTHING
    prefix, handle, _ = expected.external_id.split("-")
    its_prefix, its_handle, _ = found.split("-")
    if its_prefix != prefix:
        return say("It was not made by us.")
    if its_handle != handle:
        return say("It belongs to another connection ({handle}).", handle=its_handle)
    ours = next((i for i in issued if i.external_id == found), None)
    if ours is not None:
        return _about_ours(ours, now)
    is_slip = how_it_differs(found, expected.external_id)
    return NOTHING if is_slip else say("It looks like one of this connection’s, but we never issued it.")


def _about_ours(issued: IssuedId, now: datetime) -> Text:
    ends_at = issued.issued_at + UNPINNED_LIFETIME
    if now > ends_at:
        return say(
            "It was issued to this connection on {at} and is no longer valid: "
            "an ID that was never used lasts 48 hours.",
            at=issued.issued_at,
        )
    return say(
        "It was issued to this connection on {at} and is still valid until {until}: we try it too.",
        at=issued.issued_at,
        until=ends_at,
    )


def _lines(source: Mapping[str, Any], differences: Sequence[TrustDifference]) -> Iterator[ExaminedLine]:
    printed = PrintedPolicy(source)
    notes: dict[int, list[TrustDifference]] = {}
    for difference in differences:
        if difference.path:
            notes.setdefault(printed.line_of(difference.path, difference.found), []).append(difference)
    for index, text in enumerate(printed.lines):
        here = sorted(notes.get(index, ()), key=lambda d: _WORST_FIRST.index(d.severity))
        note = together(*islice(dict.fromkeys(d.sentence for d in here), _MOST_NOTES))
        yield ExaminedLine(index + 1, clean(text), here[0].severity.value if here else "", note)
