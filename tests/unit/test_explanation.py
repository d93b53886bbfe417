"""Why a role does not answer: the decision tree, branch by branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.diagnosis.diagnosis import Who
from onboarding.explanation import NORMAL_SPREAD, Circumstances, Kind, explain
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.hint import Hint
from onboarding.ground.status import Status
from onboarding.model import Flow
from tests.builders import NOON, a_connection


def waiting(**values):
    return a_connection(Status.WAITING, **{"finding_code": "not_answering", "launched_at": NOON, **values})


def after(seconds, **values):
    return Circumstances(NOON + timedelta(seconds=seconds), **values)


def sentences(connection, circumstances):
    return [cause.sentence for cause in explain(connection, circumstances).causes]


def kinds(connection, circumstances):
    return [cause.kind for cause in explain(connection, circumstances).causes]


def test_nothing_found_needs_no_explanation():
    assert explain(waiting(finding_code=None), after(600)) is None


@pytest.mark.parametrize("seconds", [0, 1, 119])
def test_in_the_first_two_minutes_silence_is_normal_and_the_time_left_is_said(seconds):
    explanation = explain(waiting(), after(seconds))

    assert explanation.diagnosis.code == "not_answering"
    assert explanation.diagnosis.who is Who.NOBODY
    assert explanation.time_left == NORMAL_SPREAD - timedelta(seconds=seconds)
    assert explanation.causes == ()


def test_after_two_minutes_every_cause_comes_with_a_test():
    explanation = explain(waiting(), after(120))

    assert explanation.time_left is None
    assert len(explanation.causes) >= 4
    assert all(cause.sentence and cause.test for cause in explanation.causes)


def test_who_never_launched_is_told_so_first():
    assert sentences(waiting(launched_at=None), after(600))[0] == "The stack was not created yet."


def test_who_launched_is_asked_about_the_stack_then_the_account():
    first, second, *_ = sentences(waiting(), after(600))

    assert "stack failed" in first
    assert "another account" in second


def test_page_by_page_the_external_id_is_a_likely_cause_and_quick_create_fills_it_in():
    assert any("another external ID." in s for s in sentences(waiting(flow=Flow.PAGE_BY_PAGE), after(600)))
    assert not any(s == "The stack has another external ID." for s in sentences(waiting(), after(600)))


def test_a_pasted_arn_is_doubted_rather_than_the_stack():
    pasted = waiting(claimed_role_arn=parse_role_arn("arn:aws:iam::111122223333:role/team/renamed"))

    found = sentences(pasted, after(600))

    assert "ARN belongs to another" in found[0]
    assert not any("stack" in sentence for sentence in found)


def test_our_own_side_is_named_as_a_cause_only_while_nobody_else_answers_either():
    alone = sentences(waiting(), after(600))
    among_others = sentences(waiting(), after(600, others_answer=True))

    assert set(alone) - set(among_others) == {"Something on our side is not set up yet."}


@pytest.mark.parametrize("finding", [d.code for d in CATALOGUE.values() if d.code.startswith("vendor_")])
def test_a_fault_of_the_vendors_asks_the_tenant_for_nothing(finding):
    for seconds in (1, 600):
        explanation = explain(waiting(), after(seconds, vendor_finding_code=finding))

        assert explanation.diagnosis.code == finding
        assert explanation.diagnosis.who is Who.VENDOR
        assert "nothing for you to do" in explanation.diagnosis.remedy
        assert explanation.causes == ()


def test_a_fault_of_the_vendors_takes_nothing_back_from_what_was_proved():
    assert explain(a_connection(Status.CONNECTED), after(600, vendor_finding_code="vendor_credentials_expired")) is None


@pytest.mark.parametrize("code", [c for c in CATALOGUE if c != "not_answering"])
def test_a_clear_answer_is_explained_as_the_catalogue_has_it(code):
    assert explain(waiting(finding_code=code), after(600)).diagnosis is CATALOGUE[code]


def test_what_aws_said_of_this_role_counts_for_more_than_the_workers_older_look_at_itself():
    throttled = waiting(finding_code="aws_throttled")

    assert explain(throttled, after(5, vendor_finding_code="vendor_region_off")).diagnosis.code == "aws_throttled"


@pytest.mark.parametrize(
    ("hint", "first"), [(Hint.OURS, Kind.OURS), (Hint.TRUST, Kind.TRUST), (Hint.ORGANIZATION, Kind.ORGANIZATION)]
)
@pytest.mark.parametrize("others_answer", [False, True])
def test_what_aws_hints_at_comes_first_and_decides_nothing(hint, first, others_answer):
    bare, hinted = waiting(), waiting(refusal_hint=hint)
    circumstances = after(600, others_answer=others_answer)

    assert kinds(hinted, circumstances)[0] is first
    assert set(kinds(hinted, circumstances)) == {*kinds(bare, circumstances), first}
    assert explain(hinted, circumstances).diagnosis is explain(bare, circumstances).diagnosis


def test_a_hint_shortens_no_wait():
    assert explain(waiting(refusal_hint=Hint.OURS), after(119)) == explain(waiting(), after(119))


@pytest.mark.parametrize("minutes", [2, 60])
def test_once_the_trust_policy_was_examined_and_is_right_the_organization_is_likeliest(minutes):
    examined = waiting(trust_fine_at=NOON)

    found = kinds(examined, after(minutes * 60))

    assert found[0] is Kind.ORGANIZATION
    assert Kind.TRUST not in found


def test_a_trust_policy_that_was_just_put_right_is_given_the_time_that_aws_takes():
    examined = waiting(trust_fine_at=NOON + timedelta(minutes=9))

    assert kinds(examined, after(659)) == [kind for kind in kinds(waiting(), after(659)) if kind is not Kind.TRUST]
    assert kinds(examined, after(660))[0] is Kind.ORGANIZATION


def test_aws_own_word_counts_for_more_than_what_was_examined():
    examined = waiting(trust_fine_at=NOON, refusal_hint=Hint.TRUST)

    assert kinds(examined, after(600))[0] is Kind.TRUST


def test_once_a_trust_policy_was_examined_that_shuts_us_out_it_comes_first():
    shut = waiting(trust_shut_at=NOON + timedelta(minutes=9))

    assert kinds(waiting(), after(600))[0] is Kind.STACK
    assert kinds(shut, after(600))[0] is Kind.TRUST
    assert sentences(shut, after(600))[0] == "The role’s trust policy that you pasted does not let us in."
    assert kinds(replace(shut, refusal_hint=Hint.OURS), after(600))[0] is Kind.OURS


def test_a_role_that_is_lost_because_its_trust_shuts_us_out_is_to_be_mended_not_made_again():
    lost = a_connection(Status.DEGRADED, finding_code="role_lost", trust_shut_at=NOON)

    assert kinds(lost, after(600)) == [Kind.TRUST]


def test_the_management_account_is_said_to_be_beyond_such_a_policy():
    causes = explain(waiting(), after(600)).causes
    organization = next(cause for cause in causes if cause.kind is Kind.ORGANIZATION)

    assert "1111-2222-3333" in organization.test
    assert "management account" in organization.test


def test_a_role_that_is_lost_though_its_trust_is_right_is_not_to_be_made_again():
    lost = a_connection(Status.DEGRADED, finding_code="role_lost")

    assert explain(lost, after(600)).causes == ()
    assert kinds(replace(lost, trust_fine_at=NOON), after(600)) == [Kind.ORGANIZATION]


def test_a_region_that_the_tenants_account_switched_off_is_theirs_and_named():
    explanation = explain(waiting(finding_code="sts_region_off"), after(5, sts_region="eu-west-2"))

    assert explanation.diagnosis.who is Who.TENANT
    assert "eu-west-2" in explanation.diagnosis.remedy
    assert CATALOGUE["sts_region_off"].remedy in explanation.diagnosis.remedy


def test_a_region_that_is_off_for_us_too_is_ours():
    off = waiting(finding_code="sts_region_off")

    assert explain(off, after(5, vendor_finding_code="vendor_region_off")).diagnosis.who is Who.VENDOR
