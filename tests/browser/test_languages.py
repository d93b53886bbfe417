"""German with its long words, Japanese with its own letters: whole on every width, sound and light; and the choice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import PROJECT
from tests.browser import by_request
from tests.browser.axe import axe_finds
from tests.browser.role_by_hand import US_WITHOUT_ID, RoleByHand, trust_with
from tests.browser.sandbox_process import sound_trust
from tests.browser.visitor import Visitor, Wizard, an_account_id

LANGUAGES = ("de", "ja")
WIDTHS = (1280, 390, 320)
STEPS = tuple(range(1, 10))
# Between them they have everything that the answer to a pasted line can have.
LONG_FINDINGS = ("roles_forbidden", "boundary_demanded", "role_exists", "region_forbidden", "callback_denied")

# What is wider than the window, and text that its own box hides a part of. What only a screen reader hears is hidden.
CUT_OFF = """() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["the page"] : [];
  const told = (e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 60)}`;
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!e.textContent.trim() || !box.width || e.closest(".sr-only, .skip, .rail .name")) continue;
    if (box.right > innerWidth + 1 || box.left < -1) wide.push(told(e));
    if (style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) wide.push(told(e));
    if (e.matches("button, label, summary, dt") && e.scrollWidth > e.clientWidth + 1) wide.push(told(e));
    if (e.matches("select") && style.textOverflow !== "ellipsis") wide.push(told(e));
  }
  return wide;
}"""


def stack_lines() -> dict[str, str]:
    """Return what AWS says of a failed stack, by what is found in it."""
    cases = map(json.loads, (PROJECT / "tests/cases/stack_lines.jsonl").read_text("utf-8").splitlines())
    return {case["expected"]["code"]: case["text"] for case in cases if "partition" not in case["expected"]}


class Reader:
    """Reads what somebody else's browser does, in a language of their own."""

    def __init__(self, wizard: Wizard, new_visitor: Callable[..., Visitor], language: str) -> None:
        state = wizard.visitor.context.storage_state()
        self.wizard, self.language = wizard, language
        # Without motion: half turned, the arrow of a detail that opens is wider than its line.
        self.visitor = new_visitor(locale=language, storage_state=state, reduced_motion="reduce")
        self.page = self.visitor.context.new_page()

    def opens(self, *places: str | int) -> Iterator[tuple[str, Page]]:
        for place in places:
            self.page.set_viewport_size({"width": 1280, "height": 900})
            self.page.goto(self.wizard.url(place))
            yield f"{self.language} {self.wizard.row['status']} {self.wizard.row['finding'] or ''} {place}", self.page


def whole_story(wizard: Wizard, reader: Reader) -> Iterator[tuple[str, Page]]:
    """Every page of a connection on its way: untouched, waited for, silent, refused, mended, connected."""
    sandbox = wizard.visitor.sandbox
    reader.page.goto(sandbox.wizard_url + "/connections")
    yield f"{reader.language} connections", reader.page
    yield from reader.opens(*STEPS, "trouble", "no-such-page")
    by_request.launch(wizard)
    role = RoleByHand(wizard)
    yield from reader.opens(1, 3, 9, "command", "examine")
    reader.page.goto(wizard.url(9))
    reader.page.locator("#role_arn").fill("arn:aws:iam::210987654321:role/northwind-7kq2m9xd")
    reader.page.locator("form.paste button").click()
    expect(reader.page.locator("#role_arn_error")).to_be_visible()
    yield f"{reader.language} accounts disagree", reader.page
    role.make(sound_trust(role.external_id[:-4] + "0000"))
    sandbox.age(wizard.connection_id, timedelta(minutes=3))
    expect(wizard.panel.locator("[data-code=not_answering]")).to_be_visible()
    yield from reader.opens(6)
    role.trusts(trust_with(role.external_id, second=US_WITHOUT_ID))
    wizard.see_status("rejected")
    yield from reader.opens(6)
    reader.page.goto(wizard.url("examine"))
    reader.page.locator("#pasted").fill(role.printed())
    reader.page.locator("form.examine button").click()
    expect(reader.page.locator("[data-verdict=loose]")).to_be_visible()
    yield f"{reader.language} examined", reader.page
    role.trusts(sound_trust(role.external_id))
    wizard.see_success()
    yield from reader.opens("success", 3, 9)


def story_of_stacks(wizard: Wizard, reader: Reader) -> Iterator[tuple[str, Page]]:
    """Every page that comes of stacks that report: begun, in which account, silent, failed, deleted."""
    sandbox = wizard.visitor.sandbox

    def shown(what: str, *places: str | int) -> Iterator[tuple[str, Page]]:
        for name, page in reader.opens(*places):
            yield f"{name} {what}", page

    asked = by_request.launch(wizard, account_id="")
    yield from shown("stack awaited", 1, 6, "link")
    by_request.create_stack(wizard, asked)
    expect(wizard.panel.locator(".question button")).to_be_visible()
    yield from shown("whose account", 6)
    wizard.panel.get_by_role("button", name="Yes, connect").click()
    wizard.see_success()
    by_request.delete_stack(wizard, asked["stackName"])
    wizard.see_status("degraded")
    yield from shown("stack deleted", "success", "receipt")
    reader.page.goto(sandbox.wizard_url + "/connections")
    yield f"{reader.language} connections with a receipt", reader.page

    reader.wizard = other = wizard.visitor.connect_another()
    asked = by_request.launch(other, account_id=an_account_id())
    sandbox.age(other.connection_id, timedelta(seconds=70))
    expect(other.panel.locator("#launch_plain")).to_be_visible()
    yield from shown("silent", 6)
    by_request.create_stack(other, asked, account_id=an_account_id())
    expect(other.panel.locator(".question button")).to_be_visible()
    yield from shown("other account", 6)

    reader.wizard = failed = wizard.visitor.connect_another()
    asked = by_request.launch(failed, account_id=an_account_id())
    by_request.create_stack(failed, asked, fault="no-rights")
    expect(failed.panel.locator("#stack_line")).to_be_visible()
    yield from shown("did not finish", 6)
    for code in LONG_FINDINGS:
        reader.page.goto(failed.url("trouble"))
        reader.page.locator("#pasted").fill(stack_lines()[code])
        reader.page.locator("form.examine button").click()
        expect(reader.page.locator(f"[data-code={code}]")).to_be_visible()
        yield f"{reader.language} trouble {code}", reader.page


Story = Callable[[Wizard, Reader], Iterator[tuple[str, Page]]]
# Each with whether stacks report in its sandbox.
STORIES = {"role": (whole_story, False), "stack": (story_of_stacks, True)}


@pytest.mark.parametrize(("story", "sandbox"), STORIES.values(), ids=STORIES, indirect=["sandbox"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_and_axe_finds_nothing(
    wizard: Wizard, new_visitor: Callable[..., Visitor], language: str, story: Story, shots: Path | None
) -> None:
    reader = Reader(wizard, new_visitor, language)
    found: list[str] = []
    for name, page in story(wizard, reader):
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{name}, {width} wide: {what}" for what in page.evaluate(CUT_OFF)]
            if shots is not None:
                page.screenshot(path=shots / f"{name}-{width}.png".replace(" ", "-"), full_page=True)
        found += [f"{name}: {what}" for what in axe_finds(page, width=390, scheme="dark")]
        if shots is not None:
            page.screenshot(path=shots / f"{name}-390-dark.png".replace(" ", "-"), full_page=True)
        page.emulate_media(color_scheme="light")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [
        ("de-AT", "de", "Verbinden Sie Ihr AWS-Konto"),
        ("ja-JP", "ja", "AWS アカウントを"),
        ("fr-FR", "en", "Connect your AWS account"),
    ],
)
def test_the_browser_says_which_and_english_is_for_the_rest(
    new_visitor: Callable[..., Visitor], locale: str, language: str, words: str
) -> None:
    page = new_visitor(locale=locale).context.new_page()
    page.goto(new_visitor().sandbox.wizard_url)

    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


@pytest.mark.parametrize("with_script", [True, False])
def test_by_hand_with_the_keyboard_alone_it_stays_on_the_page(
    new_visitor: Callable[..., Visitor], with_script: bool
) -> None:
    wizard = new_visitor(java_script_enabled=with_script).start()
    page = wizard.page
    page.goto(wizard.url(4))
    page.get_by_role("button", name="Deutsch").focus()
    page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(wizard.url(4))
    expect(page.get_by_role("button", name="Deutsch")).to_have_attribute("aria-current", "true")
    page.goto(wizard.url(5))
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_success_arrives_in_the_language_and_changing_it_there_stays_there(
    wizard: Wizard, new_visitor: Callable[..., Visitor]
) -> None:
    reader = Reader(wizard, new_visitor, "ja")
    reader.page.goto(wizard.url(6))
    by_request.connect(wizard)

    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("が接続されました")
    expect(reader.page).to_have_title("接続済み · Northwind Cost")
    reader.page.get_by_role("button", name="Deutsch").click()
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("ist verbunden")
    expect(reader.page).to_have_url(wizard.url("success"))


@pytest.mark.parametrize(
    ("language", "before", "after"), [("de", "Kopieren", "Kopiert ✓"), ("ja", "コピー", "コピー済み ✓")]
)
def test_the_copy_button_answers_in_the_language(
    new_visitor: Callable[..., Visitor], language: str, before: str, after: str
) -> None:
    wizard = new_visitor(locale=language).start()
    wizard.visitor.allow_clipboard()
    wizard.go(3)
    button = wizard.page.locator("[data-copy=stack-name]")
    expect(button).to_contain_text(before)
    button.click()

    expect(button).to_contain_text(after)
