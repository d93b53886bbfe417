"""What passes between the two windows: to the registered origin alone, from the exact window alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.framed.frame import NORMAL, Portal, in_policies
from tests.browser.visitor import wait_until

# Written before any script of a page runs: what arrives, and what is sent to whom.
LISTEN = """
window.heard = [];
addEventListener("message", (event) => window.heard.push({ origin: event.origin, ...event.data }), true);
"""


def heard(portal: Portal, kind: str) -> list[dict[str, Any]]:
    return [m for m in portal.page.evaluate("window.heard") if m.get("type") == kind]


def stranger(portal: Portal, script: str) -> None:
    """Run a script in a window of a third site, which knows the wizard's window."""
    portal.page.evaluate(
        """([url, script]) => new Promise((resolve) => {
            const other = document.createElement("iframe");
            other.srcdoc = `<script>${script}<\\/script>`;
            other.sandbox = "allow-scripts";
            other.onload = () => setTimeout(resolve, 300);
            document.body.append(other);
        })""",
        [portal.visitor.sandbox.wizard_url, script],
    )


def see_refused(page: Page) -> None:
    """Wait until the browser has put its own error in place of the page's last frame."""
    wait_until(page, lambda: page.frames[-1].url.startswith("chrome-error:"))


@pytest.fixture
def listening(new_portal: Any) -> Portal:
    portal: Portal = new_portal()
    portal.page.add_init_script(LISTEN)
    return portal.open()


def test_the_portal_hears_ready_height_status_and_success_as_documented(listening: Portal) -> None:
    portal = listening
    portal.connect()

    portal.page.wait_for_function("heard.some(({ status }) => status === 'connected')")
    assert heard(portal, "ready")
    assert all(m["height"] > 100 for m in heard(portal, "height"))
    statuses = [(m["status"], m["accountId"]) for m in heard(portal, "status")]
    assert statuses[0] == ("draft", None)
    assert statuses[-1] == ("connected", portal.visitor.account_id)
    assert {m["connection"] for m in heard(portal, "status")} == {portal.row["handle"]}
    assert {m["origin"] for m in portal.page.evaluate("window.heard")} == {portal.visitor.sandbox.wizard_url}
    allowed = {"origin", "rolecall", "type", "height", "status", "connection", "accountId"}
    assert {key for m in portal.page.evaluate("window.heard") for key in m} <= allowed


def test_no_other_window_is_told_anything_nor_any_other_origin(portal: Portal) -> None:
    targets = portal.frame.evaluate("document.querySelector('meta[name=rolecall-parent]').content")
    assert targets == portal.visitor.sandbox.portal_url
    script = portal.frame.evaluate("fetch(document.querySelector('script[src*=framed]').src).then((r) => r.text())")
    assert script.count("postMessage(") == 1
    assert "postMessage({ rolecall: 1, type, ...facts }, parentOrigin)" in script


@in_policies(NORMAL)
def test_a_message_of_another_window_is_not_heard_by_the_portal(listening: Portal) -> None:
    portal = listening
    said = '{ rolecall: 1, type: \\"status\\", status: \\"connected\\", connection: \\"x\\", accountId: \\"999\\" }'
    stranger(portal, f"parent.postMessage({said.replace(chr(92), '')}, '*');")
    portal.page.evaluate(
        "window.postMessage({ rolecall: 1, type: 'status', status: 'connected', connection: 'x', accountId: '9' }, '*')"
    )
    portal.page.wait_for_timeout(300)

    assert len([m for m in heard(portal, "status") if m["status"] == "connected"]) == 2, "they did arrive"
    expect(portal.page.locator("#outcome")).to_have_text("Connect an AWS account to see what it costs.")


