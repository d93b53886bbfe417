"""The hand-over in two browsers: the asker's, who has no AWS rights, and the colleague's, who has."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import axe_finds, looks
from tests.browser.inline import inline_in
from tests.browser.keyboard import tab_to
from tests.browser.sandbox_process import Sandbox, database
from tests.browser.visitor import Visitor, Wizard

NewVisitor = Callable[..., Visitor]


@pytest.fixture
def asker(new_visitor: NewVisitor) -> Wizard:
    """Somebody who started, and has not named the account."""
    return new_visitor().start()


@pytest.fixture
def colleague(new_visitor: NewVisitor) -> Visitor:
    """Somebody with AWS rights, who has never been here."""
    return new_visitor()


def hand_over(asker: Wizard, *, name: str = "Sam", days: str = "3 days") -> str:
    """Make a link on the asker's page, and return it as it stands there."""
    asker.go(1)
    asker.page.locator("main").get_by_role("link", name="Hand over to a colleague").click()
    asker.page.get_by_label("Your name").fill(name)
    asker.page.get_by_label(days, exact=True).check()
    asker.page.get_by_role("button", name="Make the link").click()
    return asker.page.locator("#handover_link").inner_text()


def accept(colleague: Visitor, link: str, company: str) -> Wizard:
    """Open the link, press the button that names the company, and return the wizard behind it."""
    page = colleague.context.new_page()
    page.goto(link)
    page.get_by_role("button", name=f"Go on for {company}").click()
    page.wait_for_url(re.compile("/connect/"))
    return Wizard(colleague, page)


def events_of(sandbox: Sandbox, connection_id: str) -> list[tuple[str, str]]:
    with closing(database(sandbox)) as db:
        rows = db.execute("select kind, actor from events where connection_id = ? order by id", [connection_id])
        return [(kind, actor) for kind, actor in rows]


def end(sandbox: Sandbox, connection_id: str) -> None:
    """Let the connection's hand-overs have ended, and their first openings be long ago."""
    ended = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="milliseconds")
    long_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="milliseconds")
    with closing(database(sandbox)) as db, db:
        db.execute(
            "update handovers set expires_at = ?, opened_at = case when opened_at is null then null else ? end "
            "where connection_id = ?",
            [ended, long_ago, connection_id],
        )


def test_the_asker_sees_opened_stack_and_connected_live_while_the_colleague_does_the_work(
    asker: Wizard, colleague: Visitor, sandbox: Sandbox
) -> None:
    company = asker.visitor.company
    link = hand_over(asker)
    expect(asker.panel).to_contain_text("Your colleague has not opened the link yet")
    asker.mark_window()

    theirs = accept(colleague, link, company)
    expect(asker.panel).to_contain_text("Your colleague opened the link")
    expect(theirs.page.locator(".bar .for")).to_have_text(f"Connecting for {company} · asked by Sam")
    expect(theirs.page.get_by_text(f"You are connecting this account for {company}.")).to_be_visible()

    theirs.name_account()
    account_id = colleague.account_id
    expect(asker.panel).to_contain_text(f"Role appears in {account_id[:4]}-{account_id[4:8]}-{account_id[8:]}")
    console = theirs.launch()
    expect(asker.panel.locator("li[data-s=done]", has_text="AWS page opened")).to_be_visible()
    with sandbox.settings(propagation_seconds=1.5):
        console.create_stack()
        expect(asker.panel.locator("li[data-s=done]", has_text="Role appeared")).to_be_visible()

    asker.see_success()
    theirs.see_success()
    assert asker.was_never_reloaded()
    assert asker.row["account_id"] == account_id
    done = events_of(sandbox, asker.connection_id)
    assert [actor for kind, actor in done if kind in ("connection.started", "handover.made")] == ["tenant"] * 2
    for kind in ("handover.opened", "account.named", "connection.launched", "external_id.issued"):
        assert (kind, "colleague") in done, kind
        assert (kind, "tenant") not in done, kind
    assert done[-1] == ("connection.connected", "worker")


