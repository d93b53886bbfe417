"""Every diagnosis that a tenant may read: what to do stands on the page, and doing it turns the page green."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.diagnoses import see_diagnosis, seen_long_ago, verify, waiting
from tests.browser.role_by_hand import ANOTHER_ACCOUNT, US_WITHOUT_ID, trust_with
from tests.browser.sandbox_process import sound_trust
from tests.browser.visitor import Visitor, Wizard


@pytest.mark.parametrize(
    ("code", "trust", "words"),
    [
        ("ignores_external_id_none", lambda e: trust_with(e, second=US_WITHOUT_ID), "without its external ID"),
        ("ignores_external_id_none", lambda e: trust_with(e, operator="StringEqualsIfExists"), "without its"),
        ("ignores_external_id_wrong", lambda e: trust_with("*", operator="StringLike"), "accepts a wrong external ID"),
        ("ignores_external_id_wrong_case", lambda e: trust_with(e, operator="StringEqualsIgnoreCase"), "capital"),
        ("trust_is_loose", lambda e: trust_with(e, second=ANOTHER_ACCOUNT), "trusts somebody or something beyond"),
    ],
    ids=["a second bare statement", "IfExists", "a wildcard", "any letter case", "another account too"],
)
def test_a_loose_role_is_refused_the_examiner_names_the_line_and_its_policy_mends_it(
    wizard: Wizard, code: str, trust: Callable[[str], str], words: str
) -> None:
    role = waiting(wizard)
    role.make(trust(role.external_id))
    wizard.see_status("rejected")
    see_diagnosis(wizard, code)
    expect(wizard.panel).to_contain_text(words)

    wizard.panel.get_by_role("link", name="Examine the role’s trust policy").click()
    wizard.page.get_by_label("What the command printed").fill(role.printed())
    wizard.page.get_by_role("button", name="Examine").click()
    expect(wizard.page.locator("[data-verdict=loose]")).to_be_visible()
    expect(wizard.page.locator(".lines [data-mark]").first).to_be_visible()

    role.trusts(wizard.page.locator("#corrected").text_content() or "")
    wizard.see_success()


def test_silence_is_normal_at_first_then_the_causes_are_listed_and_the_examiner_finds_the_wrong_id(
    wizard: Wizard,
) -> None:
    role = waiting(wizard)
    role.make(sound_trust(role.external_id[:-4] + "0000"))
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))
    see_diagnosis(wizard, "not_answering")

    wizard.panel.get_by_role("link", name="Examine the role’s trust policy").click()
    wizard.page.get_by_label("What the command printed").fill(role.printed())
    wizard.page.get_by_role("button", name="Examine").click()
    expect(wizard.page.locator("[data-verdict=loose]")).to_contain_text("external ID")
    expect(wizard.panel.locator("ol.why > li").first).to_contain_text("trust policy that you pasted")

    role.trusts(wizard.page.locator("#corrected").text_content() or "")
    wizard.see_success()


def test_a_role_that_may_not_read_itself_is_given_two_minutes_then_refused_and_green_once_it_may(
    wizard: Wizard,
) -> None:
    role = waiting(wizard)
    role.make(sound_trust("northwind-nobodyxx-" + "1" * 32))
    role.may_not_read_itself()
    role.trusts(sound_trust(role.external_id))
    see_diagnosis(wizard, "policies_spreading")
    wizard.see_status("waiting")

    seen_long_ago(wizard)
    wizard.see_status("rejected")
    see_diagnosis(wizard, "role_cannot_be_read")

    role.may_read_itself()
    wizard.see_success()


def test_a_boundary_that_forbids_reading_is_named_and_the_stack_is_not_blamed(wizard: Wizard) -> None:
    role = waiting(wizard)
    role.make(sound_trust("northwind-nobodyxx-" + "1" * 32))
    all_but_get_role = {"Effect": "Allow", "Action": ["iam:List*", "iam:GetRolePolicy"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [all_but_get_role]})
    boundary = role.iam.create_policy(PolicyName=f"edge-{role.name}", PolicyDocument=policy)
    role.iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=boundary["Policy"]["Arn"])
    role.trusts(sound_trust(role.external_id))
    see_diagnosis(wizard, "policies_spreading")

    seen_long_ago(wizard)
    wizard.see_status("rejected")
    see_diagnosis(wizard, "reading_is_forbidden")

    role.iam.delete_role_permissions_boundary(RoleName=role.name)
    wizard.see_success()


def test_throttling_is_said_without_blame_and_passes_by_itself(wizard: Wizard) -> None:
    role = waiting(wizard)
    with wizard.visitor.sandbox.faults(throttle=True):
        see_diagnosis(wizard, "aws_throttled")
        role.make()

    wizard.see_success()


def test_a_connected_role_that_is_loosened_is_said_and_mended(wizard: Wizard) -> None:
    role = waiting(wizard)
    role.make()
    wizard.see_success()

    role.trusts(trust_with(role.external_id, second=US_WITHOUT_ID))
    verify(wizard)
    wizard.go("success")
    expect(wizard.page.get_by_role("heading", level=1, name="has changed")).to_be_visible()
    see_diagnosis(wizard, "ignores_external_id_none")

    role.trusts(sound_trust(role.external_id))
    wizard.see_success()


def test_a_connected_role_that_is_gone_is_lost_after_three_rounds_and_back_once_it_is_there_again(
    wizard: Wizard,
) -> None:
    role = waiting(wizard)
    role.make()
    wizard.see_success()
    role.delete()

    for _ in range(3):
        assert wizard.row["status"] == "connected", "a blip is no loss"
        verify(wizard)
    wizard.go("success")
    see_diagnosis(wizard, "role_lost")

    wizard.go(1)
    wizard.launch().create_stack()
    wizard.see_success()


def test_the_same_account_twice_leads_back_to_the_list(visitor: Visitor) -> None:
    first = visitor.start()
    role_of_first = waiting(first)
    # Named before the first is connected: afterwards the field itself refuses.
    second = visitor.connect_another()
    role_of_second = waiting(second)
    role_of_first.make()
    first.see_success()

    role_of_second.make()

    second.see_status("rejected")
    see_diagnosis(second, "account_already_connected")
    visitor.sandbox.command("connections", "disconnect", first.row["handle"])
    second.see_success()