def test_a_launch_from_another_window_or_of_another_origin_is_not_taken(portal: Portal) -> None:
    sandbox = portal.visitor.sandbox
    before = portal.path
    portal.page.evaluate("() => { window.Rolecall = null; }")
    asked = portal.page.evaluate(f"fetch('/{portal.client}/launch', {{ method: 'POST' }}).then((r) => r.json())")
    posts: list[str] = []
    portal.visitor.context.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)

    stranger(portal, f"top.frames[0].postMessage({{ rolecall: 1, type: 'launch', url: '{asked['url']}' }}, '*');")
    elsewhere = asked["url"].replace(sandbox.wizard_url, "http://evil.localhost:1")
    portal.page.evaluate("""(url) => frames[0].postMessage({ rolecall: 1, type: "launch", url }, "*")""", elsewhere)
    portal.page.evaluate("""(url) => frames[0].postMessage({ rolecall: 1, type: "launch", url }, "*")""", asked["url"])
    portal.page.wait_for_timeout(500)

    assert [url for url in posts if "/embed/" in url] == [], "nobody had asked for one"
    assert portal.path == before


@in_policies(NORMAL)
def test_a_site_that_is_not_registered_cannot_frame_the_wizard(portal: Portal) -> None:
    url = portal.page.evaluate(f"fetch('/{portal.client}/launch', {{ method: 'POST' }}).then((r) => r.json())")["url"]
    page = portal.visitor.context.new_page()
    page.route(
        "http://evil.localhost:*/**",
        lambda route: route.fulfill(body=f"<iframe src='{url}'></iframe>", content_type="text/html"),
    )
    page.goto(f"http://evil.localhost:{portal.visitor.sandbox.port + 3}/")

    see_refused(page)
    portal.visitor.problems.clear()


@in_policies(NORMAL)
def test_the_standalone_wizard_is_framed_by_nobody_the_portal_neither(portal: Portal) -> None:
    sandbox = portal.visitor.sandbox
    for path in ("/", "/connections", "/nope", f"/connect/{portal.connection_id}/step/1"):
        portal.page.evaluate(
            """(url) => {
              const frame = document.createElement("iframe");
              Object.assign(frame, { src: url, name: "other" });
              document.body.append(frame);
            }""",
            sandbox.wizard_url + path,
        )
        see_refused(portal.page)
        portal.page.evaluate("document.querySelector('iframe[name=other]').remove()")
    portal.visitor.problems.clear()


def test_the_script_holds_the_frame_in_a_sandbox_and_names_it(portal: Portal) -> None:
    frame = portal.page.locator("iframe")

    expect(frame).to_have_attribute("title", "Connect your AWS account")
    expect(frame).to_have_attribute("referrerpolicy", "no-referrer")
    expect(frame).to_have_attribute("allow", "clipboard-write")
    allowed = (frame.get_attribute("sandbox") or "").split()
    assert "allow-popups-to-escape-sandbox" in allowed
    assert "allow-top-navigation" not in allowed


@in_policies(NORMAL)
def test_events_on_the_element_say_the_same_and_unmounting_ends_them(new_portal: Any) -> None:
    portal: Portal = new_portal()
    portal.page.goto(f"{portal.visitor.sandbox.portal_url}/{portal.client}")
    portal.see_heading("Create the role")
    portal.page.evaluate(
        """(client) => {
          window.events = [];
          const place = document.createElement("div");
          document.body.append(place);
          const note = ({ type, detail }) => window.events.push([type, detail.status ?? null]);
          for (const name of ["ready", "status", "error"]) place.addEventListener(`rolecall:${name}`, note);
          const launch = () => fetch(`/${client}/launch`, { method: "POST" }).then((r) => r.json());
          window.mounted = Rolecall.mount(place, { launch, title: "AWS" });
        }""",
        portal.client,
    )
    portal.page.wait_for_function("window.events.some(([type]) => type === 'rolecall:status')")

    events = portal.page.evaluate("window.events")
    assert events[0] == ["rolecall:ready", None]
    assert events[-1] == ["rolecall:status", "draft"]
    portal.page.evaluate("window.mounted.unmount()")
    assert portal.page.locator("iframe").count() == 1


@in_policies(NORMAL)
def test_a_launch_that_is_not_to_be_had_is_told(new_portal: Any) -> None:
    portal: Portal = new_portal()
    portal.page.goto(f"{portal.visitor.sandbox.portal_url}/{portal.client}")

    told = portal.page.evaluate(
        """() => new Promise((resolve) => Rolecall.mount(document.createElement("div"), {
          launch: () => fetch("/nothing/here/launch", { method: "POST" }),
          onError: (error) => resolve(error.message),
        }))"""
    )

    assert "404" in told
    assert portal.page.evaluate("Rolecall.version") == "1.0.0"
