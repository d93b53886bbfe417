"""Is a trust policy exactly what was agreed: does it let us in, and nobody else?

Judged whole, as AWS does: an explicit Deny elsewhere may be all that keeps a role shut. That it is loose is shown by a
witness; where there is none and we get in, it is exact, however it is written.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from onboarding.ground.wording import Text, say
from onboarding.policy.document import Path, PolicyDocument
from onboarding.policy.effort import TooComplex, share
from onboarding.policy.evaluate import Decision, Request, evaluate, has_variables
from onboarding.policy.grammar import refused_by_aws
from onboarding.policy.json_text import Unreadable
from onboarding.policy.variables import names_in
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.findings import Finding, Severity, in_words
from onboarding.trust.reading import MORE_THAN_STORED, parse_trust_policy
from onboarding.trust.reasons import reasons, remarks
from onboarding.trust.request_keys import ASSUME_ROLE, our_requests
from onboarding.trust.testimony import testimony
from onboarding.trust.witness import Witness, find_witnesses

# What one trust policy can take, about a twentieth of a second. One as the template makes it takes 2,000.
MOST_STEPS = 400_000
_MOST_WITNESSES = 20
_MOST_FINDINGS = 40


class TrustVerdict(StrEnum):
    """What a trust policy is. Where several hold, the first in this order counts.

    OTHER_ROLE is the policy of another role than the one named. REFUSED_BY_AWS is one that AWS would not store.
    DEPENDS lets in at most us, and whether us, only AWS can tell.
    """

    UNREADABLE = "unreadable"
    OTHER_ROLE = "other_role"
    REFUSED_BY_AWS = "refused_by_aws"
    TOO_COMPLEX = "too_complex"
    LOOSE = "loose"
    SHUT = "shut"
    DEPENDS = "depends"
    EXACT = "exact"


@dataclass(frozen=True)
class TrustJudgement:
    """A verdict and its reasons. `lets_us_in` and `is_loose` are None where that cannot be known.

    `witnesses` are requests other than ours that get in; `findings` say it in words, worst first.
    """

    verdict: TrustVerdict
    lets_us_in: bool | None
    is_loose: bool | None
    witnesses: tuple[Witness, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def sentences(self) -> tuple[Text, ...]:
        """The findings in words."""
        return in_words(self.findings)


def judge_trust(document: object, expected: ExpectedTrust, *, now: datetime, is_stored: bool = False) -> TrustJudgement:
    """Return what a trust policy is, whatever `document` is: what parse_trust_policy takes, or what it returned.

    `now` is an aware time. `is_stored` says that AWS has it, so what AWS would refuse today it took once: the policy is
    judged as it stands, and refused only for what we cannot judge. Never raises.
    """
    policy = document if isinstance(document, PolicyDocument | Unreadable) else parse_trust_policy(document)
    if isinstance(policy, Unreadable) and policy.code == MORE_THAN_STORED and not is_stored:
        finding = Finding("refused_by_aws", Severity.SHUT, policy.sentence)
        return TrustJudgement(TrustVerdict.REFUSED_BY_AWS, False, False, (), (finding,))
    if isinstance(policy, Unreadable):
        finding = Finding("unreadable", Severity.LOOSE, policy.sentence)
        return TrustJudgement(TrustVerdict.UNREADABLE, None, None, (), (finding,))
    refused = tuple(_refused(policy))
    if refused and not is_stored:
        return TrustJudgement(TrustVerdict.REFUSED_BY_AWS, False, False, (), refused)
    try:
        with share(MOST_STEPS):
            judged = _judged(policy, expected, now)
    except TooComplex:
        sentence = say("This trust policy is too complex to judge, so we cannot tell whom it lets in.")
        finding = Finding("too_complex", Severity.LOOSE, sentence)
        return TrustJudgement(TrustVerdict.TOO_COMPLEX, None, None, (), (finding,))
    if judged.is_loose or not (policy.oddities or any(s.oddities or s.not_principals for s in policy.statements)):
        return judged
    return replace(judged, verdict=TrustVerdict.REFUSED_BY_AWS, is_loose=None, findings=refused)


def _judged(policy: PolicyDocument, expected: ExpectedTrust, now: datetime) -> TrustJudgement:
    requests = _our_requests(policy, expected, now)
    decisions = {evaluate([policy], request) for request in requests}
    decision = decisions.pop() if len(decisions) == 1 else Decision.DEPENDS
    lets_us_in = {Decision.ALLOWED: True, Decision.DENIED: False, Decision.DEPENDS: None}[decision]
    witnesses = tuple(islice(find_witnesses(policy, expected, now), _MOST_WITNESSES))
    verdict = {True: TrustVerdict.EXACT, False: TrustVerdict.SHUT, None: TrustVerdict.DEPENDS}[lets_us_in]
    found: list[Finding] = []
    if not lets_us_in:
        found += reasons(policy, requests, expected)
    found += testimony(policy, witnesses, expected)
    if lets_us_in is not False:
        found += remarks(policy, requests, expected)
    return TrustJudgement(
        TrustVerdict.LOOSE if witnesses else verdict,
        lets_us_in,
        bool(witnesses),
        witnesses,
        tuple(dict.fromkeys(found[:_MOST_FINDINGS])),
    )


def statements_too_many(
    policy: PolicyDocument, judgement: TrustJudgement, expected: ExpectedTrust, *, now: datetime
) -> tuple[int, ...]:
    """Return the numbers of the statements without which a loose policy would be exact; empty where it takes more.

    Only Allows are ever advised away, and only after the rest was judged: no advice lets in anybody further.
    """
    if not judgement.is_loose:
        return ()
    numbers = {witness.statement for witness in judgement.witnesses}
    rest = replace(policy, statements=tuple(s for s in policy.statements if s.number not in numbers))
    if not rest.statements or judge_trust(rest, expected, now=now).verdict is not TrustVerdict.EXACT:
        return ()
    return tuple(sorted(numbers))


def _our_requests(policy: PolicyDocument, expected: ExpectedTrust, now: datetime) -> list[Request]:
    conditions = [c for s in policy.statements for c in s.conditions]
    names = {c.name for c in conditions}
    if has_variables(policy):
        names |= {n for c in conditions for v in c.values for n in names_in(v)}
    arn, account = expected.principal_arn, expected.account_id
    called = ("*", account, expected.account_root, arn)
    principals = frozenset({"*:*", *(f"AWS:{name}" for name in called)})
    session = f"AWS:arn:{expected.partition}:sts::{account}:assumed-role/{arn.rpartition('/')[2]}/"
    session = session if ":role/" in arn else ""
    return [Request(ASSUME_ROLE, keys, principals, session) for keys in our_requests(names, expected, now)]


def _refused(policy: PolicyDocument) -> Iterator[Finding]:
    """Yield what AWS would refuse to store."""
    for oddity in refused_by_aws(policy, is_trust=True):
        sentence = say("{what}; AWS would not take this policy.", what=oddity.sentence)
        yield Finding("refused_by_aws", Severity.SHUT, sentence, statement=_number(oddity.path), path=oddity.path)


def _number(path: Path) -> int | None:
    """Return which statement the place is in, from 1, or None for what is in none."""
    place = path[1] if len(path) > 1 and path[0] == "Statement" else None
    return place + 1 if isinstance(place, int) else 1 if place else None
