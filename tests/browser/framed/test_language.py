"""The language inside the portal: chosen by hand in the frame, or the browser's own."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.framed.frame import Portal, in_every_policy


@in_every_policy
def test_a_language_chosen_in_the_frame_stays_on_the_page_and_on_those_that_follow(portal: Portal) -> None:
    portal.follow("Next: confirm the template")
    portal.see_heading("Confirm the template")
    where = portal.path

    portal.wizard.get_by_role("button", name="Deutsch").click()

    portal.see_heading("Vorlage bestätigen")
    expect(portal.wizard.locator("html")).to_have_attribute("lang", "de")
    assert portal.path == where
    portal.follow("Weiter: Name und externe ID")
    portal.see_heading("Geben Sie dem Stack einen Namen und die externe ID")
    expect(portal.wizard.locator("html")).to_have_attribute("lang", "de")


def test_a_frame_opens_in_the_browsers_language(new_portal) -> None:
    portal = new_portal(locale="ja")
    portal.page.goto(f"{portal.visitor.sandbox.portal_url}/{portal.client}")

    portal.see_heading("お客様の AWS アカウントにロールを作成する")
    expect(portal.wizard.locator("html")).to_have_attribute("lang", "ja")