def test_a_revoked_link_is_dead_at_once(asker: Wizard, colleague: Visitor) -> None:
    link = hand_over(asker)
    theirs = accept(colleague, link, asker.visitor.company)
    expect(asker.panel).to_contain_text("Your colleague opened the link")

    asker.page.get_by_role("button", name="Revoke").click()
    expect(asker.page.locator(".handovers li")).to_contain_text("Revoked")

    # Their page says so by its next poll, without a hand on it; what is pressed meanwhile does nothing.
    expect(theirs.page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert theirs.go(1).status == 410
    page = colleague.context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    expect(page.locator("main").get_by_role("button")).to_have_count(0)


def test_an_expired_link_offers_to_ask_again_and_the_asker_makes_a_new_one_with_one_click(
    asker: Wizard, colleague: Visitor, sandbox: Sandbox
) -> None:
    link = hand_over(asker)
    end(sandbox, asker.connection_id)
    asker.go(4)
    expect(asker.panel).to_contain_text("Your colleague did not open the link in time")
    page = colleague.context.new_page()
    page.goto(link)

    page.get_by_role("button", name="Ask for a new link").click()
    expect(page.get_by_text("You asked for a new link")).to_be_visible()

    expect(asker.panel).to_contain_text("The link expired before your colleague used it. They ask for a new one.")
    asker.page.get_by_role("button", name="Make a new link").click()
    again = asker.page.locator("#handover_link").inner_text()
    assert again != link
    accept(colleague, again, asker.visitor.company)
    expect(asker.panel).to_contain_text("Your colleague opened the link")


def test_a_link_forwarded_by_a_stranger_connects_nothing_that_nobody_named(
    asker: Wizard, colleague: Visitor, sandbox: Sandbox
) -> None:
    """The victim reads whom it is for before anything, and a stack whose account nobody named connects nothing."""
    stranger = asker.visitor.company
    link = hand_over(asker, name="AWS Security Team")
    page = colleague.context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Connect an AWS account for {stranger}")
    expect(page.get_by_text(f"Go on only if you know {stranger} and expect this.")).to_be_visible()
    expect(page.get_by_text("(the name as they typed it)")).to_be_visible()
    assert page.goto(asker.url(1)).status == 404  # type: ignore[union-attr]

    theirs = accept(colleague, link, stranger)
    theirs.launch().create_stack()

    expect(theirs.panel).to_contain_text("Is this account yours?")
    expect(theirs.panel).to_contain_text(f"You are connecting it for {stranger}")
    theirs.page.wait_for_timeout(4000)
    assert (asker.row["status"], asker.row["account_id"], asker.row["role_arn"]) == ("waiting", None, None)
    for number in range(1, 10):
        theirs.go(number)
        expect(theirs.page.locator(".bar .for")).to_contain_text(f"Connecting for {stranger}")


def test_the_token_is_in_no_log_and_no_referer(asker: Wizard, colleague: Visitor, sandbox: Sandbox) -> None:
    requests: list[Request] = []

    def hear(request: Request) -> None:
        requests.append(request)

    for context in (asker.visitor.context, colleague.context):
        context.on("request", hear)
    link = hand_over(asker)
    token = urlsplit(link).path.removeprefix("/h/")
    theirs = accept(colleague, link, asker.visitor.company)
    theirs.name_account()
    theirs.launch().create_stack()
    theirs.see_success()
    page = colleague.context.new_page()
    page.goto(link)
    page.locator(".brand").click()
    end(sandbox, asker.connection_id)
    page.goto(link)
    sent = [(request.url, what_it_tells(request)) for request in requests]

    assert [url for url, told in sent if token in told] == []
    assert {urlsplit(url).path for url, _ in sent if token in url} == {f"/h/{token}"}
    # The style sheet of the link's page, and the form on it, were sent with the origin alone.
    assert f"{sandbox.wizard_url}/" in {told.strip() for _, told in sent}
    logged = sandbox.output.read_text()
    assert "route=/h/<token>" in logged
    assert token not in logged


def what_it_tells(request: Request) -> str:
    """Return what a request says of the page it comes from."""
    headers = request.all_headers()
    return f"{headers.get('referer', '')} {headers.get('hx-current-url', '')}"


def test_the_link_is_copied_mailed_and_scanned(asker: Wizard) -> None:
    asker.visitor.allow_clipboard()
    link = hand_over(asker)

    asker.page.get_by_role("button", name="Copy Link").click()
    expect(asker.page.get_by_role("button", name="Copied")).to_be_visible()
    assert asker.page.evaluate("navigator.clipboard.readText()") == link
    mail = asker.page.get_by_role("link", name="Write an email with this link").get_attribute("href") or ""
    assert mail.startswith("mailto:?subject=Please%20connect")
    code = asker.page.get_by_role("img", name="QR code of the link")
    assert code.evaluate("(image) => image.complete && image.naturalWidth > 100")


def test_the_keyboard_alone_hands_over_and_accepts(asker: Wizard, colleague: Visitor) -> None:
    page = asker.page
    tab_to(page, "main a:has-text('Hand over to a colleague')")
    page.keyboard.press("Enter")
    page.wait_for_url(asker.url("handover"))
    tab_to(page, "#asked_by")
    page.keyboard.type("Sam")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("7 days")).to_be_checked()
    tab_to(page, "button:has-text('Make the link')")
    page.keyboard.press("Space")
    link = page.locator("#handover_link").inner_text()
    tab_to(page, "button:has-text('Copy')")

    there: Page = colleague.context.new_page()
    there.goto(link)
    tab_to(there, "button:has-text('Go on for')")
    there.keyboard.press("Enter")
    there.wait_for_url(asker.url(1))


