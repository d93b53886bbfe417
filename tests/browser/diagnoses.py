"""What a tenant must find on the page for a diagnosis, in the catalogue's own words: they cannot drift from it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from onboarding.diagnosis.catalogue import CATALOGUE
from tests.browser import by_request
from tests.browser.role_by_hand import RoleByHand
from tests.browser.visitor import Wizard


def waiting(wizard: Wizard) -> RoleByHand:
    """Launch, and make the role by hand instead of in the AWS console."""
    by_request.launch(wizard)
    return RoleByHand(wizard)


def see_diagnosis(wizard: Wizard, code: str, *, within_seconds: float = 15) -> None:
    """Wait until the live panel says what is the matter, what to do, and who must do it."""
    said, diagnosis = wizard.panel.locator(f".diagnosis[data-code={code}]"), CATALOGUE[code]
    expect(said).to_be_visible(timeout=within_seconds * 1000)
    expect(said).to_have_attribute("data-who", diagnosis.who)
    expect(said).to_contain_text(diagnosis.tenant)
    if code == "not_answering":
        # The bare refusal has many causes: each comes with what to do, in place of the one remedy.
        expect(said.locator(".why li")).not_to_have_count(0)
    else:
        expect(said).to_contain_text(diagnosis.remedy)


def see_finding(wizard: Wizard, check: str, code: str, words: str) -> None:
    """See the check on the success page, with what it found, `words` of it, and what to do."""
    found = wizard.page.locator(f"[data-check={check}]")
    expect(found).to_have_attribute("data-finding", code)
    expect(found).to_contain_text(words)
    expect(found).to_contain_text(CATALOGUE[code].remedy)
    # It withholds nothing.
    wizard.see_success()


def see_passed(wizard: Wizard, check: str) -> None:
    """See the check on the success page, passed."""
    expect(wizard.page.locator(f"[data-check={check}]")).to_have_attribute("data-verdict", "passed")
    expect(wizard.page.locator(f"[data-check={check}][data-finding]")).to_have_count(0)
    wizard.see_success()


def verify(wizard: Wizard) -> None:
    """Let an operator verify it now, whatever comes of it, instead of waiting for the daily proof."""
    wizard.visitor.sandbox.command("connections", "verify", wizard.row["handle"], may_fail=True)


def verify_and_look(wizard: Wizard) -> None:
    """Verify it now, and look at what was found."""
    verify(wizard)
    wizard.go("success")


def seen_long_ago(wizard: Wizard) -> None:
    """Let the role have answered for the first time three minutes ago."""
    with closing(sqlite3.connect(wizard.visitor.sandbox.data / "rolecall.db", timeout=10)) as db, db:
        db.execute(
            "update connections set role_seen_at = '2020-01-01T00:00:00.000+00:00', version = version + 1 where id = ?",
            [wizard.connection_id],
        )
