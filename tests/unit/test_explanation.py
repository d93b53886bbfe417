"""Why a role does not answer: the decision tree, branch by branch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.diagnosis.diagnosis import Who
from onboarding.explanation import NORMAL_SPREAD, Circumstances, explain
from onboarding.ground.arn import parse_role_arn
from onboarding.ground.status import Status
from onboarding.model import Flow
from tests.builders import NOON, a_connection


def waiting(**values):
    return a_connection(Status.WAITING, **{"finding_code": "not_answering", "launched_at": NOON, **values})


def after(seconds, **values):
    return Circumstances(NOON + timedelta(seconds=seconds), **values)


def sentences(connection, circumstances):
    return [cause.sentence for cause in explain(connection, circumstances).causes]


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

    assert explain(throttled, after(5, vendor_finding_code="sts_region_off")).diagnosis.code == "aws_throttled"
