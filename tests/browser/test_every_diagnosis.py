"""No diagnosis without a browser test: what to do stands on the page, and doing it turns the page green.

Those on the live panel and beside a field are here; what success shows, and the vendor's credentials, have files of
their own.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from playwright.sync_api import expect

from onboarding.diagnosis.catalogue import CATALOGUE
from tests.browser import by_request
from tests.browser.diagnoses import see_diagnosis, waiting
from tests.browser.role_by_hand import RoleByHand
from tests.browser.sandbox_process import VENDOR_ACCOUNT, sound_trust
from tests.browser.visitor import Wizard

# Each code of the catalogue, and the test that reads it on the page and does what it says.
OUR_SIDE = "test_every_diagnosis.test_trouble_on_our_side_asks_the_tenant_for_nothing_and_passes_by_itself"
LOOSE = "test_diagnoses.test_a_loose_role_is_refused_the_examiner_names_the_line_and_its_policy_mends_it"
UNREAD = "test_diagnoses.test_a_role_that_may_not_read_itself_is_given_two_minutes_then_refused_and_green_once_it_may"
UNSEEN_STACK = "test_stack_findings.test_a_stack_alone_that_cannot_be_seen_is_said_and_seen_again"
PERMISSIONS = "test_shown_findings.test_what_the_role_may_do_otherwise_than_agreed_is_told_on_success"
AWS_FAULT = "test_shown_findings.test_a_fault_of_aws_own_is_said_without_blame_and_passes_by_itself"
OLD = "test_stack_findings.test_a_stack_from_an_older_template_works_and_the_link_on_success_brings_it_up_to_date"
READ_AND_DONE_IN = {
    "account_already_connected": "test_diagnoses.test_the_same_account_twice_leads_back_to_the_list",
    "account_differs": "test_every_diagnosis.test_a_role_that_aws_calls_anothers_is_refused_until_the_stacks_is_pasted",
    "aws_service_error": AWS_FAULT,
    "aws_throttled": "test_diagnoses.test_throttling_is_said_without_blame_and_passes_by_itself",
    "aws_timed_out": AWS_FAULT,
    "aws_unknown_answer": OUR_SIDE,
    "aws_unreachable": OUR_SIDE,
    "changed_while_checking": "test_every_diagnosis.test_a_role_that_changes_meanwhile_is_asked_again_by_itself",
    "ignores_external_id_none": LOOSE,
    "ignores_external_id_wrong": LOOSE,
    "ignores_external_id_wrong_case": LOOSE,
    "no_external_id": "test_shown_findings.test_who_names_an_account_and_never_launches_is_led_to_an_external_id",
    "not_answering": (
        "test_diagnoses.test_silence_is_normal_at_first_then_the_causes_are_listed_and_the_examiner_finds_the_wrong_id"
    ),
    "partition_not_served": "test_every_diagnosis.test_a_refused_arn_keeps_what_was_typed_and_the_right_one_goes_on",
    "permissions_bounded": PERMISSIONS,
    "permissions_excess": PERMISSIONS,
    "permissions_missing": OLD,
    "permissions_unseen": PERMISSIONS,
    "policies_spreading": UNREAD,
    "reading_is_forbidden": "test_diagnoses.test_a_boundary_that_forbids_reading_is_named_and_the_stack_is_not_blamed",
    "request_invalid": OUR_SIDE,
    "role_cannot_be_read": UNREAD,
    "role_is_ours": "test_every_diagnosis.test_a_refused_arn_keeps_what_was_typed_and_the_right_one_goes_on",
    "role_lost": (
        "test_diagnoses.test_a_connected_role_that_is_gone_is_lost_after_three_rounds_and_back_once_it_is_there_again"
    ),
    "stack_broken": "test_stack_findings.test_a_stack_that_is_not_whole_is_deleted_and_made_again",
    "stack_cannot_be_read": UNSEEN_STACK,
    "stack_in_progress": "test_stack_findings.test_a_stack_still_in_progress_withholds_nothing_and_completes_by_itself",
    "stack_region_off": UNSEEN_STACK,
    "stack_unknown": "test_stack_findings.test_a_role_without_a_stack_works_and_one_day_gives_way_to_a_stacks",
    "sts_region_off": (
        "test_every_diagnosis.test_a_region_that_the_tenants_account_switched_off_is_named_and_the_role_connects_after"
    ),
    "template_outdated": OLD,
    "too_complex": PERMISSIONS,
    "trust_is_loose": LOOSE,
    "vendor_credentials_expired": OUR_SIDE,
    "vendor_credentials_invalid": OUR_SIDE,
    "vendor_credentials_missing": "test_vendor_credentials.test_a_worker_without_credentials_finds_them_by_itself",
    "vendor_region_off": "test_vendor_credentials.test_a_region_that_is_off_for_us_is_ours_and_passes_by_itself",
    "vendor_identity_differs": "test_vendor_credentials.test_a_worker_that_is_somebody_else_is_told_until_it_is_itself",
}


def test_every_diagnosis_of_the_catalogue_is_read_in_a_browser_and_done() -> None:
    assert sorted(READ_AND_DONE_IN) == sorted(CATALOGUE)


def test_each_named_test_exists_and_names_its_diagnosis() -> None:
    assert [code for code, place in READ_AND_DONE_IN.items() if not names(place, code)] == []


def names(place: str, code: str) -> bool:
    """Whether there is such a test, and its source names the diagnosis."""
    module, _, name = place.partition(".")
    test = getattr(importlib.import_module(f"tests.browser.{module}"), name, None)
    return test is not None and re.search(rf"\b{code}\b", inspect.getsource(test)) is not None


def test_trouble_on_our_side_asks_the_tenant_for_nothing_and_passes_by_itself(wizard: Wizard) -> None:
    role = waiting(wizard)
    troubles: dict[str, dict[str, Any]] = {
        "aws_unreachable": {"cut": True},
        "aws_unknown_answer": {"unheard_of": True},
        "request_invalid": {"request_invalid": True},
        "vendor_credentials_expired": {"expired_token": True},
        "vendor_credentials_invalid": {"unknown_token": True},
    }
    for code, fault in troubles.items():
        with wizard.visitor.sandbox.faults(**fault):
            see_diagnosis(wizard, code)
            expect(wizard.panel).to_contain_text("A problem on our side")
            expect(wizard.panel).to_contain_text("nothing for you to do")
            wizard.see_status("waiting")
        expect(wizard.panel.locator("[data-code]")).to_have_count(0)

    role.make()
    wizard.see_success()


def test_a_region_that_the_tenants_account_switched_off_is_named_and_the_role_connects_after(wizard: Wizard) -> None:
    role = waiting(wizard)
    role.make(sound_trust("northwind-nobodyxx-" + "1" * 32))
    # AWS answers this for the account of the role. What it says of our own account is another question.
    with wizard.visitor.sandbox.faults(region_disabled=True, action="AssumeRole"):
        see_diagnosis(wizard, "sts_region_off")
        expect(wizard.panel).to_contain_text("The region is us-east-1.")
        expect(wizard.panel).not_to_contain_text("A problem on our side")
        wizard.see_status("waiting")

    role.trusts(sound_trust(role.external_id))
    wizard.see_success()


def test_a_role_that_changes_meanwhile_is_asked_again_by_itself(wizard: Wizard) -> None:
    role, sandbox = waiting(wizard), wizard.visitor.sandbox
    with sandbox.faults(throttle=True):
        # Nothing is proved before the role is there and IAM has lost it again.
        role.make()
        with sandbox.faults(no_such_entity=True, services=["iam"]):
            see_diagnosis(wizard, "changed_while_checking")
            wizard.see_status("waiting")

    wizard.see_success()


def test_a_role_that_aws_calls_anothers_is_refused_until_the_stacks_is_pasted(wizard: Wizard) -> None:
    asked = by_request.launch(wizard)
    other = RoleByHand(wizard)
    other.name += "-by-hand"
    other.make()
    theirs = f"arn:aws:iam::{wizard.visitor.account_id}:role/{other.name}"
    with wizard.visitor.sandbox.faults(misnamed_role=theirs):
        wizard.go(9)
        assert wizard.paste_role(theirs).status == 303
        wizard.see_status("rejected")
        see_diagnosis(wizard, "account_differs")

        by_request.create_stack(wizard, asked)
        assert wizard.paste_role(stacks_role(wizard)).status == 303
        wizard.see_success()


def test_a_refused_arn_keeps_what_was_typed_and_the_right_one_goes_on(wizard: Wizard) -> None:
    by_request.create_stack(wizard, by_request.launch(wizard, account_id=""))
    wizard.go(9)
    ours = CATALOGUE["role_is_ours"]
    for says, remedy, arn in (
        # "partition_not_served", in the words of the box, which knows both.
        ("AWS China (aws-cn)", "ask us", "arn:aws-cn:iam::111122223333:role/northwind-7kq2m9xd"),
        (ours.tenant, ours.remedy, f"arn:aws:iam::{VENDOR_ACCOUNT}:role/northwind-rolecall"),
    ):
        assert wizard.paste_role(arn).status == 422
        field = wizard.page.get_by_label("Role ARN")
        expect(field).to_have_value(arn)
        expect(field).to_have_accessible_description(re.compile(re.escape(says)))
        expect(field).to_have_accessible_description(re.compile(re.escape(remedy)))

    assert wizard.paste_role(stacks_role(wizard)).status == 303
    wizard.see_success()


def test_our_own_account_is_refused_on_step_1_and_the_tenants_goes_on(wizard: Wizard) -> None:
    field = wizard.page.get_by_label("AWS account ID")
    field.fill(VENDOR_ACCOUNT)
    with wizard.page.expect_response(lambda answer: answer.url.endswith("/account")) as answered:
        wizard.page.keyboard.press("Tab")
    assert answered.value.status == 422
    expect(field).to_have_value(VENDOR_ACCOUNT)
    expect(field).to_have_accessible_description(re.compile("That is our own AWS account, not yours."))
    expect(field).to_have_accessible_description(re.compile(re.escape(CATALOGUE["role_is_ours"].remedy)))

    by_request.connect(wizard)


def stacks_role(wizard: Wizard) -> str:
    """Return the ARN that step 8 has people copy: of the role that the stack makes."""
    return f"arn:aws:iam::{wizard.visitor.account_id}:role/northwind-{wizard.row['handle']}"
