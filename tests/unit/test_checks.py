"""From facts to a verdict, with no AWS and no clock: every combination that matters (security 4 to 7, and 11)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.proof.answer import Asked, Outcome
from onboarding.proof.checks import ALWAYS_REQUIRED, CHECKS, QUESTIONS, judge
from onboarding.proof.handshake_checks import refuse_role
from onboarding.proof.probe import Probe
from onboarding.proof.self_report import ManagedDocument
from onboarding.settling import Conclusion, conclude
from tests.builders import ACCOUNT, EXTERNAL_ID, NOON, OTHER_ACCOUNT, ROLE_ARN, VENDOR_ACCOUNT
from tests.deployed import a_probe, a_self_report, a_stack, an_agreement

ARN = parse_role_arn(ROLE_ARN)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
YES, NO, BUSY = Outcome.ASSUMED, Outcome.REFUSED, Outcome.THROTTLED
UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]
QUESTIONS_IN_ORDER = tuple(Asked)
SOUND = dict(zip(QUESTIONS_IN_ORDER, (YES, NO, NO, NO, YES), strict=True))


def the_conclusion(outcomes: dict[Asked, Outcome], **who: str) -> tuple[Conclusion, str]:
    return conclude(judge(a_probe(outcomes, **who), an_agreement()), required=ALWAYS_REQUIRED)


def test_a_role_that_answers_only_to_its_external_id_passes_every_check():
    results = judge(a_probe(SOUND), an_agreement())

    assert [r.check for r in results] == list(CHECKS)
    assert {r.verdict for r in results} == {Verdict.PASSED}
    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.PASSED, "")


@pytest.mark.parametrize(
    ("answers", "conclusion", "finding"),
    [
        # right, none, wrong, wrong case, right again; None where the round ended before.
        ((NO, None, None, None, None), Conclusion.NOT_YET, "not_answering"),
        ((None, None, None, None, None), Conclusion.NOT_YET, "no_external_id"),
        ((YES, YES, None, None, None), Conclusion.REFUSED, "ignores_external_id_none"),
        ((YES, YES, YES, YES, YES), Conclusion.REFUSED, "ignores_external_id_none"),
        ((YES, NO, YES, None, None), Conclusion.REFUSED, "ignores_external_id_wrong"),
        ((YES, NO, YES, YES, YES), Conclusion.REFUSED, "ignores_external_id_wrong"),
        ((YES, NO, NO, YES, None), Conclusion.REFUSED, "ignores_external_id_wrong_case"),
        ((YES, BUSY, YES, NO, YES), Conclusion.REFUSED, "ignores_external_id_wrong"),
        ((YES, NO, NO, NO, NO), Conclusion.INCONCLUSIVE, "changed_while_checking"),
        ((YES, NO, NO, NO, None), Conclusion.INCONCLUSIVE, "changed_while_checking"),
        ((YES, None, None, None, None), Conclusion.INCONCLUSIVE, "changed_while_checking"),
        ((YES, BUSY, NO, NO, YES), Conclusion.INCONCLUSIVE, "aws_throttled"),
        ((YES, NO, BUSY, None, None), Conclusion.INCONCLUSIVE, "aws_throttled"),
        ((YES, NO, NO, BUSY, YES), Conclusion.INCONCLUSIVE, "aws_throttled"),
        ((YES, NO, NO, NO, BUSY), Conclusion.INCONCLUSIVE, "aws_throttled"),
        ((BUSY, None, None, None, None), Conclusion.INCONCLUSIVE, "aws_throttled"),
    ],
)
def test_what_the_answers_come_to(answers, conclusion, finding):
    outcomes = {asked: o for asked, o in zip(QUESTIONS_IN_ORDER, answers, strict=True) if o is not None}

    assert the_conclusion(outcomes) == (conclusion, finding)


def test_only_refusals_between_two_successes_ever_pass():
    for answers in product((YES, NO, BUSY, Outcome.VENDOR_EXPIRED), repeat=5):
        outcomes = dict(zip(QUESTIONS_IN_ORDER, answers, strict=True))
        conclusion, finding = the_conclusion(outcomes)

        assert (conclusion is Conclusion.PASSED) == (outcomes == SOUND)
        assert (conclusion is Conclusion.REFUSED) == (answers[0] is YES and YES in answers[1:4])
        assert (finding == "") == (conclusion is Conclusion.PASSED)
        assert finding == "" or finding in CATALOGUE


@pytest.mark.parametrize("outcome", UNCLEAR)
@pytest.mark.parametrize("asked", QUESTIONS_IN_ORDER)
def test_no_unclear_answer_to_any_question_gives_a_verdict(outcome, asked):
    conclusion, finding = the_conclusion({**SOUND, asked: outcome})

    assert (conclusion, finding) == (Conclusion.INCONCLUSIVE, outcome.value)


@pytest.mark.parametrize(
    "who", [{"account_id": OTHER_ACCOUNT}, {"role_name": "another-role"}, {"account_id": ""}], ids=str
)
def test_a_session_of_another_account_or_role_is_refused(who):
    results = judge(a_probe(SOUND, **who), an_agreement())

    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.REFUSED, "account_differs")


def test_another_accounts_number_is_not_shown_to_the_tenant():
    results = judge(a_probe(SOUND, account_id=OTHER_ACCOUNT), an_agreement())

    assert all(OTHER_ACCOUNT not in r.sentence and "4444-5555-6666" not in r.sentence for r in results)


def test_the_proof_names_the_account_as_aws_prints_it():
    account = next(r for r in judge(a_probe(SOUND), an_agreement()) if r.check == "account_matches")

    assert "1111-2222-3333" in account.sentence
    assert ACCOUNT not in account.sentence


def test_every_finding_has_its_place_in_the_catalogue_and_every_result_its_sentence():
    for answers in product((YES, NO, BUSY, None), repeat=5):
        outcomes = {asked: o for asked, o in zip(QUESTIONS_IN_ORDER, answers, strict=True) if o is not None}

        for result in judge(a_probe(outcomes), an_agreement()):
            assert result.sentence
            assert result.finding_code == "" or result.finding_code in CATALOGUE
            assert result.finding_code or result.verdict in (Verdict.PASSED, Verdict.NOT_CHECKED)


def test_every_check_is_put_as_a_question_to_the_tenant():
    assert list(QUESTIONS) == list(CHECKS)
    assert all(question.endswith("?") for question in QUESTIONS.values())


def test_a_failure_weighs_more_than_what_is_unclear():
    results = (
        CheckResult("role_is_assumable", Verdict.PASSED, ""),
        CheckResult("account_matches", Verdict.FAILED, "", "account_differs"),
        CheckResult("external_id_is_enforced", Verdict.INCONCLUSIVE, "", "aws_throttled"),
    )

    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.REFUSED, "account_differs")


class TestRequiredBySetting:
    """A setting may ask for more than what always must pass."""

    ALL = ALWAYS_REQUIRED | {"permissions_match", "stack_is_complete", "template_is_current"}

    @pytest.mark.parametrize(
        ("told", "conclusion", "finding"),
        [
            ({}, Conclusion.PASSED, ""),
            ({"attached_policies": (READ_ONLY,)}, Conclusion.REFUSED, "permissions_unseen"),
            ({"stack": a_stack(ARN, status="UPDATE_IN_PROGRESS")}, Conclusion.INCONCLUSIVE, "stack_in_progress"),
            ({"stack": a_stack(ARN, template_version="0.1.0")}, Conclusion.REFUSED, "template_outdated"),
            ({"stack": a_stack(ARN, template_version="")}, Conclusion.REFUSED, "stack_unknown"),
            ({"stack": None}, Conclusion.REFUSED, "stack_unknown"),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_else_must_pass_decides_as_well(self, told, conclusion, finding):
        results = judge(replace(a_probe(SOUND), self_report=a_self_report(ARN, EXTERNAL_ID, **told)), an_agreement())

        assert conclude(results, required=self.ALL) == (conclusion, finding)
        assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.PASSED, "")

    @pytest.mark.parametrize("check", CHECKS)
    @pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.PASSED])
    def test_a_required_check_that_is_not_passed_never_connects(self, check, verdict):
        sound = judge(a_probe(SOUND), an_agreement())
        results = tuple(
            replace(r, verdict=verdict, finding_code="aws_throttled") if r.check == check else r for r in sound
        )

        assert conclude(results, required=ALWAYS_REQUIRED | {check})[0] is not Conclusion.PASSED

    def test_without_the_setting_only_those_that_always_must_pass_decide(self):
        sound = judge(a_probe(SOUND), an_agreement())
        for check in CHECKS.keys() - ALWAYS_REQUIRED:
            results = tuple(replace(r, verdict=Verdict.FAILED) if r.check == check else r for r in sound)
            assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.PASSED, "")


@pytest.mark.parametrize(
    ("role_arn", "finding"),
    [
        (f"arn:aws:iam::{VENDOR_ACCOUNT}:role/theirs", "role_is_ours"),
        (f"arn:aws-cn:iam::{ACCOUNT}:role/northwind-7kq2m9xd", "partition_not_served"),
    ],
)
def test_a_role_that_aws_is_not_asked_about_is_refused_and_every_other_check_left_out(role_arn, finding):
    ours, arn = an_agreement(), parse_role_arn(role_arn)
    refusal = refuse_role(arn, ours.trusted_principal)
    results = judge(Probe(arn, None, (), NOON, NOON, refusal=refusal), ours)

    assert conclude(results, required=ALWAYS_REQUIRED) == (Conclusion.REFUSED, finding)
    assert [r.verdict for r in results[2:]] == [Verdict.NOT_CHECKED] * (len(CHECKS) - 2)
    assert all("external ID" not in r.sentence for r in results), "nothing is wrong with that"


class TestManagedPolicies:
    """What was read of the managed policies on a role decides what it can do."""

    OWN = f"arn:aws:iam::{ACCOUNT}:policy/theirs"
    READS = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
    EVERYTHING = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'

    def judged(self, **told):
        report = a_self_report(ARN, EXTERNAL_ID, **told)
        results = judge(replace(a_probe(SOUND), self_report=report), an_agreement())
        return next(r for r in results if r.check == "permissions_match")

    def test_an_attached_policy_counts_by_what_it_says(self):
        result = self.judged(attached_policies=(READ_ONLY,), managed={READ_ONLY: ManagedDocument(self.READS)})

        assert result.finding_code == "permissions_excess"
        assert [READ_ONLY in line and "s3:GetObject" in line for line in result.evidence] == [True]

    def test_a_copy_is_named_with_its_day(self):
        copied = ManagedDocument(self.READS, "2030-12-31")

        result = self.judged(attached_policies=(READ_ONLY,), managed={READ_ONLY: copied})

        assert result.evidence[-1] == f"The policy {READ_ONLY} was judged as AWS published it on 2030-12-31."

    def test_one_that_we_cannot_see_is_named_and_called_neither_harmless_nor_changing(self):
        result = self.judged(attached_policies=(self.OWN,), managed={self.OWN: None})

        assert (result.verdict, result.finding_code) == (Verdict.FAILED, "permissions_unseen")
        assert self.OWN in result.evidence[0] and "change" not in f"{result.sentence}{result.evidence}"

    def test_a_boundary_that_takes_nothing_away_is_no_finding(self):
        boundary = {"boundary_arn": READ_ONLY}

        assert self.judged(**boundary, managed={READ_ONLY: ManagedDocument(self.EVERYTHING)}).verdict is Verdict.PASSED
        assert self.judged(**boundary, managed={READ_ONLY: None}).finding_code == "permissions_bounded"
        assert self.judged(**boundary, managed={READ_ONLY: ManagedDocument(self.READS)}).finding_code != ""
