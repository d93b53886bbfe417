"""A role that is right in every respect, behind a resource control policy of the tenant's organization."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import by_request
from tests.browser.axe import axe_finds, looks
from tests.browser.diagnoses import see_diagnosis
from tests.browser.inline import inline_in
from tests.browser.role_by_hand import RoleByHand
from tests.browser.sandbox_process import VENDOR_PRINCIPAL
from tests.browser.visitor import Wizard


@pytest.fixture
def behind_the_policy(wizard: Wizard) -> Wizard:
    """A tenant whose stack is complete, in an account that lets nobody in from outside its organization."""
    wizard.name_account()
    wizard.visitor.sandbox.control("resource-control-policies", {"account_id": wizard.row["account_id"]})
    by_request.see_stack(wizard, by_request.launch_and_create(wizard), "CREATE_COMPLETE")
    return wizard


def test_it_is_suspected_first_once_the_trust_policy_was_examined_and_the_exception_that_we_ask_for_lets_us_in(
    behind_the_policy: Wizard, shots: Path | None
) -> None:
    wizard, role = behind_the_policy, RoleByHand(behind_the_policy)
    wizard.visitor.sandbox.age(wizard.connection_id, timedelta(minutes=3))
    see_diagnosis(wizard, "not_answering")
    causes = wizard.panel.locator(".why li")
    expect(causes.first).to_contain_text("The stack is still in progress, or failed.")
    expect(causes.first).to_have_css("list-style-type", "decimal")

    wizard.panel.get_by_role("link", name="Examine the role’s trust policy").click()
    wizard.page.get_by_label("What the command printed").fill(role.printed())
    wizard.page.get_by_role("button", name="Examine").click()
    expect(wizard.page.locator("[data-verdict=exact]")).to_be_visible()
    look(wizard, shots, "organization-examined")
    examined_long_ago(wizard)

    expect(causes.first).to_contain_text("Your AWS organization forbids access from outside.")
    expect(wizard.panel.locator(".why")).not_to_contain_text("trust policy")
    wizard.go(6)
    look(wizard, shots, "organization-suspected")
    causes.first.get_by_role("link", name="A text to forward").click()
    text = wizard.page.locator("#forward").text_content() or ""
    assert "GRSTSDPB" in text
    look(wizard, shots, "organization-text")

    # The administrator does what it asks for.
    exception = text[text.rindex('"ArnNotEqualsIfExists"') :]
    assert VENDOR_PRINCIPAL in exception
    except_us(wizard, exception)
    wizard.see_success()


def except_us(wizard: Wizard, exception: str) -> None:
    """Add the condition to the account's policy, as its text asks."""
    account_id, sandbox = wizard.row["account_id"], wizard.visitor.sandbox
    policy = sandbox.control("resource-control-policies")["policies"][account_id]
    policy["Statement"][0]["Condition"] |= json.loads(f"{{{exception}}}")
    sandbox.control("resource-control-policies", {"account_id": account_id, "policy": policy})


def look(wizard: Wizard, shots: Path | None, name: str) -> None:
    """See the page in every look."""
    page = wizard.page
    assert inline_in(page) == []
    for width, scheme, rules in looks(narrow=390):
        assert axe_finds(page, width=width, scheme=scheme, rules=rules) == []
        if shots is not None:
            page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def examined_long_ago(wizard: Wizard) -> None:
    """Let AWS have had three minutes since the trust policy was examined."""
    with closing(sqlite3.connect(wizard.visitor.sandbox.data / "rolecall.db", timeout=10)) as db, db:
        db.execute(
            "update connections set trust_fine_at = '2020-01-01T00:00:00.000+00:00', version = version + 1 "
            "where id = ? and trust_fine_at is not null",
            [wizard.connection_id],
        )
