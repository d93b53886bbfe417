"""A session that has ended is renewed by the portal while the client goes on, and nothing typed is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.browser.framed.frame import Portal, in_every_policy


def end_sessions(portal: Portal) -> None:
    """Let a day go by for every session of this client."""
    with closing(sqlite3.connect(portal.visitor.sandbox.data / "rolecall.db", timeout=10)) as db, db:
        db.execute(
            "update portal_launches set exchanged_at = '2020-01-01T00:00:00.000+00:00' "
            "where tenant_id = (select id from tenants where reference = ?)",
            [portal.client],
        )


@in_every_policy
def test_a_link_a_form_and_the_live_panel_go_on_once_the_portal_has_renewed_the_session(portal: Portal) -> None:
    end_sessions(portal)
    portal.follow("Next: confirm the template")
    portal.see_heading("Confirm the template")

    portal.follow("Step 9")
    portal.see_heading("Paste the role ARN")
    arn = f"arn:aws:iam::{portal.visitor.account_id}:role/northwind-{portal.row['handle']}"
    portal.wizard.get_by_label("Role ARN").fill(arn)
    end_sessions(portal)
    portal.follow("Validate")
    expect(portal.wizard.get_by_text("We watch arn:")).to_be_visible()
    assert portal.row["claimed_role_arn"] == arn

    portal.follow("Step 1")
    portal.see_heading("Create the role")
    console = portal.launch()
    end_sessions(portal)
    console.create_stack()
    portal.see_success()
