"""The trust-policy examiner: the tenant pastes what AWS prints of a role, and reads which line is not right.

For the cases that AWS answers alike (AccessDenied): another external ID, another account, a missing condition, a
slip in an ARN. A pure function of what was pasted; it asks AWS nothing.
Source: https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from onboarding.ground.arn import RoleArn, parse_role_arn, spaced
from onboarding.ground.external_id import UNPINNED_LIFETIME, IssuedId, is_well_formed
from onboarding.ground.refused import Refused
from onboarding.ground.wording import NOTHING, Text, clean, say, together
from onboarding.policy.effort import share
from onboarding.policy.json_text import Unreadable
from onboarding.trust.expected import ExpectedTrust, corrected_text
from onboarding.trust.findings import WORST_FIRST, Finding, Severity, in_words
from onboarding.trust.judgement import MOST_STEPS, TrustJudgement, TrustVerdict, judge_trust, statements_too_many
from onboarding.trust.pasted import read_pasted
from onboarding.trust.printed import PrintedPolicy
from onboarding.trust.slips import how_it_differs

_MOST_NOTES = 5
_ID_CODES = frozenset({"external_id_other", "external_id_misspelt"})


@dataclass(frozen=True)
class ExaminedLine:
    """One line of the pasted policy as AWS prints it. `mark` is a Severity's value, or empty where nothing is wrong."""

    number: int
    text: str
    mark: str = ""
    note: Text = NOTHING


@dataclass(frozen=True)
class Examination:
    """What came of it: sentences for the tenant, worst first; `corrected` is the policy to copy, as JSON.

    `judgement` is None where there was no policy to judge; without the statements `too_many` the policy would be exact.
    """

    verdict: TrustVerdict
    findings: tuple[Finding, ...]
    sentences: tuple[Text, ...]
    corrected: str
    lines: tuple[ExaminedLine, ...] = ()
    judgement: TrustJudgement | None = None
    too_many: tuple[int, ...] = ()
    understood_as: str = ""


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
        return Examination(TrustVerdict.UNREADABLE, (), (pasted.sentence,), corrected, understood_as=pasted.code)
    of_role = tuple(_role_differences(pasted.role_arn, pasted.role_name, claimed))
    with share(MOST_STEPS):
        judgement = judge_trust(pasted.policy, expected, now=now)
        too_many = statements_too_many(pasted.policy, judgement, expected, now=now)
    # Where we get in too, the other external ID is one of several.
    codes = _ID_CODES | {"lets_in_other_id"} if judgement.lets_us_in else _ID_CODES
    of_policy = tuple(_explained(f, expected, issued, now) if f.code in codes else f for f in judgement.findings)
    verdict = TrustVerdict.OTHER_ROLE if of_role else judgement.verdict
    sentences = (
        *_before(verdict, knows_role=bool(pasted.role_arn)),
        *in_words(of_role + of_policy),
        *_advice(too_many),
    )
    return Examination(
        verdict=verdict,
        findings=of_role + of_policy,
        sentences=sentences,
        corrected=corrected,
        lines=tuple(_lines(pasted.policy.source, of_policy)),
        judgement=judgement,
        too_many=too_many,
        understood_as=pasted.understood_as,
    )


def _before(verdict: TrustVerdict, *, knows_role: bool) -> Iterator[Text]:
    if verdict is TrustVerdict.EXACT:
        yield say("This trust policy lets us in with your external ID, and nobody else.")
    if verdict is TrustVerdict.DEPENDS:
        yield say("This trust policy lets in nobody else. Whether it lets us in, only AWS can tell: we try it.")
    if verdict in (TrustVerdict.EXACT, TrustVerdict.DEPENDS) and not knows_role:
        yield say("We saw the policy alone, so make sure that it is the policy of the role you named here.")


def _advice(too_many: tuple[int, ...]) -> Iterator[Text]:
    if len(too_many) == 1:
        yield say("Take out statement {number}: what is left lets us in, and nobody else.", number=too_many[0])
    elif too_many:
        numbers = tuple(map(str, too_many))
        yield say("Take out the statements {numbers}: what is left lets us in, and nobody else.", numbers=numbers)


def _role_differences(pasted_arn: str, pasted_name: str, claimed: RoleArn | None) -> Iterator[Finding]:
    """Yield how the role that was pasted is another one than the role that was named."""
    if claimed is None or not (pasted_arn or pasted_name):
        return
    pasted = _arn(pasted_arn) if pasted_arn else replace(claimed, name=pasted_name)
    if pasted is None:
        sentence = say("The role’s ARN in it cannot be read, so we cannot tell whether it is the role you named.")
        yield Finding("role_unclear", Severity.SHUT, sentence, clean(pasted_arn), clean(str(claimed)))
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
            yield Finding(code, Severity.SHUT, sentence, clean(str(found)), clean(str(needed)))


def _arn(text: str) -> RoleArn | None:
    try:
        return parse_role_arn(text)
    except Refused:
        return None


def _explained(finding: Finding, expected: ExpectedTrust, issued: Sequence[IssuedId], now: datetime) -> Finding:
    """Return the finding with what we know of the external ID in it."""
    if finding.found == expected.external_id:
        return finding
    known = _about_id(finding.found, expected, issued, now)
    return replace(finding, sentence=together(finding.sentence, known))


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
            "an ID that was never used lasts {days} days.",
            at=issued.issued_at,
            days=UNPINNED_LIFETIME.days,
        )
    return say(
        "It was issued to this connection on {at} and is still valid until {until}: we try it too.",
        at=issued.issued_at,
        until=ends_at,
    )


def _lines(source: Mapping[str, Any], findings: Sequence[Finding]) -> Iterator[ExaminedLine]:
    printed = PrintedPolicy(source)
    notes: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.path:
            notes.setdefault(printed.line_of(finding.path, finding.found), []).append(finding)
    for index, text in enumerate(printed.lines):
        here = sorted(notes.get(index, ()), key=lambda f: WORST_FIRST.index(f.severity))
        note = together(*islice(dict.fromkeys(f.sentence for f in here), _MOST_NOTES))
        yield ExaminedLine(index + 1, clean(text), here[0].severity.value if here else "", note)
