"""The external ID: fresh at every load of step 3, until one is taken; then that one stays."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Wizard


def test_reloading_between_copying_and_creating_keeps_the_copied_id_and_the_role_matches(wizard: Wizard) -> None:
    wizard.visitor.allow_clipboard()
    wizard.name_account()
    console = wizard.launch("show me every AWS page")
    wizard.go(3)
    copy_external_id(wizard)
    copied = wizard.external_id
    wizard.page.reload()
    assert wizard.external_id == copied

    console.press("Next")
    console.page.get_by_label("External ID").focus()
    console.page.keyboard.press("Control+V")
    console.press("Next")
    console.press("Next")
    console.create_stack()

    wizard.see_success()
    assert wizard.row["bound_external_id"] == copied


def test_an_id_selected_by_hand_in_an_earlier_load_still_connects(wizard: Wizard) -> None:
    wizard.name_account()
    console = wizard.launch("show me every AWS page")
    wizard.go(3)
    selected = wizard.external_id
    for _ in range(3):
        wizard.page.reload()
    assert wizard.external_id != selected

    console.press("Next")
    console.page.get_by_label("External ID").fill(selected)
    console.press("Next")
    console.press("Next")
    console.create_stack()

    wizard.see_success()
    assert wizard.row["bound_external_id"] == selected
    wizard.go(3)
    assert wizard.external_id == selected


def test_every_load_gives_a_fresh_id_and_twenty_are_the_most(wizard: Wizard) -> None:
    shown = []
    for _ in range(23):
        page = wizard.visitor.context.request.get(wizard.url(3)).text()
        shown.append(page.partition('id="external-id">')[2].partition("<")[0])

    assert "" not in shown
    assert len(set(shown[:20])) == 20
    assert set(shown[20:]) == {shown[19]}


def test_copy_keeps_the_id_on_screen_even_where_another_window_was_shown_a_newer_one(wizard: Wizard) -> None:
    wizard.visitor.allow_clipboard()
    wizard.go(3)
    on_screen = wizard.external_id
    other = wizard.visitor.context.new_page()
    other.goto(wizard.url(3))
    assert other.locator("#external-id").inner_text() != on_screen

    wizard.page.bring_to_front()
    copy_external_id(wizard)

    assert wizard.page.evaluate("navigator.clipboard.readText()") == on_screen
    other.reload()
    assert other.locator("#external-id").inner_text() == on_screen


def copy_external_id(wizard: Wizard) -> None:
    """Press Copy beside the external ID, and wait until the server knows."""
    with wizard.page.expect_response(lambda answer: answer.url.endswith("/pin")) as pinned:
        wizard.page.get_by_role("button", name="Copy external ID").click()
    assert pinned.value.status == 204
    expect(wizard.page.get_by_role("button", name="external ID")).to_contain_text("Copied")
