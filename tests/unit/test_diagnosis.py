"""The catalogue: one stated cause and one who acts, for every answer there is (security 25 and 26)."""

from __future__ import annotations

import re

import pytest

from onboarding.diagnosis.catalogue import CATALOGUE, DEFAULT, diagnose
from onboarding.diagnosis.diagnosis import Who
from onboarding.proof.answer import Outcome

UNCLEAR = [outcome for outcome in Outcome if outcome.is_unclear]
EVERYTHING = list(CATALOGUE.values())
BY_CODE = {"ids": list(CATALOGUE)}


@pytest.mark.parametrize("outcome", UNCLEAR)
def test_every_unclear_answer_has_a_diagnosis_of_its_own(outcome):
    assert diagnose(outcome.value).code == outcome.value


@pytest.mark.parametrize(
    ("outcome", "who"),
    [
        (Outcome.THROTTLED, Who.NOBODY),
        (Outcome.TIMED_OUT, Who.NOBODY),
        (Outcome.SERVICE_ERROR, Who.NOBODY),
        (Outcome.UNREACHABLE, Who.VENDOR),
        (Outcome.REGION_OFF, Who.TENANT),
        (Outcome.VENDOR_EXPIRED, Who.VENDOR),
        (Outcome.VENDOR_INVALID, Who.VENDOR),
        (Outcome.VENDOR_MISSING, Who.VENDOR),
        (Outcome.REQUEST_INVALID, Who.VENDOR),
        (Outcome.UNKNOWN, Who.VENDOR),
    ],
)
def test_whose_fault_it_is(outcome, who):
    assert diagnose(outcome.value).who is who


@pytest.mark.parametrize(
    ("code", "words"), [("aws_unreachable", "certificate"), ("request_invalid", "its code stands beside the check")]
)
def test_the_operator_is_told_of_every_cause_and_no_code_that_aws_did_not_give(code, words):
    assert words in diagnose(code).operator
    assert "ValidationError" not in diagnose(code).operator


def test_a_code_that_nobody_knows_gets_the_stated_default_and_no_code_none():
    assert diagnose("no_such_code") is DEFAULT
    assert diagnose(None) is None
    assert diagnose("") is None


@pytest.mark.parametrize("diagnosis", EVERYTHING, **BY_CODE)
def test_every_diagnosis_says_what_is_wrong_and_what_to_do(diagnosis):
    assert re.fullmatch(r"[a-z_]+", diagnosis.code)
    assert all(text.endswith(".") for text in (diagnosis.tenant, diagnosis.remedy, diagnosis.operator))


@pytest.mark.parametrize("diagnosis", [d for d in EVERYTHING if d.who is Who.VENDOR], ids=lambda d: d.code)
def test_what_is_wrong_on_our_side_asks_nothing_of_the_tenant(diagnosis):
    assert "nothing for you to do" in diagnosis.remedy


@pytest.mark.parametrize("diagnosis", EVERYTHING, **BY_CODE)
def test_a_tenant_reads_no_words_of_the_trade(diagnosis):
    """AWS's error codes, the API's names and our settings are for the operator's text alone."""
    trade = r"AccessDenied|AssumeRole|STS\b|StringLike|StringEquals|ROLECALL_|Exception|credential|arn:aws"

    assert not re.search(trade, diagnosis.tenant + diagnosis.remedy)


@pytest.mark.parametrize("diagnosis", [d for d in EVERYTHING if d.who is Who.TENANT], ids=lambda d: d.code)
def test_what_the_tenant_must_mend_does_not_heal_by_itself(diagnosis):
    assert not diagnosis.heals
