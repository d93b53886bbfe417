"""What `examine` says of a text: what verifications and the examiner judge, as facts and as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from aws.answers import read_answer
from commands.logs import say_no_more_in_the_log
from config import Config
from onboarding.diagnosis.catalogue import diagnose
from onboarding.diagnosis.diagnosis import Who
from onboarding.ground.arn import RoleArn
from onboarding.policy.json_text import Unreadable, read_json
from onboarding.trust.examiner import examine
from onboarding.trust.expected import ExpectedTrust
from onboarding.trust.judgement import TrustJudgement, TrustVerdict, judge_trust
from onboarding.trust.witness import Witness

# What is said first where the judgement speaks only of single lines, or of none.
_MEANINGS = {
    TrustVerdict.EXACT: "It lets in the trusted principal with the external ID, and nobody else.",
    TrustVerdict.DEPENDS: "It lets in nobody else. Whether it lets us in depends on what cannot be known beforehand.",
}

# What a refusal means where AWS's own words say whose policy it is; the finding alone leaves that open.
_WHOSE_POLICY = {
    Who.VENDOR: "AWS says that the refusal is on our side: a policy of our own role, its permissions boundary, a "
    "service control policy, a session policy or a VPC endpoint policy. Or we run as root. Run `doctor`.",
    Who.TENANT: "AWS says that the refusal is on the tenant's side: the role's trust policy, or a resource control "
    "policy of their organization.",
}


@dataclass(frozen=True)
class Question:
    """What to examine, and for whom: the text of the file, and the options."""

    text: str
    external_id: str
    role_arn: RoleArn | None
    settings: Mapping[str, str]
    now: datetime

    @property
    def expected(self) -> ExpectedTrust:
        """Whom a trust policy should let in. Raises UsageError, ConfigError."""
        if not self.external_id:
            raise click.UsageError("Give --external-id: the external ID that the role should ask for.")
        return ExpectedTrust.of(Config.for_publishing(self.settings).trusted_principal, self.external_id)

    @property
    def json(self) -> Any:
        """The JSON in the text. Raises ClickException."""
        found = read_json(self.text)
        if isinstance(found, Unreadable):
            raise click.ClickException(f"The file cannot be read: {found.sentence}")
        return found


@dataclass(frozen=True)
class Examined:
    """What came of it: `facts` for programs, sentences for people, the verdict first."""

    facts: Mapping[str, Any]
    sentences: Sequence[str]
    is_fine: bool


def examined_trust(question: Question) -> Examined:
    """Judge a role's trust policy."""
    return _trust(judge_trust(question.text, question.expected, now=question.now))


def examined_paste(question: Question) -> Examined:
    """Judge the trust policy in what somebody pasted, as the wizard's examiner reads it."""
    shown = examine(question.text, expected=question.expected, issued=(), claimed=question.role_arn, now=question.now)
    judged = shown.judgement or TrustJudgement(shown.verdict, None, None)
    return _trust(judged, verdict=shown.verdict, sentences=shown.sentences, understood_as=shown.understood_as)


def _trust(judged: TrustJudgement, **others: Any) -> Examined:
    """Return the judgement as facts, with others in place of its own or beside them."""
    facts = {
        "verdict": judged.verdict,
        "lets_us_in": judged.lets_us_in,
        "loose": judged.is_loose,
        "witness": _witness(judged.witnesses[0]) if judged.witnesses else None,
        "sentences": (*_meaning(judged), *judged.sentences),
    } | others
    lines = [f"Verdict: {facts['verdict']}", *facts["sentences"]]
    return Examined(facts, lines, is_fine=facts["verdict"] is TrustVerdict.EXACT)


def _meaning(judged: TrustJudgement) -> tuple[str, ...]:
    return (_MEANINGS[judged.verdict],) if judged.verdict in _MEANINGS else ()


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "kind": witness.kind,
        "arn": witness.arn,
        "account_id": witness.account_id,
        "external_id": witness.external_id,
        "actions": witness.actions,
        "keys": witness.keys,
        "statement": witness.statement,
    }


def examined_answer(question: Question) -> Examined:
    """Say what a failed AssumeRole means, and who must act."""
    say_no_more_in_the_log()
    try:
        code, who = read_answer(question.json)
    except ValueError as error:
        raise click.ClickException(f"That is not an answer of AWS's: {error}") from None
    sentences = [f"Finding: {code}", f"Who must act: {who}"]
    if diagnosis := diagnose(code):
        sentences.append(diagnosis.operator if who is diagnosis.who else _WHOSE_POLICY[who])
    return Examined({"code": code, "who": who}, sentences, is_fine=True)
