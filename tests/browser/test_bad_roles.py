"""Roles and stacks that are not right: the wizard says why, keeps watching, and turns green once they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import by_request
from tests.browser.sandbox_process import sound_trust
from tests.browser.visitor import SILENT, Visitor, Wizard


def test_a_role_that_ignores_the_external_id_is_refused_and_turns_green_when_its_trust_is_mended(
    wizard: Wizard, shots: Path | None
) -> None:
    wizard.mark_window()
    by_request.launch_and_create(wizard, fault="ignores-external-id")

    wizard.see_status("rejected")
    expect(wizard.panel).to_contain_text("The role can be used without its external ID")
    expect(wizard.panel.get_by_role("link", name="Ask Northwind Cost for help")).to_be_visible()
    assert wizard.page.title().startswith("Something is wrong with the role")
    assert wizard.row["role_arn"] is None
    wizard.take_picture("rejected", shots)

    mend_trust(wizard)

    wizard.see_success()
    assert wizard.was_never_reloaded()
    assert wizard.page.title().startswith("Connected")


def test_a_refused_role_ticks_all_steps_but_the_last_and_creating_the_stack_anew_mends_it(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard, fault="ignores-external-id")
    wizard.see_status("rejected")
    wizard.go(1)
    assert wizard.ticked_steps() == list(range(1, 9))
    by_request.delete_stack(wizard, stack)

    by_request.launch_and_create(wizard)

    wizard.see_success()


def test_a_stack_with_an_external_id_that_nobody_issued_is_undone_with_a_reason(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard, fault="wrong-external-id")

    by_request.see_stack(wizard, stack, "ROLLBACK_COMPLETE")
    assert "Northwind Cost did not issue this External ID." in by_request.first_failure(wizard, stack)
    wizard.see_status("waiting")


@SILENT
def test_a_role_that_expects_another_external_id_is_waited_for_and_then_explained(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard, fault="wrong-external-id")
    by_request.see_stack(wizard, stack, "CREATE_COMPLETE")
    wizard.see_status("waiting")
    expect(wizard.panel.locator("[data-code]")).to_have_count(0)

    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))

    expect(wizard.panel.locator("[data-code=not_answering]")).to_contain_text("external ID")
    wizard.see_status("waiting")
    mend_trust(wizard)
    wizard.see_success()


def test_a_stack_that_fails_leads_to_the_causes_and_to_a_retry_under_the_next_name(wizard: Wizard) -> None:
    stack = by_request.launch_and_create(wizard, fault="stack-fails")
    by_request.see_stack(wizard, stack, "ROLLBACK_COMPLETE")
    wizard.panel.get_by_role("link", name="It failed in AWS").click()
    causes = wizard.page.locator(".causes")
    for words in ("CAPABILITY_NAMED_IAM", "iam:CreateRole", "service control policy", "ROLLBACK_COMPLETE"):
        expect(causes).to_contain_text(words)
    expect(wizard.page.get_by_role("main").get_by_role("link", name="Ask Northwind Cost for help")).to_be_visible()

    wizard.page.get_by_role("button", name="Try again with a new stack name").click()
    wizard.page.wait_for_url(wizard.url(1))
    console = wizard.launch()
    expect(console.page.get_by_label("Stack name")).to_have_value(re.compile(r"^northwind-[a-z0-9]{8}-2$"))
    console.create_stack()

    wizard.see_success()
    expect(wizard.page.get_by_text("select the stack")).to_contain_text("-2")


def test_on_a_phone_what_was_examined_is_in_sight_and_the_panel_can_be_read_to_its_end(
    new_visitor: Callable[..., Visitor],
) -> None:
    wizard = new_visitor(viewport={"width": 390, "height": 700}).start()
    by_request.launch(wizard)
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))
    wizard.go("examine")
    wizard.page.get_by_label("What the command printed").fill(sound_trust("northwind-abcdefgh-" + "0" * 32))
    wizard.page.get_by_role("button", name="Examine").click()

    expect(wizard.page.locator("#found")).to_be_in_viewport(ratio=1)
    found, panel = wizard.page.locator("#found").bounding_box(), wizard.panel.bounding_box()
    assert found is not None and panel is not None
    assert found["y"] > panel["y"] + panel["height"]

    wizard.panel.locator("summary").click()
    wizard.panel.get_by_role("link", name="for help").scroll_into_view_if_needed()
    expect(wizard.panel.get_by_role("link", name="for help")).to_be_in_viewport(ratio=1)
    opened = wizard.panel.bounding_box()
    assert opened is not None
    assert opened["height"] < 700


def mend_trust(wizard: Wizard) -> None:
    """Write the trust policy that the stack template asks for, as an administrator of the account would by hand."""
    row = wizard.row
    iam = wizard.visitor.sandbox.client("iam", wizard.visitor.account_id)
    iam.update_assume_role_policy(
        RoleName=f"northwind-{row['handle']}", PolicyDocument=sound_trust(row["pinned_external_id"])
    )