def test_without_javascript_both_sides_do_the_same(new_visitor: NewVisitor) -> None:
    asker = new_visitor(java_script_enabled=False).start()
    link = hand_over(asker)
    theirs = accept(new_visitor(java_script_enabled=False), link, asker.visitor.company)

    expect(theirs.page.get_by_role("heading", level=1)).to_have_text("Create the role in your AWS account")
    asker.go("handover")
    expect(asker.page.locator(".handovers li")).to_contain_text("First opened on")
    asker.page.get_by_role("button", name="Revoke").click()
    assert theirs.go(1).status == 410


def test_axe_finds_nothing_on_any_page_of_a_hand_over(
    asker: Wizard, colleague: Visitor, sandbox: Sandbox, shots: Path | None
) -> None:
    found: list[str] = []

    def look(name: str, page: Page) -> None:
        found.extend(f"{name}: {what}" for what in inline_in(page))
        for width, scheme, rules in looks(narrow=390):
            violations = axe_finds(page, width=width, scheme=scheme, rules=rules)
            found.extend(f"{name}, {width} wide, {scheme}: {what}" for what in violations)
            if shots is not None:
                page.screenshot(path=shots / f"{name}-{width}-{scheme}.png".replace(" ", "-"), full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})

    asker.go("handover")
    look("hand-over, empty", asker.page)
    asker.page.evaluate("document.getElementById('asked_by').removeAttribute('maxlength')")
    asker.page.get_by_label("Your name").fill("x" * 81)
    asker.page.get_by_role("button", name="Make the link").click()
    expect(asker.page.locator("#asked_by_error")).to_be_visible()
    look("hand-over, refused", asker.page)
    asker.go(1)
    link = hand_over(asker)
    look("hand-over, sent", asker.page)
    page = colleague.context.new_page()
    page.goto(link)
    look("colleague, asked", page)
    theirs = accept(colleague, link, asker.visitor.company)
    look("colleague, step 1", theirs.page)
    asker.go("handover")
    look("hand-over, opened", asker.page)
    end(sandbox, asker.connection_id)
    page.goto(link)
    look("colleague, expired", page)
    assert theirs.go(1).status == 410
    look("colleague, ended", theirs.page)
    page.get_by_role("button", name="Ask for a new link").click()
    look("colleague, asked again", page)
    asker.go(1)
    look("hand-over, asked again", asker.page)

    assert found == [], "\n".join(found)
